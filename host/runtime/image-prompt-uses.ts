import { Tensor as OrtTensor } from 'onnxruntime-node';
import type { Unet2dConditionConfig } from '../../models/architectures/unet-2d-condition-config.ts';
import { type LatentSize, textAttentions } from '../../models/architectures/unet-encoder.ts';
import { type ImagePromptUse, imagePromptPlaces, imageScaleName, imageTokensName } from '../../models/architectures/unet-image-prompts.ts';
import type { IpAdapterFile } from '../../models/ip-adapter/open-ip-adapter.ts';
import type { ControlResiduals } from '../../nodes/context.ts';
import { fail, ok, type Result } from '../../nodes/problem.ts';
import type { AddOnHandle } from '../../nodes/socket-values.ts';
import type { FileStore } from './file-store.ts';

/** Opens the IP-Adapters that a denoiser is to look at pictures by; refused where one was made for a U-Net of another shape. */
export async function fitImagePrompts(
  handles: readonly AddOnHandle[],
  config: Unet2dConditionConfig,
  size: LatentSize,
  title: string,
  files: FileStore<IpAdapterFile>,
): Promise<Result<{ uses: readonly ImagePromptUse[]; key: string }>> {
  const places = imagePromptPlaces(textAttentions(config, size));
  const uses: ImagePromptUse[] = [];
  for (const handle of handles) {
    const file = await files.find(handle);
    if (!file.ok) return file;
    const { layers, projection, name } = file.value;
    if (layers.length !== places.length || projection.width !== config.textWidth) {
      return fail(
        'model.wrongFamily',
        `${name} was made for a U-Net that looks at texts ${projection.width} numbers wide in ${layers.length} places, and ${title} looks at ${config.textWidth} in ${places.length}. Choose an IP-Adapter that was made for this kind of model.`,
      );
    }
    uses.push({ layers, width: projection.width });
  }
  return ok({ uses, key: handles.length === 0 ? '' : ` images ${handles.map(({ fingerprint }) => fingerprint).join(' ')}` });
}

/** What a U-Net built for them is given. */
export function imagePromptFeeds(images: ControlResiduals['images']): Record<string, OrtTensor> {
  const feeds: Record<string, OrtTensor> = {};
  for (const [index, { tokens, scale }] of (images ?? []).entries()) {
    feeds[imageTokensName(index)] = new OrtTensor('float32', tokens.data, [...tokens.shape]);
    feeds[imageScaleName(index)] = new OrtTensor('float32', Float32Array.of(scale), []);
  }
  return feeds;
}
