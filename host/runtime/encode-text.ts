import { Tensor as OrtTensor } from 'onnxruntime-node';
import type { AutoencoderKlConfig } from '../../models/architectures/autoencoder-kl-config.ts';
import { buildBert, parseBertConfig } from '../../models/architectures/bert.ts';
import { buildClipText, type ClipTextOutputs, hiddenStateName } from '../../models/architectures/clip-text.ts';
import { parseClipTextConfig } from '../../models/architectures/clip-text-config.ts';
import type { Unet2dConditionConfig } from '../../models/architectures/unet-2d-condition-config.ts';
import type { Checkpoint, TextEncoderComponent } from '../../models/checkpoint/checkpoint.ts';
import type { Device } from '../../models/onnx/build-options.ts';
import type { AddedWord } from '../../models/tokenizers/added-words.ts';
import { loadTokenizer } from '../../models/tokenizers/load-tokenizer.ts';
import type { EncodeOptions, Encoding, Tokenizer } from '../../models/tokenizers/tokenizer.ts';
import type { TextRequest } from '../../nodes/context.ts';
import { fail, ok, type Result } from '../../nodes/problem.ts';
import type { ConditioningValue, EmbeddingUse, TextEncoderValue, TextStates } from '../../nodes/socket-values.ts';
import { sizeAt, type Tensor, tensor, zeros } from '../../nodes/tensor.ts';
import type { MemoryMode } from '../evaluator/protocol.ts';
import { fitEmbeddingUses } from './embedding-uses.ts';
import { encodeWeighted } from './encode-weighted.ts';
import { chooseLoadingMode } from './loading-mode.ts';
import { type FittedLoras, fitLoraUses, loraNetworkOf } from './lora-uses.ts';
import type { AddOnFiles } from './open-add-ons.ts';
import { openOnnxClip } from './open-onnx-clip.ts';
import type { SessionStore } from './session-store.ts';
import { textTokensOf } from './text-tokens.ts';

/** What encoding takes from the runtime. */
export interface TextEquipment {
  readonly sessions: SessionStore;
  readonly device: Device;
  readonly memory: MemoryMode;
  /** Tokenizers by fingerprint and place, kept because reading a vocabulary takes longer than encoding. */
  readonly tokenizers: Map<string, Tokenizer>;
  readonly addOns: AddOnFiles;
  /** Remember what they have read; left out, configs are read each time. */
  readonly unetConfig?: (config: object) => Result<Unet2dConditionConfig>;
  readonly vaeConfig?: (config: object) => Result<AutoencoderKlConfig>;
  note(message: string): void;
}

/** One of a checkpoint's text encoders with its tokenizer. */
export interface OpenTextEncoder {
  readonly tokenizer: Tokenizer;
  /** How texts are made as long as the encoder reads them. */
  readonly options: Required<EncodeOptions>;
  /** float32 [1, tokens, width], and the pooled text [1, width] where the encoder has one. */
  run(encoding: Pick<Encoding, 'ids' | 'mask'>): Promise<Result<TextStates>>;
}

/**
 * A text as its checkpoint's U-Net takes it. Stable Diffusion 1 and 2: the final norm of the last layer, or of one `clipSkip` before it;
 * SDXL: the layer before the last of each encoder side by side, without the norm, and the second one's projected end token.
 */
export async function encodeText(
  checkpoint: Checkpoint,
  { loras, embeddings }: Pick<TextEncoderValue, 'loras' | 'embeddings'>,
  request: TextRequest,
  equipment: TextEquipment,
): Promise<Result<ConditioningValue>> {
  const { family, textEncoders } = checkpoint;
  const isXl = family === 'sdxl' || family === 'sdxl-refiner';
  const opened: { readonly encoder: OpenTextEncoder; readonly prompt: string }[] = [];
  for (const [index, encoder] of textEncoders.entries()) {
    const prompt = index > 0 && request.prompt2 !== undefined && request.prompt2 !== null ? request.prompt2 : request.prompt;
    const title = `text encoder ${index + 1} of ${checkpoint.name}`;
    const fitted = await fitLoraUses(loras, loraNetworkOf(family, index), encoder, title, equipment.addOns.loras);
    if (!fitted.ok) return fitted;
    const text = { clipSkip: request.clipSkip, isXl, index, title, fitted: fitted.value, embeddings };
    const open = await (encoder.kind === 'bert' ? openBert : openClip)(checkpoint, encoder, text, equipment);
    if (!open.ok) return open;
    opened.push({ encoder: open.value, prompt: prompt ?? '' });
  }
  const isWeighted = request.syntax === 'weights' && request.prompt !== null;
  const encoded = await (isWeighted ? encodeWeighted : encodePlain)(opened, checkpoint.name, equipment.note);
  if (!encoded.ok) return encoded;
  const parts = encoded.value;
  const states = joinWidths(parts.map((part) => part.states));
  // Of the first encoder that has one, as diffusers reads them: mostly the last, since SDXL's first has no projection.
  const pooled = parts.find((part) => part.pooled !== undefined)?.pooled;
  const tokens = parts[0]?.tokens;
  // diffusers: no negative prompt at all means zeros in SDXL, unlike the empty text.
  const isNothing = request.prompt === null && checkpoint.modelIndex.forceZerosForEmptyPrompt && isXl;
  return ok({
    kind: 'conditioning',
    family,
    states: isNothing ? zeros(states.shape) : states,
    ...(pooled === undefined ? {} : { pooled: isNothing ? zeros(pooled.shape) : pooled }),
    ...(tokens === undefined ? {} : { tokens }),
  });
}

/** The texts as they are, cut to what the encoders take; says so where something had to be left out. */
async function encodePlain(
  opened: readonly { readonly encoder: OpenTextEncoder; readonly prompt: string }[],
  name: string,
  note: (message: string) => void,
): Promise<Result<TextStates[]>> {
  const parts: TextStates[] = [];
  for (const [index, { encoder, prompt }] of opened.entries()) {
    const encoding = encoder.tokenizer.encode(prompt, encoder.options);
    if (encoding.truncated !== undefined && index === 0) {
      const left = encoding.truncated.length > 60 ? `${encoding.truncated.slice(0, 57)}…` : encoding.truncated;
      const count = encoding.hasMore ? `more than ${encoding.tokens}` : encoding.tokens;
      note(`The prompt has ${count} tokens and ${name} reads ${encoder.options.maxLength}; left out: “${left}”.`);
    }
    const encoded = await encoder.run(encoding);
    if (!encoded.ok) return encoded;
    parts.push({ ...encoded.value, ...(index === 0 ? { tokens: textTokensOf(encoder, [prompt], [encoding]) } : {}) });
  }
  return ok(parts);
}

interface TextPart {
  readonly clipSkip: number;
  readonly isXl: boolean;
  readonly index: number;
  /** How people know the encoder. */
  readonly title: string;
  readonly fitted: FittedLoras;
  readonly embeddings: readonly EmbeddingUse[] | undefined;
}

async function openClip(
  checkpoint: Checkpoint,
  encoder: TextEncoderComponent,
  { clipSkip, isXl, index, title, fitted, embeddings }: TextPart,
  equipment: TextEquipment,
): Promise<Result<OpenTextEncoder>> {
  const config = parseClipTextConfig(encoder.config);
  if (!config.ok) return config;
  const layer = config.value.layers - clipSkip - (isXl ? 1 : 0);
  // 0 is the embeddings, as in diffusers.
  if (layer < 0) {
    const has = `Text encoder ${index + 1} of ${checkpoint.name} has ${config.value.layers} layers`;
    const left = isXl ? `, the last of which SDXL leaves out anyway, so ${clipSkip} more` : `, so ${clipSkip}`;
    return fail('node.invalidInput', `${has}${left} cannot be left out. Lower Clip skip.`, { socket: 'clipSkip' });
  }
  const added = await fitEmbeddingUses(embeddings, index, config.value.vocabulary, equipment.addOns.embeddings);
  if (!added.ok) return added;
  const { sources, words } = added.value;
  const tokenizer = await openTokenizer(checkpoint, encoder, index, { vocabulary: config.value.vocabulary, words }, equipment);
  if (!tokenizer.ok) return tokenizer;
  if (encoder.onnx?.model !== undefined) {
    const wanted = { layer, layers: config.value.layers, isXl, withProjection: encoder.withProjection };
    const key = `${checkpoint.fingerprint} text${index}`;
    const mode = chooseLoadingMode(equipment.memory, encoder);
    const run = await openOnnxClip(equipment.sessions, { file: encoder.onnx.model, key, title, mode }, wanted);
    return run.ok ? ok({ ...tokenizer.value, run: run.value }) : run;
  }
  const options = { device: equipment.device, loras: fitted.loras };
  const state = { layer, norm: !isXl };
  const outputs: ClipTextOutputs = { states: [state], projected: encoder.withProjection };
  const session = await equipment.sessions.open({
    key: `${checkpoint.fingerprint} text${index} ${layer}${isXl ? '' : ' norm'} ${checkpoint.tokens}${fitted.key}${added.value.key}`,
    title,
    mode: chooseLoadingMode(equipment.memory, encoder),
    build: () => buildClipText(config.value, encoder.weights, outputs, options, checkpoint.tokens, sources),
  });
  if (!session.ok) return session;
  const run: OpenTextEncoder['run'] = async ({ ids }) => {
    const found = await session.value.run({ ...fitted.feeds(session.value), input_ids: int32Row(ids) });
    if (!found.ok) return found;
    const states = floatTensor(found.value[hiddenStateName(state)]);
    return ok(encoder.withProjection ? { states, pooled: floatTensor(found.value['text_embeds']) } : { states });
  };
  return ok({ ...tokenizer.value, run });
}

async function openBert(
  checkpoint: Checkpoint,
  encoder: TextEncoderComponent,
  { index, title, fitted }: TextPart,
  equipment: TextEquipment,
): Promise<Result<OpenTextEncoder>> {
  if (encoder.onnx !== undefined)
    return fail('model.unsupported', `${title} is a BERT in ONNX; of text encoders in ONNX, CLIP is supported.`);
  const config = parseBertConfig(encoder.config);
  if (!config.ok) return config;
  const { vocabulary } = config.value;
  const tokenizer = await openTokenizer(checkpoint, encoder, index, { vocabulary, words: [] }, equipment);
  const options = { device: equipment.device, loras: fitted.loras };
  if (!tokenizer.ok) return tokenizer;
  const session = await equipment.sessions.open({
    key: `${checkpoint.fingerprint} text${index}${fitted.key}`,
    title,
    mode: chooseLoadingMode(equipment.memory, encoder),
    build: () => buildBert(config.value, encoder.weights, options),
  });
  if (!session.ok) return session;
  const run: OpenTextEncoder['run'] = async ({ ids, mask }) => {
    const found = await session.value.run({ ...fitted.feeds(session.value), input_ids: int32Row(ids), attention_mask: int32Row(mask) });
    if (!found.ok) return found;
    return ok({ states: padRows(floatTensor(found.value['last_hidden_state']), checkpoint.tokens) });
  };
  return ok({ ...tokenizer.value, run });
}

/** The tokenizer of an encoder, and how it is used for it. */
async function openTokenizer(
  checkpoint: Checkpoint,
  encoder: TextEncoderComponent,
  index: number,
  { vocabulary, words }: { readonly vocabulary: number; readonly words: readonly AddedWord[] },
  equipment: TextEquipment,
): Promise<Result<Pick<OpenTextEncoder, 'tokenizer' | 'options'>>> {
  const key = `${checkpoint.fingerprint} ${index}`;
  let tokenizer = equipment.tokenizers.get(key);
  if (tokenizer === undefined) {
    const loaded = await loadTokenizer(encoder.tokenizer);
    if (!loaded.ok) return loaded;
    tokenizer = loaded.value;
    equipment.tokenizers.set(key, tokenizer);
  }
  if (tokenizer.vocabularySize > vocabulary) {
    return fail(
      'model.tokenizer',
      `The tokenizer of ${checkpoint.name} has ${tokenizer.vocabularySize} tokens and its text encoder ${vocabulary}. They do not belong together; download the model again.`,
    );
  }
  const isZeroPadded = checkpoint.modelIndex.textConditioning?.zeroPadded === true;
  if (!isZeroPadded && tokenizer.padId === undefined) {
    return fail('model.tokenizer', `The tokenizer of ${checkpoint.name} has no padding token. Download its tokenizer folder again.`);
  }
  const padding = isZeroPadded ? 'none' : 'maxLength';
  return ok({ tokenizer, options: { maxLength: checkpoint.tokens, padding, words } });
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
