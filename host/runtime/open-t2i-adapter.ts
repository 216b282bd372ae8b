import { Tensor as OrtTensor } from 'onnxruntime-node';
import { buildT2iAdapter, featureName } from '../../models/architectures/t2i-adapter.ts';
import { adapterFactor, adapterShapes } from '../../models/architectures/t2i-adapter-config.ts';
import { parseUnet2dConditionConfig } from '../../models/architectures/unet-2d-condition-config.ts';
import { featureShapes } from '../../models/architectures/unet-encoder.ts';
import type { Checkpoint } from '../../models/checkpoint/checkpoint.ts';
import type { T2iAdapterModel } from '../../models/controlnet/t2i-adapter-model.ts';
import type { OpenControlNet } from '../../nodes/context.ts';
import { fail, ok, type Result } from '../../nodes/problem.ts';
import type { Tensor } from '../../nodes/tensor.ts';
import { floatTensor, type TextEquipment } from './encode-text.ts';
import { chooseLoadingMode } from './loading-mode.ts';

/** A T2I-Adapter opened for one latent size, if what it gives fits the checkpoint's U-Net; it is asked once a picture. */
export async function openT2iAdapter(
  adapter: T2iAdapterModel,
  checkpoint: Checkpoint,
  size: { readonly width: number; readonly height: number },
  { sessions, device, memory }: TextEquipment,
): Promise<Result<OpenControlNet>> {
  const unet = parseUnet2dConditionConfig(checkpoint.unet.config);
  if (!unet.ok) return unet;
  const { parsed } = adapter;
  const factor = adapterFactor(parsed);
  const [widthPx, heightPx] = [size.width * factor, size.height * factor];
  if (widthPx % parsed.patch !== 0 || heightPx % parsed.patch !== 0) {
    return fail(
      'node.invalidInput',
      `${adapter.name} takes sizes that are multiples of ${parsed.patch}, and ${widthPx}×${heightPx} pixels are drawn. Choose another size.`,
    );
  }
  const given = adapterShapes(parsed, size);
  const wanted = featureShapes(unet.value, size);
  if (JSON.stringify(given) !== JSON.stringify(wanted.slice(0, given.length))) {
    const list = (shapes: typeof wanted): string =>
      shapes.map(({ channels, height, width }) => `${channels} × ${width}×${height}`).join(', ');
    return fail(
      'model.wrongFamily',
      `${adapter.name} gives features of ${list(given)}, and the U-Net of ${checkpoint.name} has room for ${list(wanted)}. Choose an adapter that was made for this kind of model.`,
    );
  }
  const session = await sessions.open({
    key: `${adapter.fingerprint} t2i-adapter ${size.width}x${size.height}`,
    title: `the T2I-Adapter ${adapter.name}`,
    mode: chooseLoadingMode(memory, adapter),
    build: () => buildT2iAdapter(parsed, adapter.weights, size, { device }),
  });
  if (!session.ok) return session;
  let seen: { readonly picture: Tensor; readonly features: readonly Tensor[] } | undefined;
  return ok({
    async predict({ picture }) {
      if (seen?.picture === picture) return ok({ features: seen.features });
      const found = await session.value.run({ picture: new OrtTensor('float32', picture.data, [...picture.shape]) });
      if (!found.ok) return found;
      seen = { picture, features: given.map((_, index) => floatTensor(found.value[featureName(index)])) };
      return ok({ features: seen.features });
    },
  });
}
