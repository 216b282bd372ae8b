import type { EvaluateContext, ModelRuntime, PreviewPicture } from '../context.ts';
import { ok, type Result } from '../problem.ts';
import type { ModelValue, VaeValue } from '../socket-values.ts';
import { sizeAt, sliceBatch, type Tensor, tensor } from '../tensor.ts';
import { MOST_SHOWN, previewLatents } from './latent-preview.ts';

/** Longest side of a preview. */
const LARGEST_PX = 256;

/** Shows latents as they are now, float32 NCHW: through the decoder that the model was given for it, else by a linear map. */
export async function showProgress(
  { preview, space }: Pick<ModelValue, 'preview' | 'space'>,
  latents: Tensor,
  context: Pick<EvaluateContext, 'preview' | 'previewDecoded' | 'models'>,
  isLast: boolean,
): Promise<Result<void>> {
  if (preview !== undefined) return context.previewDecoded(() => decodePreview(preview, latents, context.models), isLast);
  context.preview(() => previewLatents(latents, context.models.previewFactors(space.id)));
  return ok(undefined);
}

/** The first pictures of a batch side by side, made small. */
async function decodePreview(vae: VaeValue, latents: Tensor, models: Pick<ModelRuntime, 'decode'>): Promise<Result<PreviewPicture>> {
  const decoded = await models.decode(vae, sliceBatch(latents, 0, Math.min(MOST_SHOWN, sizeAt(latents, 0))));
  if (!decoded.ok) return decoded;
  const { data } = decoded.value;
  const [shown, height, width] = [sizeAt(decoded.value, 0), sizeAt(decoded.value, 2), sizeAt(decoded.value, 3)];
  // Every n-th pixel: previews are looked at for a moment, and averaging takes as long as encoding them.
  const every = Math.max(1, Math.ceil(Math.max(width, height) / LARGEST_PX));
  const [tall, wide] = [Math.ceil(height / every), Math.ceil(width / every)];
  const sheet = new Float32Array(3 * tall * wide * shown);
  for (let picture = 0; picture < shown; picture++) {
    for (let colour = 0; colour < 3; colour++) {
      for (let row = 0; row < tall; row++) {
        const from = ((picture * 3 + colour) * height + row * every) * width;
        const to = ((colour * tall + row) * shown + picture) * wide;
        for (let column = 0; column < wide; column++) sheet[to + column] = data[from + column * every] ?? 0;
      }
    }
  }
  return ok({ image: tensor(sheet, [1, 3, tall, wide * shown]) });
}
