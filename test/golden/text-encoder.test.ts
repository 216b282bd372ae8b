import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, it } from 'vitest';
import { buildBert, parseBertConfig } from '../../models/architectures/bert.ts';
import { buildClipText, hiddenStateName } from '../../models/architectures/clip-text.ts';
import { parseClipTextConfig } from '../../models/architectures/clip-text-config.ts';
import type { Checkpoint } from '../../models/checkpoint/checkpoint.ts';
import { openCheckpoint } from '../../models/checkpoint/open-checkpoint.ts';
import { findModelsRoot } from '../../models/models-root.ts';
import type { LoadingMode } from '../../models/onnx/session-options.ts';
import { loadTokenizer } from '../../models/tokenizers/load-tokenizer.ts';
import type { Tokenizer } from '../../models/tokenizers/tokenizer.ts';
import type { TokenizerFiles } from '../../models/tokenizers/tokenizer-files.ts';
import { float32Of, readJsonLines, readSafetensorsFile } from '../fixtures-reader.ts';
import { unwrap } from '../unwrap.ts';
import { openCaseCheckpoint, type PipelineCase, readPipelineCases, readStages, toleranceOf } from './pipeline-cases.ts';
import { differenceOf, OpenGraphs } from './run-graph.ts';

const graphs = new OpenGraphs();
afterAll(() => graphs.release());

const tokenizers = new Map<TokenizerFiles, Tokenizer>();

async function tokenizerOf(files: TokenizerFiles): Promise<Tokenizer> {
  const tokenizer = tokenizers.get(files) ?? unwrap(await loadTokenizer(files));
  tokenizers.set(files, tokenizer);
  return tokenizer;
}

interface EncodedText {
  /** float32 [tokens, width]. */
  readonly states: Float32Array;
  readonly pooled: Float32Array | undefined;
}

/** What diffusers' pipelines make of one prompt (for each encoder): states side by side, and the last encoder's projection. */
async function encode(checkpoint: Checkpoint, prompts: readonly string[], clipSkip: number, mode: LoadingMode): Promise<EncodedText> {
  const isXl = checkpoint.family === 'sdxl';
  const parts: Float32Array[] = [];
  let pooled: Float32Array | undefined;
  for (const [index, encoder] of checkpoint.textEncoders.entries()) {
    const config = unwrap(parseClipTextConfig(encoder.config));
    const tokenizer = await tokenizerOf(encoder.tokenizer);
    const { ids } = tokenizer.encode(prompts[index] ?? '', { maxLength: checkpoint.tokens });
    const state = { layer: config.layers - clipSkip - (isXl ? 1 : 0), norm: !isXl };
    const outputs = { states: [state], projected: encoder.withProjection };
    const build = () => unwrap(buildClipText(config, encoder.weights, outputs, { device: 'cpu' }, checkpoint.tokens));
    const key = `${checkpoint.path} ${index} ${hiddenStateName(state)}`;
    const got = await graphs.run(key, build, { input_ids: { data: Int32Array.from(ids), shape: [1, ids.length] } }, mode);
    parts.push(got[hiddenStateName(state)] ?? new Float32Array());
    pooled = got['text_embeds'] ?? pooled;
  }
  return { states: sideBySide(parts, checkpoint.tokens), pooled };
}

function sideBySide(parts: readonly Float32Array[], rows: number): Float32Array {
  const widths = parts.map((part) => part.length / rows);
  const joined = new Float32Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (let row = 0; row < rows; row++) {
    for (const [index, part] of parts.entries()) {
      const width = widths[index] ?? 0;
      joined.set(part.subarray(row * width, (row + 1) * width), at);
      at += width;
    }
  }
  return joined;
}

function repeat(row: Float32Array, times: number): Float32Array {
  const all = new Float32Array(row.length * times);
  for (let index = 0; index < times; index++) all.set(row, index * row.length);
  return all;
}

async function expectTexts(one: PipelineCase, mode: LoadingMode): Promise<void> {
  const checkpoint = await openCaseCheckpoint(one);
  const stage = readStages(one);
  const sides = [{ prefix: '', prompts: [one.prompt, one.prompt_2 ?? one.prompt], clipSkip: one.clip_skip ?? 0 }];
  const isZero = checkpoint.family === 'sdxl' && one.negative === null;
  if (!isZero && 'negative_prompt_embeds' in one.float64_difference) {
    const negative = one.negative ?? '';
    // diffusers' pipelines leave no layer out for the negative prompt.
    sides.push({ prefix: 'negative_', prompts: [negative, one.negative_2 ?? negative], clipSkip: 0 });
  }
  for (const { prefix, prompts, clipSkip } of sides) {
    const got = await encode(checkpoint, prompts, clipSkip, mode);
    const name = `${prefix}prompt_embeds`;
    const want = stage(name);
    const rows = want.shape[0] ?? 0;
    expect(differenceOf(repeat(got.states, rows), want.data), name).toBeLessThanOrEqual(toleranceOf(one, name));
    if (got.pooled === undefined) continue;
    const pooled = `${prefix}pooled_prompt_embeds`;
    expect(differenceOf(repeat(got.pooled, rows), stage(pooled).data), pooled).toBeLessThanOrEqual(toleranceOf(one, pooled));
  }
}

describe('CLIP text encoders', () => {
  // Textual inversion and LoRA change what the encoder's own weights say.
  const cases = readPipelineCases().filter((one) => one.loras === undefined && one.embeddings === undefined);

  it.each(cases)('give what diffusers gives: $id', async (one) => {
    await expectTexts(one, 'streaming');
  });

  const first = cases.filter((one, index) => cases.findIndex(({ pipeline }) => pipeline === one.pipeline) === index);
  it.each(first)('give the same with resident weights: $pipeline', async (one) => {
    await expectTexts(one, 'resident');
  });
});

describe("the emoji pack's BERT", () => {
  const folder = fileURLToPath(new URL('./emoji-pack/', import.meta.url));
  const emoji = openCheckpoint(`${findModelsRoot()}/packs/emoji`).then(unwrap);
  interface Row {
    readonly id: string;
    readonly prompt: string;
    readonly ids: number[];
  }

  it.each(readJsonLines<Row>(`${folder}cases.jsonl`))('gives what transformers gives: $id', async ({ id, prompt, ids }) => {
    const checkpoint = await emoji;
    const [encoder] = checkpoint.textEncoders;
    if (encoder === undefined) throw new Error('the pack has a text encoder');
    const tokenizer = await tokenizerOf(encoder.tokenizer);
    const encoding = tokenizer.encode(prompt, { maxLength: checkpoint.tokens, padding: 'none' });
    expect(encoding.ids).toEqual(ids);
    const want = float32Of(readSafetensorsFile(`${folder}${id}.safetensors`), 'prompt_embeds').subarray(0, 384 * ids.length);
    const build = () => unwrap(buildBert(unwrap(parseBertConfig(encoder.config)), encoder.weights, { device: 'cpu' }));
    const shape = [1, ids.length];
    const feeds = { input_ids: { data: Int32Array.from(ids), shape }, attention_mask: { data: Int32Array.from(encoding.mask), shape } };
    for (const mode of ['streaming', 'resident'] as const) {
      const got = await graphs.run('emoji', build, feeds, mode);
      expect(differenceOf(got['last_hidden_state'], want), mode).toBeLessThanOrEqual(5e-5);
    }
  });
});
