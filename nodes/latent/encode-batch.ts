import type { EvaluateContext } from '../context.ts';
import { toColour } from '../image/to-colour.ts';
import { fail, ok, type Result } from '../problem.ts';
import type { EncodedPicture, LatentValue, VaeValue } from '../socket-values.ts';
import { concatBatch, sizeAt, sliceBatch, type Tensor } from '../tensor.ts';

/** Encodes pictures float32 NCHW [batch, 1 or 3, h, w] in 0…1 one by one; mean and deviation are scaled. Progress counts on from `done`. */
export async function encodeBatch(
  title: string,
  vae: VaeValue,
  image: Tensor,
  context: EvaluateContext,
  { done, total } = { done: 0, total: sizeAt(image, 0) },
): Promise<Result<EncodedPicture>> {
  if (sizeAt(image, 1) === 4) {
    return fail('node.invalidInput', `${title} gets a picture with transparency, which it cannot encode. Load the picture without it.`, {
      socket: 'image',
    });
  }
  const means: Tensor[] = [];
  const stds: Tensor[] = [];
  for (let index = 0; index < sizeAt(image, 0); index++) {
    context.signal.throwIfCancelled();
    const encoded = await context.models.encode(vae, toColour(sliceBatch(image, index, index + 1)));
    if (!encoded.ok) return encoded;
    means.push(encoded.value.mean);
    if (encoded.value.std !== undefined) stds.push(encoded.value.std);
    context.progress(done + index + 1, total);
  }
  return ok({ mean: concatBatch(means), ...(stds.length === 0 ? {} : { std: concatBatch(stds) }) });
}

/** What a latent says of the pictures it encodes: their distribution, where the encoder gave one. */
export function posteriorOf({ mean, std }: EncodedPicture): Pick<LatentValue, 'posterior'> {
  return std === undefined ? {} : { posterior: { mean, std } };
}
