import { Tensor as OrtTensor } from 'onnxruntime-node';
import { buildSrvggNetCompact } from '../../models/architectures/srvgg-net-compact.ts';
import { openUpscalerModel, type UpscalerModel } from '../../models/upscaler/open-upscaler.ts';
import type { Upscaler } from '../../nodes/context.ts';
import { fail, ok, type Result } from '../../nodes/problem.ts';
import { sizeAt, zeros } from '../../nodes/tensor.ts';
import { floatTensor, type TextEquipment } from './encode-text.ts';
import { openPictureNetwork } from './open-picture-network.ts';

/** How many pixels a side an upscaler in ONNX is shown to find out how much it enlarges; a multiple of what most want. */
const PROBE_PX = 64;

/** The largest factor that upscalers have. */
const LARGEST_SCALE = 16;

/** An upscaler in a folder or an .onnx file, opened for pictures of any size. */
export async function openUpscaler(path: string, equipment: TextEquipment): Promise<Result<Upscaler>> {
  const opened = await openUpscalerModel(path);
  if (!opened.ok) return opened;
  const model = opened.value;
  return model.kind === 'onnx' ? openForeign(model, equipment) : openOwn(model, equipment);
}

async function openOwn(
  { name, config, weights, fingerprint }: Extract<UpscalerModel, { kind: 'srvgg' }>,
  { sessions, device }: TextEquipment,
): Promise<Result<Upscaler>> {
  const session = await sessions.open({
    key: `${fingerprint} upscaler`,
    title: `the upscaler ${name}`,
    // Small networks: packing costs nothing, and each pass is long.
    mode: 'resident',
    isSmallAndBusy: true,
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

async function openForeign({ name, file }: Extract<UpscalerModel, { kind: 'onnx' }>, equipment: TextEquipment): Promise<Result<Upscaler>> {
  const opened = await openPictureNetwork(file, name, null, equipment);
  if (!opened.ok) return opened;
  const { channels = 3, widthPx, heightPx, run } = opened.value;
  if (channels !== 3 || widthPx !== undefined || heightPx !== undefined) {
    const fixed = channels === 3 ? `pictures of ${widthPx ?? 'any'}×${heightPx ?? 'any'} pixels alone` : `${channels} channels`;
    return fail(
      'model.unsupported',
      `${name} takes ${fixed}, and an upscaler takes colour pictures of any size. Export it with open sizes, or put the picture through Run ONNX Model.`,
    );
  }
  const probe = await run(zeros([1, 3, PROBE_PX, PROBE_PX]));
  if (!probe.ok) return probe;
  const [wide, tall] = [sizeAt(probe.value, 3) / PROBE_PX, sizeAt(probe.value, 2) / PROBE_PX];
  if (wide !== tall || !Number.isInteger(wide) || wide > LARGEST_SCALE || sizeAt(probe.value, 1) !== 3) {
    return fail(
      'model.unsupported',
      `${name} makes ${probe.value.shape.slice(1).join('×')} of a colour picture of ${PROBE_PX}×${PROBE_PX} pixels, and an upscaler makes both sides the same whole number of times larger. Put the picture through Run ONNX Model instead.`,
    );
  }
  return ok({ scale: wide, upscale: run });
}
