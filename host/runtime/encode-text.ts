import { Tensor as OrtTensor } from 'onnxruntime-node';
import { buildBert, parseBertConfig } from '../../models/architectures/bert.ts';
import { buildClipText, type ClipTextOutputs, hiddenStateName } from '../../models/architectures/clip-text.ts';
import { type ClipTextConfig, parseClipTextConfig } from '../../models/architectures/clip-text-config.ts';
import type { Checkpoint, TextEncoderComponent } from '../../models/checkpoint/checkpoint.ts';
import type { Device } from '../../models/onnx/build-options.ts';
import { loadTokenizer } from '../../models/tokenizers/load-tokenizer.ts';
import type { Encoding, Tokenizer } from '../../models/tokenizers/tokenizer.ts';
import type { TextRequest } from '../../nodes/context.ts';
import { fail, ok, type Result } from '../../nodes/problem.ts';
import type { ConditioningValue } from '../../nodes/socket-values.ts';
import { sizeAt, type Tensor, tensor, zeros } from '../../nodes/tensor.ts';
import type { MemoryMode } from '../evaluator/protocol.ts';
import { chooseLoadingMode } from './loading-mode.ts';
import type { SessionStore } from './session-store.ts';

/** What encoding takes from the runtime. */
export interface TextEquipment {
  readonly sessions: SessionStore;
  readonly device: Device;
  readonly memory: MemoryMode;
  /** Tokenizers by fingerprint and place, kept because reading a vocabulary takes longer than encoding. */
  readonly tokenizers: Map<string, Tokenizer>;
  note(message: string): void;
}

/** What one encoder makes of one text. */
interface Encoded {
  /** float32 [1, tokens, width]. */
  readonly states: Tensor;
  /** float32 [1, width]. */
  readonly pooled?: Tensor;
}

/**
 * A text as its checkpoint's U-Net takes it. Stable Diffusion 1 and 2: the final norm of the last layer, or of one `clipSkip` before it;
 * SDXL: the layer before the last of each encoder side by side, without the norm, and the second one's projected end token.
 */
export async function encodeText(
  checkpoint: Checkpoint,
  request: TextRequest,
  equipment: TextEquipment,
): Promise<Result<ConditioningValue>> {
  const { family, textEncoders } = checkpoint;
  const isXl = family === 'sdxl' || family === 'sdxl-refiner';
  const parts: Encoded[] = [];
  for (const [index, encoder] of textEncoders.entries()) {
    const prompt = index > 0 && request.prompt2 !== undefined && request.prompt2 !== null ? request.prompt2 : request.prompt;
    const text = { prompt: prompt ?? '', clipSkip: request.clipSkip, isXl, index };
    const encoded = await (encoder.kind === 'bert'
      ? encodeWithBert(checkpoint, encoder, text, equipment)
      : encodeWithClip(checkpoint, encoder, text, equipment));
    if (!encoded.ok) return encoded;
    parts.push(encoded.value);
  }
  const states = joinWidths(parts.map((part) => part.states));
  const pooled = parts.findLast((part) => part.pooled !== undefined)?.pooled;
  // diffusers: no negative prompt at all means zeros in SDXL, unlike the empty text.
  const isNothing = request.prompt === null && checkpoint.modelIndex.forceZerosForEmptyPrompt && isXl;
  return ok({
    kind: 'conditioning',
    family,
    states: isNothing ? zeros(states.shape) : states,
    ...(pooled === undefined ? {} : { pooled: isNothing ? zeros(pooled.shape) : pooled }),
  });
}

interface TextPart {
  readonly prompt: string;
  readonly clipSkip: number;
  readonly isXl: boolean;
  readonly index: number;
}

async function encodeWithClip(
  checkpoint: Checkpoint,
  encoder: TextEncoderComponent,
  { prompt, clipSkip, isXl, index }: TextPart,
  equipment: TextEquipment,
): Promise<Result<Encoded>> {
  const config = parseClipTextConfig(encoder.config);
  if (!config.ok) return config;
  const layer = config.value.layers - clipSkip - (isXl ? 1 : 0);
  if (layer < 1) {
    return fail(
      'node.invalidInput',
      `The text encoder of ${checkpoint.name} has ${config.value.layers} layers, so ${clipSkip} of them cannot be left out. Lower Clip skip.`,
      { socket: 'clipSkip' },
    );
  }
  const ids = await encodeIds(checkpoint, encoder, index, prompt, config.value, equipment);
  if (!ids.ok) return ids;
  const state = { layer, norm: !isXl };
  const outputs: ClipTextOutputs = { states: [state], projected: encoder.withProjection };
  const session = await equipment.sessions.open({
    key: `${checkpoint.fingerprint} text${index} ${layer}${isXl ? '' : ' norm'} ${checkpoint.tokens}`,
    title: `text encoder ${index + 1} of ${checkpoint.name}`,
    mode: chooseLoadingMode(equipment.memory, encoder),
    build: () => buildClipText(config.value, encoder.weights, outputs, { device: equipment.device }, checkpoint.tokens),
  });
  if (!session.ok) return session;
  const found = await session.value.run({ input_ids: int32Row(ids.value.ids) });
  if (!found.ok) return found;
  const states = floatTensor(found.value[hiddenStateName(state)]);
  return ok(encoder.withProjection ? { states, pooled: floatTensor(found.value['text_embeds']) } : { states });
}

async function encodeWithBert(
  checkpoint: Checkpoint,
  encoder: TextEncoderComponent,
  { prompt, index }: TextPart,
  equipment: TextEquipment,
): Promise<Result<Encoded>> {
  const config = parseBertConfig(encoder.config);
  if (!config.ok) return config;
  const { vocabulary } = config.value;
  const encoding = await encodeIds(checkpoint, encoder, index, prompt, { vocabulary }, equipment);
  if (!encoding.ok) return encoding;
  const session = await equipment.sessions.open({
    key: `${checkpoint.fingerprint} text${index}`,
    title: `the text encoder of ${checkpoint.name}`,
    mode: chooseLoadingMode(equipment.memory, encoder),
    build: () => buildBert(config.value, encoder.weights, { device: equipment.device }),
  });
  if (!session.ok) return session;
  const { ids, mask } = encoding.value;
  const found = await session.value.run({ input_ids: int32Row(ids), attention_mask: int32Row(mask) });
  if (!found.ok) return found;
  return ok({ states: padRows(floatTensor(found.value['last_hidden_state']), checkpoint.tokens) });
}

/** Tokens of a text, cut to what the encoder takes; says so where something had to be left out. */
async function encodeIds(
  checkpoint: Checkpoint,
  encoder: TextEncoderComponent,
  index: number,
  prompt: string,
  config: Pick<ClipTextConfig, 'vocabulary'>,
  equipment: TextEquipment,
): Promise<Result<Encoding>> {
  const key = `${checkpoint.fingerprint} ${index}`;
  let tokenizer = equipment.tokenizers.get(key);
  if (tokenizer === undefined) {
    const loaded = await loadTokenizer(encoder.tokenizer);
    if (!loaded.ok) return loaded;
    tokenizer = loaded.value;
    equipment.tokenizers.set(key, tokenizer);
  }
  if (tokenizer.vocabularySize > config.vocabulary) {
    return fail(
      'model.tokenizer',
      `The tokenizer of ${checkpoint.name} has ${tokenizer.vocabularySize} tokens and its text encoder ${config.vocabulary}. They do not belong together; download the model again.`,
    );
  }
  const isZeroPadded = checkpoint.modelIndex.textConditioning?.zeroPadded === true;
  if (!isZeroPadded && tokenizer.padId === undefined) {
    return fail('model.tokenizer', `The tokenizer of ${checkpoint.name} has no padding token. Download its tokenizer folder again.`);
  }
  const encoding = tokenizer.encode(prompt, { maxLength: checkpoint.tokens, padding: isZeroPadded ? 'none' : 'maxLength' });
  if (encoding.truncated !== undefined && index === 0) {
    const left = encoding.truncated.length > 60 ? `${encoding.truncated.slice(0, 57)}…` : encoding.truncated;
    equipment.note(`The prompt has ${encoding.tokens} tokens and ${checkpoint.name} reads ${checkpoint.tokens}; left out: “${left}”.`);
  }
  return ok(encoding);
}

/** Tensors [1, rows, width] side by side; all have the same rows. */
function joinWidths(parts: readonly Tensor[]): Tensor {
  const [first] = parts;
  if (first === undefined) throw new Error('a checkpoint has at least one text encoder');
  if (parts.length === 1) return first;
  const rows = sizeAt(first, 1);
  const width = parts.reduce((sum, part) => sum + sizeAt(part, 2), 0);
  const data = new Float32Array(rows * width);
  let column = 0;
  for (const part of parts) {
    const partWidth = sizeAt(part, 2);
    for (let row = 0; row < rows; row++) data.set(part.data.subarray(row * partWidth, (row + 1) * partWidth), row * width + column);
    column += partWidth;
  }
  return tensor(data, [1, rows, width]);
}

/** Zeros after the last row, up to `rows`. */
function padRows(states: Tensor, rows: number): Tensor {
  const width = sizeAt(states, 2);
  if (sizeAt(states, 1) === rows) return states;
  const data = new Float32Array(rows * width);
  data.set(states.data);
  return tensor(data, [1, rows, width]);
}

function int32Row(values: readonly number[]): OrtTensor {
  return new OrtTensor('int32', Int32Array.from(values), [1, values.length]);
}

/** A float32 result of a session; the graph declares it as such. */
export function floatTensor(value: OrtTensor | undefined): Tensor {
  if (!(value?.data instanceof Float32Array)) throw new Error('a graph gave no float32 output where it declares one');
  return tensor(value.data, value.dims);
}
