import { describe, expect, it } from 'vitest';
import { nodeContract } from '../../test/contracts/node-contract.ts';
import { runExample } from '../../test/contracts/run-example.ts';
import { gradientPicture } from '../../test/gradient-picture.ts';
import { previewImage } from './preview-image.ts';

nodeContract(previewImage, {
  examples: {
    'one picture': () => ({ inputs: { image: gradientPicture(1, 3, 4, 6) } }),
    'grey pictures': () => ({ inputs: { image: gradientPicture(2, 1, 4, 6) } }),
  },
});

describe('Preview', () => {
  it('shows the whole batch and passes it on', async () => {
    const image = gradientPicture(2, 3, 2, 2);
    const { outcome, results } = await runExample(previewImage, { inputs: { image } });
    expect(results).toEqual([{ kind: 'preview', image }]);
    expect(outcome).toEqual({ ok: true, value: { image } });
  });
});
