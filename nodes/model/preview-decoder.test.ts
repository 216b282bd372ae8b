import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { nodeContract } from '../../test/contracts/node-contract.ts';
import { type NodeExample, outputsOf, runExample } from '../../test/contracts/run-example.ts';
import { openTestModels, type TestModels } from '../../test/open-test-models.ts';
import { unwrap } from '../../test/unwrap.ts';
import { writeTaesd } from '../../test/write-taesd.ts';
import { sampler } from '../sampling/sampler.ts';
import type { ModelValue, VaeValue } from '../socket-values.ts';
import { type Tensor, zeros } from '../tensor.ts';
import { struct } from '../types/socket-type.ts';
import { previewDecoder } from './preview-decoder.ts';

let models: TestModels;
let folder = '';
beforeAll(async () => {
  models = openTestModels();
  folder = await mkdtemp(join(tmpdir(), 'emulsion-preview-'));
});
afterAll(async () => {
  await models.close();
  await rm(folder, { recursive: true });
});

const pack = fileURLToPath(new URL('../../models/packs/emoji', import.meta.url));

async function example(): Promise<NodeExample> {
  const { model } = await models.open('emoji');
  const vae: VaeValue = unwrap(await models.runtime.loadVae(pack, 'auto'));
  return { inputs: { model, vae }, models: models.runtime };
}

nodeContract(previewDecoder, { examples: { 'a model and a decoder': example } });

describe('Preview Decoder', () => {
  it('makes samplers show what the decoder gives, and leaves their latents as they are', async () => {
    const { model: plain } = await models.open('emoji');
    const { model } = await outputsOf(previewDecoder, await example());
    const latent = { kind: 'latent', samples: zeros([2, plain.space.channels, 16, 8]), space: plain.space };
    const inputs = { positive: await models.encode('emoji', 'a fox'), negative: await models.encode('emoji', ''), latent };
    const draw = (given: ModelValue) =>
      runExample(sampler, { inputs: { ...inputs, model: given }, params: { steps: 2 }, models: models.runtime });
    const [decoded, coarse] = [await draw(model as ModelValue), await draw(plain)];
    expect(unwrap(decoded.outcome)['latent']).toEqual(unwrap(coarse.outcome)['latent']);
    expect(coarse.previews.map(({ image }) => image.shape)).toEqual([
      [1, 3, 16, 16],
      [1, 3, 16, 16],
    ]);
    expect(decoded.previews.map(({ image }) => image.shape)).toEqual([
      [1, 3, 64, 64],
      [1, 3, 64, 64],
    ]);
    // Of one frame the sampler keeps x̂₀ of the last step.
    const last = unwrap(await models.runtime.decode((await models.open('emoji')).vae, framesOf(unwrap(decoded.outcome))));
    const shown = decoded.previews.at(-1)?.image.data ?? new Float32Array();
    expect(shown.slice(0, 32)).toEqual(last.data.slice(0, 32));
  });

  it('refuses a decoder for another space, before and while it runs', async () => {
    const { model } = await models.open('emoji');
    const vae = unwrap(await models.runtime.loadVae((await writeTaesd(folder)).folder, 'sdxl'));
    const { outcome } = await runExample(previewDecoder, { inputs: { model, vae }, models: models.runtime });
    expect(outcome).toMatchObject({ problem: { socket: 'vae', message: expect.stringContaining('has a decoder for latents of SDXL') } });
    const said: string[] = [];
    previewDecoder.outputTypes?.(
      { model: struct('model', { space: 'sd' }), vae: struct('vae', { space: 'sdxl' }) },
      {},
      {
        title: 'Preview Decoder',
        sourceTitle: () => 'Load Checkpoint',
        refuse: (socket, message) => said.push(`${socket}: ${message}`),
        warn: () => undefined,
        modelFacts: () => undefined,
        imageFacts: () => undefined,
        addOnFacts: () => undefined,
      },
    );
    expect(said).toEqual([expect.stringMatching(/^model: Preview Decoder has a decoder for SDXL latents; Load Checkpoint gives SD 1.5/)]);
  });
});

function framesOf(outputs: Readonly<Record<string, unknown>>): Tensor {
  return (outputs['frames'] as { samples: Tensor }).samples; // what the sampler declares
}
