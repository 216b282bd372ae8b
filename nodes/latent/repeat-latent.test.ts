import { describe, expect, it } from 'vitest';
import { nodeContract } from '../../test/contracts/node-contract.ts';
import { outputsOf, runExample } from '../../test/contracts/run-example.ts';
import { gradientPicture } from '../../test/gradient-picture.ts';
import type { LatentSpace, LatentValue } from '../socket-values.ts';
import { type Tensor, zeros } from '../tensor.ts';
import { repeatLatent } from './repeat-latent.ts';

const space: LatentSpace = { id: 'sd', label: 'SD 1.x / 2.x', channels: 4, factor: 8 };
const mean = gradientPicture(2, 4, 6, 8);
const latent: LatentValue = { kind: 'latent', samples: mean, space };

nodeContract(repeatLatent, {
  examples: {
    'four times': () => ({ inputs: { latent }, params: {} }),
    once: () => ({ inputs: { latent }, params: { count: 1 } }),
  },
});

async function repeated(given: LatentValue, count: number): Promise<LatentValue> {
  return (await outputsOf(repeatLatent, { inputs: { latent: given }, params: { count } }))['latent'] as LatentValue; // what the node declares
}

describe('a repeated latent', () => {
  it('is the batch as a whole, one after the other', async () => {
    const { samples } = await repeated(latent, 3);
    expect(samples.shape).toEqual([6, 4, 6, 8]);
    for (let copy = 0; copy < 3; copy++)
      expect(samples.data.subarray(copy * mean.data.length, (copy + 1) * mean.data.length)).toEqual(mean.data);
  });

  it('leaves what is drawn once as it is, and repeats the mask', async () => {
    const std: Tensor = zeros(mean.shape);
    const part = { mask: gradientPicture(2, 1, 6, 8), masked: { mean, std } };
    const { posterior, inpaint } = await repeated({ ...latent, posterior: { mean, std }, inpaint: part }, 2);
    expect(posterior).toEqual({ mean, std });
    expect(inpaint?.masked).toEqual({ mean, std });
    expect(inpaint?.mask.shape).toEqual([4, 1, 6, 8]);
  });

  it('has no more pictures than a batch may have', async () => {
    const { outcome } = await runExample(repeatLatent, { inputs: { latent }, params: { count: 129 } });
    expect(outcome).toMatchObject({ ok: false, problem: { socket: 'count', message: expect.stringContaining('a batch of 258 pictures') } });
  });
});
