import { type Problem, type ProblemCode, problem } from '../../nodes/problem.ts';
import { elementCount } from '../../nodes/tensor.ts';
import type { TensorSource, WeightSource } from '../weights.ts';
import { ELEMENT_TYPES, storedFloat, WEIGHT_DTYPES } from './element-type.ts';
import { externalLocation } from './external-location.ts';
import type { Value } from './graph.ts';
import type { GraphBuilder } from './graph-builder.ts';
import { gather } from './operators.ts';

/** A matrix of weights, and which way round it lies. */
export interface MatrixWeight {
  /** float32 [out, in], or [in, out] where `transposed`. */
  readonly value: Value;
  readonly transposed: boolean;
}

/**
 * Gives a graph the weights that it asks for by name: each becomes an initializer that points into the file, and a Cast where the
 * file does not hold float32. What is missing or misshapen is remembered, so that building can go on and tell of it at the end.
 */
export class WeightBinder {
  readonly #graph: GraphBuilder;
  readonly #source: WeightSource;
  readonly #spellings: (name: string) => readonly string[];
  readonly #bound = new Map<string, Value>();
  #firstProblem: Problem | undefined;
  #problemCount = 0;
  #folder: string | undefined;

  /** `spellings` lists the names under which checkpoints of different age hold a tensor, the likeliest first. */
  constructor(graph: GraphBuilder, source: WeightSource, spellings: (name: string) => readonly string[] = (name) => [name]) {
    this.#graph = graph;
    this.#source = source;
    this.#spellings = spellings;
  }

  /** A weight as float32 of exactly this shape. It may be stored with other axes of size one. */
  tensor(name: string, shape: readonly number[]): Value {
    const found = this.#find(name);
    if (found?.transposed !== true) return this.#bind(name, found, shape);
    const stored = this.#bind(name, found, withoutOnes(shape).reverse());
    const turned = this.#graph.node('Transpose', [stored], `${name}/transposed`, { attributes: { perm: [1, 0] } });
    return this.#graph.node('Reshape', [turned, this.#graph.int64(shape)], `${name}/reshaped`);
  }

  /** The weights of a linear layer, whichever way round they are stored. */
  matrix(name: string, outFeatures: number, inFeatures: number): MatrixWeight {
    const found = this.#find(name);
    const transposed = found?.transposed === true;
    return { value: this.#bind(name, found, transposed ? [inFeatures, outFeatures] : [outFeatures, inFeatures]), transposed };
  }

  /**
   * The rows `from` … `to` (exclusive) of a weight as float32: a smaller piece of the same file, so that a product is split where its
   * weights lie instead of splitting its result. Undefined where the weight is stored so that its rows do not lie together.
   */
  rows(name: string, shape: readonly number[], from: number, to: number): Value | undefined {
    const found = this.#find(name);
    if (found?.transposed === true) return undefined;
    return this.#fits(name, found, shape) ? this.#declareRows(name, found, shape, from, to) : this.#standIn(name);
  }

  /**
   * Rows of a table by index: float32 […indices, width]. Of half floats only the rows that are taken are widened; CLIP's table of words
   * would take 150 MB. Other types are widened first, since not every provider gathers them.
   */
  lookUp(name: string, shape: readonly [rows: number, width: number], indices: Value, path: string): Value {
    const found = this.#find(name);
    if (found?.dtype !== 'F16' || found.transposed === true) return gather(this.#graph, path, this.tensor(name, shape), indices);
    if (!this.#fits(name, found, shape)) return this.#standIn(name);
    const taken = gather(this.#graph, `${path}/stored`, this.#store(name, found, shape), indices);
    return this.#graph.node('Cast', [taken], path, { attributes: { to: ELEMENT_TYPES.float32 } });
  }

  /** A tensor of another file as float32 of this shape, which need only have as many elements. */
  foreign(name: string, source: TensorSource, shape: readonly number[]): Value {
    return this.#bind(name, elementCount(source.shape) === elementCount(shape) ? { ...source, shape } : source, shape);
  }

  /** The rows `from` … `to` (exclusive) of a tensor of another file that has this shape. */
  foreignRows(name: string, source: TensorSource, shape: readonly number[], from: number, to: number): Value {
    if (from === 0 && to === shape[0]) return this.#bind(name, source, shape);
    return this.#fits(name, source, shape) ? this.#declareRows(name, source, shape, from, to) : this.#standIn(name);
  }

  /** The folder from which every external location starts. */
  get folder(): string {
    return this.#folder ?? '/';
  }

  /** Why the weights do not fit, or undefined where they do. */
  get problem(): Problem | undefined {
    const first = this.#firstProblem;
    const others = this.#problemCount - 1;
    if (first === undefined || others === 0) return first;
    return { ...first, message: `${first.message} ${others} more ${others === 1 ? 'tensor does' : 'tensors do'} not fit either.` };
  }

  #find(name: string): TensorSource | undefined {
    for (const spelling of this.#spellings(name)) {
      const found = this.#source.get(spelling);
      if (found !== undefined) return found;
    }
    return undefined;
  }

  #bind(name: string, found: TensorSource | undefined, shape: readonly number[]): Value {
    return this.#fits(name, found, shape) ? this.#declare(name, found, shape) : this.#standIn(name);
  }

  #declareRows(name: string, found: TensorSource, shape: readonly number[], from: number, to: number): Value {
    const [rows = 1, ...inner] = shape;
    const rowBytes = found.byteLength / rows;
    const piece = { ...found, byteOffset: found.byteOffset + from * rowBytes, byteLength: (to - from) * rowBytes };
    return this.#declare(`${name}[${from}:${to}]`, piece, [to - from, ...inner]);
  }

  #declare(name: string, found: TensorSource, shape: readonly number[]): Value {
    const key = `${name}[${shape.join()}]`;
    const known = this.#bound.get(key);
    if (known !== undefined) return known;
    const stored = this.#store(name, found, shape);
    const attributes = { to: ELEMENT_TYPES.float32 };
    const value = found.dtype === 'F32' ? stored : this.#graph.firstNode('Cast', [stored], `${name}/float32`, { attributes });
    this.#bound.set(key, value);
    return value;
  }

  #store(name: string, found: TensorSource, shape: readonly number[]): Value {
    const type = storedFloat(found.dtype)?.type ?? 'float32';
    const { location } = externalLocation(found.path);
    const { byteOffset, byteLength } = found;
    return this.#graph.external(name, type, shape, { kind: 'external', location, byteOffset, byteLength });
  }

  /** True where the bytes that were found are what the graph asks for; else says why not. */
  #fits(name: string, found: TensorSource | undefined, shape: readonly number[]): found is TensorSource {
    if (found === undefined) {
      return this.#refuse(
        'model.missingTensor',
        `The weights have no tensor ${name}, which should have shape ${list(shape)}. Choose weights and a config that belong together.`,
      );
    }
    const stored = storedFloat(found.dtype);
    if (stored === undefined) {
      return this.#refuse(
        'model.unsupported',
        `Tensor ${name} in ${found.path} is stored as ${found.dtype}; weights are read as ${WEIGHT_DTYPES.join(', ')}. Export the model as F16 or F32.`,
      );
    }
    if (withoutOnes(found.shape).join() !== withoutOnes(shape).join()) {
      return this.#refuse(
        'model.wrongShape',
        `Tensor ${name} should have shape ${list(shape)} by the config, but ${found.path} holds ${list(found.shape)}. Choose weights and a config that belong together.`,
      );
    }
    if (found.byteLength !== elementCount(found.shape) * stored.bytes) {
      return this.#refuse(
        'model.damaged',
        `Tensor ${name} in ${found.path} has ${found.byteLength} bytes, which is not what ${found.dtype} ${list(found.shape)} takes. Download the file again.`,
      );
    }
    const { folder } = externalLocation(found.path);
    this.#folder ??= folder;
    if (this.#folder === folder) return true;
    return this.#refuse('model.unsupported', `The weights lie on two drives, ${this.#folder} and ${folder}. Copy them to one drive.`);
  }

  #refuse(code: ProblemCode, message: string): false {
    this.#firstProblem ??= problem(code, message);
    this.#problemCount++;
    return false;
  }

  /** Takes the place of a weight that does not fit; the graph it is in is never handed out. */
  #standIn(name: string): Value {
    return { name: `${name}/missing` };
  }
}

/** Axes of size one hold no information: a 1×1 convolution has the weights of a linear layer. */
function withoutOnes(shape: readonly number[]): number[] {
  return shape.filter((size) => size !== 1);
}

function list(shape: readonly number[]): string {
  return `[${shape.join(', ')}]`;
}
