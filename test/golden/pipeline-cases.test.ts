import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { GraphDocument } from '../../graphs/document.ts';
import { openRealHost, type RealHost } from '../e2e/open-real-host.ts';
import { makeDocument } from '../e2e/open-test-host.ts';
import { fixturesRoot, float32Of, readJsonLines, readSafetensorsFile } from '../fixtures-reader.ts';
import { differenceOf } from './run-graph.ts';

/** One line of cases.jsonl (shared/fixtures/README.md, "a case"), as far as it is used here. */
interface Case {
  readonly id: string;
  readonly pipeline: string;
  readonly config?: string;
  readonly task: 'txt2img' | 'img2img' | 'inpaint';
  readonly prompt: string;
  readonly negative: string | null;
  readonly seed: string | readonly string[];
  readonly steps: number;
  readonly guidance: number;
  readonly scheduler: { readonly class: string; readonly resolved: Readonly<Record<string, unknown>> };
  readonly width: number;
  readonly height: number;
  readonly batch?: number;
  readonly eta?: number;
  readonly clip_skip?: number;
  readonly guidance_rescale?: number;
  readonly strength?: number;
  readonly image?: string;
  readonly float64_difference: Readonly<Record<string, number>>;
}

/** Features of cases that no node has yet. */
const NOT_YET = ['loras', 'embeddings', 'controlnet', 'original_size'];

/** The README's tolerances, relative to max(1, largest expected value). */
const TOLERANCES = { prompt_embeds: 5e-5, negative_prompt_embeds: 5e-5, 'latents.final': 5e-4, image: 5e-4 } as const;

/** Where each stage comes out of the graph. */
const STAGES = {
  prompt_embeds: 'positive.conditioning',
  negative_prompt_embeds: 'negative.conditioning',
  'latents.final': 'sampler.latent',
  image: 'decode.image',
} as const;

const root = fixturesRoot();
const cases = readJsonLines<Case>(`${root}cases.jsonl`).filter(
  (one) => one.task !== 'inpaint' && !one.id.endsWith('-resize') && !NOT_YET.some((feature) => feature in one),
);

let host: RealHost;
beforeAll(async () => {
  host = await openRealHost([root]);
});
afterAll(() => host.close());

describe('the graph of a diffusers pipeline gives what diffusers gives', () => {
  it.each(cases.map((one) => [one.id, one] as const))('%s', async (_id, one) => {
    const { ended, values } = await host.run(graphOf(one), Object.values(STAGES));
    expect(ended.problems).toEqual([]);
    const expected = readSafetensorsFile(`${root}expected/${one.id}.safetensors`);
    for (const [stage, place] of Object.entries(STAGES) as [keyof typeof STAGES, string][]) {
      // Without guidance diffusers encodes no negative prompt.
      if (!expected.has(stage)) continue;
      const want = float32Of(expected, stage);
      const got = values.get(place)?.data;
      // One text serves the whole batch here; diffusers repeats it.
      const rows = stage.endsWith('embeds') && got !== undefined ? want.subarray(0, got.length) : want;
      const slack = 20 * (one.float64_difference[stage] ?? 0);
      expect(differenceOf(got, rows), stage).toBeLessThan(Math.max(TOLERANCES[stage], slack));
    }
  });
});

function graphOf(one: Case): GraphDocument {
  const { width, height, batch = 1, strength = 1 } = one;
  const model = { model: root + one.pipeline, ...(one.config === undefined ? {} : { config: root + one.config }) };
  const isFromImage = one.task === 'img2img';
  return makeDocument(
    {
      checkpoint: ['model.loadCheckpoint', model],
      positive: ['conditioning.textEncoder', { prompt: one.prompt, clipSkip: one.clip_skip ?? 0 }],
      // diffusers' Stable Diffusion pipelines leave no layers out for the negative prompt.
      negative: ['conditioning.textEncoder', { prompt: one.negative }],
      sampler: [
        'sampling.sampler',
        {
          seed: one.seed,
          steps: one.steps,
          guidance: one.guidance,
          scheduler: { ...one.scheduler.resolved, _class_name: one.scheduler.class },
          strength,
          eta: one.eta ?? null,
          rescale: one.guidance_rescale ?? 0,
        },
      ],
      decode: ['latent.vaeDecode'],
      ...(isFromImage
        ? { image: ['image.load', { file: root + one.image }], latent: ['latent.vaeEncode'] }
        : { latent: ['latent.empty', { width, height, batch }] }),
    },
    [
      'checkpoint.textEncoder > positive.textEncoder',
      'checkpoint.textEncoder > negative.textEncoder',
      ...(isFromImage ? ['image.image > latent.image', 'checkpoint.vae > latent.vae'] : ['checkpoint.model > latent.model']),
      'checkpoint.model > sampler.model',
      'positive.conditioning > sampler.positive',
      'negative.conditioning > sampler.negative',
      'latent.latent > sampler.latent',
      'checkpoint.vae > decode.vae',
      'sampler.latent > decode.latent',
    ],
  );
}
