import { zeros } from '../nodes/tensor.ts';
import type { NodeExample } from './contracts/run-example.ts';
import type { TestModels } from './open-test-models.ts';

/** What every node that draws from nothing takes: a model, no negative text, and latents of `side`×`side` cells, `batch` of them. */
export async function drawingInputs(
  models: TestModels,
  name: 'tiny' | 'emoji',
  { side, batch }: { readonly side: number; readonly batch: number },
) {
  const { model } = await models.open(name);
  const { space } = model;
  const samples = zeros([batch, space.channels, side, side]);
  return { model, negative: await models.encode(name, ''), latent: { kind: 'latent', samples, space } } as const;
}

/** Inputs of a node that draws a red apple in three steps from nothing. */
export async function samplingExample(
  models: TestModels,
  name: 'tiny' | 'emoji',
  params: Readonly<Record<string, unknown>>,
  size: { readonly side: number; readonly batch: number },
): Promise<NodeExample> {
  return {
    inputs: { ...(await drawingInputs(models, name, size)), positive: await models.encode(name, 'a red apple') },
    params: { steps: 3, ...params },
    models: models.runtime,
  };
}
