import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { GraphDocument } from '../../graphs/document.ts';
import { openRealHost, type RealHost } from '../e2e/open-real-host.ts';
import { makeDocument } from '../e2e/open-test-host.ts';
import { fixturesRoot, float32Of, readSafetensorsFile } from '../fixtures-reader.ts';
import { addOnNodes } from './case-add-ons.ts';
import { controlNodes } from './case-control.ts';
import { allowedDifference, type PipelineCase, readPipelineCases } from './pipeline-case.ts';
import { differenceOf } from './run-graph.ts';

/** Where each stage comes out of the graph. */
const STAGES = {
  prompt_embeds: 'positive.conditioning',
  negative_prompt_embeds: 'negative.conditioning',
  'latents.final': 'sampler.latent',
  image: 'decode.image',
} as const;

const root = fixturesRoot();
const cases = readPipelineCases();

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
      expect(differenceOf(got, rows), stage).toBeLessThan(allowedDifference(one, stage));
    }
  });
});

function graphOf(one: PipelineCase): GraphDocument {
  const { width, height, batch = 1, strength = 1 } = one;
  const model = { model: root + one.pipeline, ...(one.config === undefined ? {} : { config: root + one.config }) };
  const addOns = addOnNodes(one, root);
  const [source, sourceWires] = sourceOf(one, width, height, batch);
  const sizes = sizesOf(one);
  const text = sizes === undefined ? 'positive.conditioning' : 'sizes.conditioning';
  const controls = one.controlnet === undefined ? [] : [one.controlnet];
  const [control, controlWires] = controlNodes(controls, root, text, 'sampler.positive');
  return makeDocument(
    {
      checkpoint: ['model.loadCheckpoint', model],
      positive: ['conditioning.textEncoder', { prompt: one.prompt, prompt2: one.prompt_2 ?? null, clipSkip: one.clip_skip ?? 0 }],
      // diffusers' Stable Diffusion pipelines leave no layers out for the negative prompt.
      negative: ['conditioning.textEncoder', { prompt: one.negative, prompt2: one.negative_2 ?? null }],
      ...(sizes === undefined ? {} : { sizes: ['conditioning.sizes', sizes] }),
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
      ...source,
      ...control,
      ...addOns.nodes,
    },
    [
      ...addOns.wires,
      `${addOns.textEncoder} > positive.textEncoder`,
      `${addOns.textEncoder} > negative.textEncoder`,
      ...sourceWires,
      `${addOns.model} > sampler.model`,
      ...(sizes === undefined ? [] : ['positive.conditioning > sizes.conditioning']),
      ...controlWires,
      'negative.conditioning > sampler.negative',
      'latent.latent > sampler.latent',
      'checkpoint.vae > decode.vae',
      'sampler.latent > decode.latent',
    ],
  );
}

/** What the sampler starts from: an empty latent, a picture, or a picture with a mask. */
function sourceOf(
  one: PipelineCase,
  width: number,
  height: number,
  batch: number,
): [Parameters<typeof makeDocument>[0], readonly string[]] {
  if (one.task === 'txt2img') return [{ latent: ['latent.empty', { width, height, batch }] }, ['checkpoint.model > latent.model']];
  const image = { image: ['image.load', { file: root + one.image }] } as const;
  const wires = ['image.image > latent.image', 'checkpoint.vae > latent.vae'];
  if (one.task === 'img2img') return [{ image: [...image.image], latent: ['latent.vaeEncode'] }, wires];
  return [
    { image: [...image.image], mask: ['mask.load', { file: root + one.mask }], latent: ['latent.inpaint'] },
    [...wires, 'mask.mask > latent.mask'],
  ];
}

function sizesOf({ original_size, crops_coords_top_left, target_size }: PipelineCase): Record<string, number> | undefined {
  if (original_size === undefined || crops_coords_top_left === undefined || target_size === undefined) return undefined;
  return {
    originalHeight: original_size[0],
    originalWidth: original_size[1],
    cropTop: crops_coords_top_left[0],
    cropLeft: crops_coords_top_left[1],
    targetHeight: target_size[0],
    targetWidth: target_size[1],
  };
}
