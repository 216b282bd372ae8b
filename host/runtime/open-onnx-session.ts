import { Tensor as OrtTensor } from 'onnxruntime-node';
import type { OnnxFile, OnnxPort } from '../../models/onnx/onnx-file.ts';
import type { LoadingMode } from '../../models/onnx/session-options.ts';
import { fail, ok, type Result } from '../../nodes/problem.ts';
import { elementCount } from '../../nodes/tensor.ts';
import { castTensor, FOREIGN_TYPES, foreignType } from './onnx-tensors.ts';
import type { Feeds, OpenSession, SessionStore } from './session-store.ts';

/** A graph that somebody else wrote, as the runtime opens it. */
export interface ForeignRequest {
  readonly file: OnnxFile;
  readonly key: string;
  /** How people know it: `the U-Net of sd-onnx`. */
  readonly title: string;
  readonly mode: LoadingMode;
  /** See `ForeignGraph`. */
  readonly added?: Uint8Array;
}

/** A session that takes and gives float32 whatever the graph is written in. */
export interface ForeignSession extends OpenSession {
  /** So many rows at once and no others; undefined: any number. */
  readonly batch: number | undefined;
}

/**
 * Opens a graph of somebody else's so that it runs like one that was written here: values are turned into the types that it declares and
 * back into float32, sizes that it is fixed to are checked, and missing rows of a fixed batch are filled up.
 */
export async function openOnnxSession(sessions: SessionStore, request: ForeignRequest): Promise<Result<ForeignSession>> {
  const { file, key, title, mode, added } = request;
  for (const port of file.inputs) {
    if (foreignType(port.type) !== undefined) continue;
    const sentence = `${title} takes ${port.name} as ${port.type ?? 'something that is no tensor of numbers'}; ${FOREIGN_TYPES.join(', ')} are supported. Export it in float32.`;
    return fail('model.unsupported', capital(sentence));
  }
  const opened = await sessions.open({
    key,
    title,
    mode,
    build: () => {
      const { path, elsewhere } = file;
      return ok({ file: path, ...(added === undefined ? {} : { added }), ...(elsewhere === undefined ? {} : { elsewhere }) });
    },
  });
  if (!opened.ok) return opened;
  const first = file.inputs[0]?.shape?.[0];
  const batch = typeof first === 'number' && (file.inputs[0]?.shape?.length ?? 0) > 1 ? first : undefined;
  return ok({
    inputNames: opened.value.inputNames,
    batch,
    async run(feeds) {
      const fitted = fitFeeds(file, title, feeds, batch);
      if (!fitted.ok) return fitted;
      const found = await opened.value.run(fitted.value.feeds);
      if (!found.ok) return found;
      const { rows } = fitted.value;
      const result: Record<string, OrtTensor> = {};
      for (const [name, value] of Object.entries(found.value)) {
        const wide = castTensor(value, 'float32');
        result[name] = batch === undefined || rows === batch || wide.dims[0] !== batch ? wide : withRows(wide, rows);
      }
      return ok(result);
    },
  });
}

function fitFeeds(
  file: OnnxFile,
  title: string,
  feeds: Feeds,
  batch: number | undefined,
): Result<{ feeds: Record<string, OrtTensor>; rows: number }> {
  const rows = feeds[file.inputs[0]?.name ?? '']?.dims[0] ?? 1;
  if (batch !== undefined && rows > batch) throw new Error('rows of a fixed batch are cut before they are run');
  const fitted: Record<string, OrtTensor> = {};
  for (const port of file.inputs) {
    const type = foreignType(port.type);
    const given = feeds[port.name];
    if (given === undefined || type === undefined) {
      return fail(
        'model.unsupported',
        capital(`${title} wants an input ${port.name} (${describePort(port)}), which nothing here gives. Export it without.`),
      );
    }
    const filled = batch !== undefined && rows < batch && given.dims.length > 1 && given.dims[0] === rows ? withRows(given, batch) : given;
    const dims = fitDims(port, filled.dims);
    if (dims === undefined) {
      const sentence = `${title} was exported for ${port.name} of ${describePort(port)}, and gets ${filled.dims.join('×') || 'one number'}. Choose the size it was exported for, or export it with open sizes.`;
      return fail('node.invalidInput', capital(sentence));
    }
    if ((type === 'int64' || type === 'int32') && filled.type === 'float32' && !(filled.data as Float32Array).every(Number.isInteger)) {
      const sentence = `${title} was exported for whole numbers in ${port.name}, and gets ${String(filled.data[0])}. Choose a scheduler whose timesteps are whole numbers (such as ddim, or euler with leading spacing).`;
      return fail('node.invalidInput', capital(sentence));
    }
    fitted[port.name] = castTensor(elementCount(dims) === filled.size ? filled : withRows(filled, elementCount(dims)), type, dims);
  }
  return ok({ feeds: fitted, rows });
}

/** The sizes that a value has to have; undefined where it can't. One number may become none or several equal ones. */
function fitDims({ shape }: OnnxPort, dims: readonly number[]): readonly number[] | undefined {
  if (shape === undefined) return dims;
  if (dims.length === 1 && dims[0] === 1) {
    if (shape.length === 0) return [];
    if (shape.length === 1 && typeof shape[0] === 'number') return [shape[0]];
  }
  const fits = shape.length === dims.length && shape.every((size, axis) => typeof size !== 'number' || size === dims[axis]);
  return fits ? dims : undefined;
}

/** As many rows: the last one repeated, or the first ones alone. */
function withRows(value: OrtTensor, rows: number): OrtTensor {
  const [own = 1, ...inner] = value.dims;
  const stride = value.size / own;
  const wide = castTensor(value, 'float32').data as Float32Array; // what it was cast to
  const data = new Float32Array(rows * stride);
  for (let row = 0; row < rows; row++) {
    const from = Math.min(row, own - 1) * stride;
    data.set(wide.subarray(from, from + stride), row * stride);
  }
  return new OrtTensor('float32', data, [rows, ...inner]);
}

function describePort({ type, shape }: OnnxPort): string {
  const sizes = shape === undefined ? 'any shape' : shape.length === 0 ? 'one number' : shape.map((size) => size ?? '?').join('×');
  return `${sizes}, ${type ?? 'no tensor'}`;
}

function capital(sentence: string): string {
  return sentence.charAt(0).toUpperCase() + sentence.slice(1);
}
