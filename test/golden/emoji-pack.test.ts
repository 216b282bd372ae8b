import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openRealHost, type RealHost } from '../e2e/open-real-host.ts';
import { makeDocument } from '../e2e/open-test-host.ts';
import { SAMPLER_WIRES } from '../e2e/sampler-wires.ts';
import { float32Of, readJsonLines, readSafetensorsFile } from '../fixtures-reader.ts';
import { allowedDifference } from './pipeline-case.ts';
import { differenceOf } from './run-graph.ts';

/** One line of emoji-pack/cases.jsonl (emoji_pack.py says what is in it). */
interface Case {
  readonly id: string;
  readonly prompt: string;
  readonly negative: string;
  readonly seed: string;
  readonly steps: number;
  readonly guidance: number;
  readonly width: number;
  readonly height: number;
  readonly float64_difference: Readonly<Record<string, number>>;
}

/** Where each stage comes out of the graph. */
const STAGES = [
  ['prompt_embeds', 'positive.conditioning'],
  ['negative_prompt_embeds', 'negative.conditioning'],
  ['latents.final', 'sampler.latent'],
  ['image', 'decode.image'],
] as const;

const folder = fileURLToPath(new URL('./emoji-pack/', import.meta.url));
const cases = readJsonLines<Case>(`${folder}cases.jsonl`);

let host: RealHost;
beforeAll(async () => {
  host = await openRealHost([]);
});
afterAll(() => host.close());

describe('the bundled pack draws what diffusers draws with the same files', () => {
  it.each(cases.flatMap((one) => (['resident', 'streaming'] as const).map((memory) => [one.id, memory, one] as const)))(
    '%s, %s',
    async (id, memory, one) => {
      const { ended, values } = await host.run(
        graphOf(one),
        STAGES.map(([, place]) => place),
        { memory },
      );
      expect(ended.problems).toEqual([]);
      const expected = readSafetensorsFile(`${folder}${id}.safetensors`);
      for (const [stage, place] of STAGES) {
        expect(differenceOf(values.get(place)?.data, float32Of(expected, stage)), stage).toBeLessThan(allowedDifference(one, stage));
      }
    },
  );
});

function graphOf(one: Case) {
  const { width, height, seed, steps, guidance } = one;
  return makeDocument(
    {
      checkpoint: ['model.loadCheckpoint', { model: 'emoji' }],
      positive: ['conditioning.textEncoder', { prompt: one.prompt }],
      negative: ['conditioning.textEncoder', { prompt: one.negative }],
      latent: ['latent.empty', { width, height }],
      sampler: ['sampling.sampler', { seed, steps, guidance }],
      decode: ['latent.vaeDecode'],
    },
    [...SAMPLER_WIRES, 'checkpoint.vae > decode.vae', 'sampler.latent > decode.latent'],
  );
}
