import { zeros } from '../nodes/tensor.ts';
import type { NodeExample } from './contracts/run-example.ts';
import type { TestModels } from './open-test-models.ts';

/** Inputs of a node that draws a red apple in three steps from nothing: latents of `side`×`side` cells, `batch` of them. */
export async function samplingExample(
  models: TestModels,
  name: 'tiny' | 'emoji',
  params: Readonly<Record<string, unknown>>,
  { side, batch }: { readonly side: number; readonly batch: number },
): Promise<NodeExample> {
  const { model } = await models.open(name);
  const { space } = model;
  return {
    inputs: {
      model,
      positive: await models.encode(name, 'a red apple'),
      negative: await models.encode(name, ''),
      latent: { kind: 'latent', samples: zeros([batch, space.channels, side, side]), space },
    },
    params: { steps: 3, ...params },
    models: models.runtime,
  };
}
