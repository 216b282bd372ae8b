import { Tensor as OrtTensor } from 'onnxruntime-node';
import { buildSrvggNetCompact } from '../../models/architectures/srvgg-net-compact.ts';
import { openUpscalerFolder } from '../../models/upscaler/open-upscaler.ts';
import type { Upscaler } from '../../nodes/context.ts';
import { ok, type Result } from '../../nodes/problem.ts';
import type { TextEquipment } from './encode-text.ts';
import { floatTensor } from './encode-text.ts';

/** An upscaler in a folder, opened for pictures of any size. */
export async function openUpscaler(name: string, folder: string, { sessions, device }: TextEquipment): Promise<Result<Upscaler>> {
  const opened = await openUpscalerFolder(folder);
  if (!opened.ok) return opened;
  const { config, weights, fingerprint } = opened.value;
  const session = await sessions.open({
    key: `${fingerprint} upscaler`,
    title: `the upscaler ${name}`,
    // Small networks: packing costs nothing, and each pass is long.
    mode: 'resident',
    build: () => buildSrvggNetCompact(config, weights, { device }),
  });
  if (!session.ok) return session;
  return ok({
    scale: config.scale,
    async upscale(image) {
      const found = await session.value.run({ image: new OrtTensor('float32', image.data, [...image.shape]) });
      return found.ok ? ok(floatTensor(found.value['upscaled'])) : found;
    },
  });
}
