import { createByteResampler } from '../image/resample-bytes.ts';
import { fail, type Result } from '../problem.ts';
import type { ConditioningValue, ControlValue, ModelValue } from '../socket-values.ts';
import { sizeAt, type Tensor, tensor } from '../tensor.ts';

/** The refusal for controls that cannot go with a model, a batch or the other text; undefined where they can. */
export function checkControls(
  title: string,
  controls: readonly ControlValue[],
  negative: ConditioningValue | undefined,
  { space, checkpoint }: ModelValue,
  batch: number,
): Result<never> | undefined {
  if (controls.length < (negative?.controls?.length ?? 0)) {
    return fail(
      'node.invalidInput',
      `${title} gets controls with its negative text that the positive one lacks. Controls of the positive text act on both: wire Apply ControlNet to Positive.`,
      { socket: 'negative' },
    );
  }
  for (const { controlNet, image } of controls) {
    const { inChannels, factor, handle } = controlNet;
    // 0: it sees no latents.
    if ((inChannels !== 0 && inChannels !== space.channels) || factor !== space.factor) {
      return fail(
        'model.wrongFamily',
        `${title}: ${handle.name} takes latents of ${inChannels || space.channels} channels at 1/${factor} of the size, and ${checkpoint.name} has ${space.channels} at 1/${space.factor}. Choose a ControlNet that was made for this kind of model.`,
        { socket: 'positive' },
      );
    }
    const pictures = sizeAt(image, 0);
    if (pictures !== 1 && pictures !== batch) {
      return fail(
        'node.invalidInput',
        `${title} gets ${pictures} control pictures for a batch of ${batch}. Give one picture, or one for each.`,
        { socket: 'positive' },
      );
    }
  }
  return undefined;
}

/**
 * A control's picture as diffusers gives it to the network: resized to the size of what is drawn (`size` in latent cells), in 0…1, grey
 * as equal channels; float32 NCHW [1 or batch, channels, height, width].
 */
export function prepareControlPicture(
  { image, controlNet }: ControlValue,
  size: { readonly width: number; readonly height: number },
): Tensor {
  const [batch, channels] = [sizeAt(image, 0), sizeAt(image, 1)];
  const from = { height: sizeAt(image, 2), width: sizeAt(image, 3) };
  const to = { height: size.height * controlNet.factor, width: size.width * controlNet.factor };
  const isSized = from.height === to.height && from.width === to.width;
  const resample = isSized ? (plane: Float32Array) => plane : createByteResampler(from, to, 'lanczos');
  const wanted = controlNet.pictureChannels;
  const [plane, area] = [from.height * from.width, to.height * to.width];
  const data = new Float32Array(batch * wanted * area);
  for (let picture = 0; picture < batch; picture++) {
    for (let channel = 0; channel < wanted; channel++) {
      const source = picture * channels + (channels === 1 ? 0 : channel);
      data.set(resample(image.data.subarray(source * plane, (source + 1) * plane)), (picture * wanted + channel) * area);
    }
  }
  return tensor(data, [batch, wanted, to.height, to.width]);
}
