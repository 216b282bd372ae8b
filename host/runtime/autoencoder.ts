import { Tensor as OrtTensor } from 'onnxruntime-node';
import { buildAutoencoderKlDecoder, buildAutoencoderKlEncoder } from '../../models/architectures/autoencoder-kl.ts';
import { parseAutoencoderKlConfig } from '../../models/architectures/autoencoder-kl-config.ts';
import type { Checkpoint } from '../../models/checkpoint/checkpoint.ts';
import type { Device } from '../../models/onnx/build-options.ts';
import { ok, type Result } from '../../nodes/problem.ts';
import { concatBatch, sizeAt, sliceBatch, type Tensor, tensor } from '../../nodes/tensor.ts';
import type { MemoryMode } from '../evaluator/protocol.ts';
import { floatTensor } from './encode-text.ts';
import { chooseLoadingMode } from './loading-mode.ts';
import type { Feeds, OpenSession, SessionStore } from './session-store.ts';

/** What the autoencoder takes from the runtime. */
export interface AutoencoderEquipment {
  readonly sessions: SessionStore;
  readonly device: Device;
  readonly memory: MemoryMode;
}

/** Scaled latents float32 NCHW to pictures float32 NCHW [batch, 3, h, w] in 0…1, clamped; picture by picture, for memory's sake. */
export async function decodeLatents(checkpoint: Checkpoint, latents: Tensor, equipment: AutoencoderEquipment): Promise<Result<Tensor>> {
  const config = parseAutoencoderKlConfig(checkpoint.vae.config);
  if (!config.ok) return config;
  const size = { height: sizeAt(latents, 2), width: sizeAt(latents, 3) };
  const session = await openPart(checkpoint, `decoder ${size.width}x${size.height}`, equipment, () =>
    buildAutoencoderKlDecoder(config.value, checkpoint.vae.weights, size, { device: equipment.device }),
  );
  if (!session.ok) return session;
  const { scalingFactor, shiftFactor } = config.value;
  const unscaled = mapTensor(latents, (value) => value / scalingFactor + shiftFactor);
  return runRows(session.value, 'latent_sample', unscaled, (found) => mapTensor(floatTensor(found['sample']), toUnitRange));
}

/**
 * Pictures float32 NCHW [batch, 3, h, w] in 0…1 to the posterior's mean and standard deviation, both times the scaling factor;
 * h and w are multiples of the autoencoder's factor.
 */
export async function encodePictures(
  checkpoint: Checkpoint,
  image: Tensor,
  equipment: AutoencoderEquipment,
): Promise<Result<{ mean: Tensor; std: Tensor }>> {
  const config = parseAutoencoderKlConfig(checkpoint.vae.config);
  if (!config.ok) return config;
  const size = { height: sizeAt(image, 2), width: sizeAt(image, 3) };
  const session = await openPart(checkpoint, `encoder ${size.width}x${size.height}`, equipment, () =>
    buildAutoencoderKlEncoder(config.value, checkpoint.vae.weights, size, { device: equipment.device }),
  );
  if (!session.ok) return session;
  const { scalingFactor, shiftFactor } = config.value;
  const std: Tensor[] = [];
  const mean = await runRows(
    session.value,
    'sample',
    mapTensor(image, (value) => 2 * value - 1),
    (found) => {
      std.push(mapTensor(floatTensor(found['std']), (value) => value * scalingFactor));
      return mapTensor(floatTensor(found['mean']), (value) => (value - shiftFactor) * scalingFactor);
    },
  );
  return mean.ok ? ok({ mean: mean.value, std: concatBatch(std) }) : mean;
}

async function openPart(
  checkpoint: Checkpoint,
  part: string,
  { sessions, memory }: AutoencoderEquipment,
  build: Parameters<SessionStore['open']>[0]['build'],
): Promise<Result<OpenSession>> {
  // Of a large picture the autoencoder holds more than the U-Net, which opens again in a moment where it was not widened.
  if (chooseLoadingMode(memory, checkpoint.unet) === 'streaming') await sessions.drop(`${checkpoint.fingerprint} unet`);
  return sessions.open({
    key: `${checkpoint.fingerprint} vae ${part}`,
    title: `the VAE of ${checkpoint.name}`,
    mode: chooseLoadingMode(memory, checkpoint.vae),
    build,
  });
}

async function runRows(session: OpenSession, input: string, batch: Tensor, read: (found: Feeds) => Tensor): Promise<Result<Tensor>> {
  const parts: Tensor[] = [];
  for (let row = 0; row < sizeAt(batch, 0); row++) {
    const one = sliceBatch(batch, row, row + 1);
    const found = await session.run({ [input]: new OrtTensor('float32', one.data, [...one.shape]) });
    if (!found.ok) return found;
    parts.push(read(found.value));
  }
  return ok(concatBatch(parts));
}

/** −1…1 to 0…1; what the network drove beyond is cut off, as in diffusers. NaN stays and is found later. */
function toUnitRange(value: number): number {
  const unit = value / 2 + 0.5;
  return unit < 0 ? 0 : unit > 1 ? 1 : unit;
}

function mapTensor(value: Tensor, apply: (one: number) => number): Tensor {
  const data = new Float32Array(value.data.length);
  for (let index = 0; index < data.length; index++) data[index] = apply(value.data[index] ?? 0);
  return tensor(data, value.shape);
}
