import { Tensor as OrtTensor } from 'onnxruntime-node';
import { buildAutoencoderKlDecoder, buildAutoencoderKlEncoder, type PlaneSize } from '../../models/architectures/autoencoder-kl.ts';
import { type AutoencoderKlConfig, parseAutoencoderKlConfig } from '../../models/architectures/autoencoder-kl-config.ts';
import { buildAutoencoderTinyDecoder, buildAutoencoderTinyEncoder } from '../../models/architectures/autoencoder-tiny.ts';
import { parseAutoencoderTinyConfig } from '../../models/architectures/autoencoder-tiny-config.ts';
import type { BuiltGraph } from '../../models/architectures/built-graph.ts';
import type { Checkpoint, Component } from '../../models/checkpoint/checkpoint.ts';
import { isTinyAutoencoder } from '../../models/checkpoint/latent-space.ts';
import type { BuildOptions, Device } from '../../models/onnx/build-options.ts';
import { fail, ok, type Result } from '../../nodes/problem.ts';
import { concatBatch, sizeAt, sliceBatch, type Tensor, tensor } from '../../nodes/tensor.ts';
import type { MemoryMode } from '../evaluator/protocol.ts';
import { floatTensor } from './encode-text.ts';
import { chooseLoadingMode } from './loading-mode.ts';
import { openOnnxEncoder } from './open-onnx-encoder.ts';
import { openOnnxSession } from './open-onnx-session.ts';
import type { Feeds, OpenSession, SessionStore } from './session-store.ts';

/** What the autoencoder takes from the runtime. */
export interface AutoencoderEquipment {
  readonly sessions: SessionStore;
  readonly device: Device;
  readonly memory: MemoryMode;
  /** Remembers what it has read; left out, configs are read each time. */
  readonly vaeConfig?: (config: object) => Result<AutoencoderKlConfig>;
}

/** An autoencoder on disk: a checkpoint's, or one in a file of its own. */
export interface Autoencoder extends Component {
  readonly name: string;
  readonly fingerprint: string;
  /** What makes room for it where memory counts. */
  readonly unet?: Component;
  /** Whose pipeline decides by what latents are scaled; left out: everything that the config has. */
  readonly family?: Checkpoint['family'];
}

/** The autoencoder that a checkpoint brings. */
export function autoencoderOf({ name, fingerprint, vae, unet, family }: Checkpoint): Autoencoder {
  return { ...vae, name, fingerprint, unet, family };
}

/** Scaled latents float32 NCHW to pictures float32 NCHW [batch, 3, h, w] in 0…1, clamped; picture by picture, for memory's sake. */
export async function decodeLatents(vae: Autoencoder, latents: Tensor, equipment: AutoencoderEquipment): Promise<Result<Tensor>> {
  const halves = describeHalves(vae, equipment);
  if (!halves.ok) return halves;
  const size = { height: sizeAt(latents, 2), width: sizeAt(latents, 3) };
  const session =
    vae.onnx === undefined
      ? await openPart(vae, `decoder ${size.width}x${size.height}`, equipment, (options) => halves.value.decoder(size, options))
      : await openForeignHalf(vae, 'decoder', equipment);
  if (!session.ok) return session;
  const { factor, shift } = halves.value;
  const unscaled = mapChannels(latents, (channel) => {
    const [divisor, offset] = [factor(channel), shift(channel)];
    return (value) => value / divisor + offset;
  });
  return runRows(session.value, 'latent_sample', unscaled, (found) => mapTensor(floatTensor(found['sample']), toUnitRange));
}

/**
 * Pictures float32 NCHW [batch, 3, h, w] in 0…1 to the posterior's mean and standard deviation, both times the scaling factor; an
 * AutoencoderTiny gives latents and no deviation. h and w are multiples of the autoencoder's factor.
 */
export async function encodePictures(
  vae: Autoencoder,
  image: Tensor,
  equipment: AutoencoderEquipment,
): Promise<Result<{ mean: Tensor; std?: Tensor }>> {
  const halves = describeHalves(vae, equipment);
  if (!halves.ok) return halves;
  const size = { height: sizeAt(image, 2), width: sizeAt(image, 3) };
  const session =
    vae.onnx === undefined
      ? await openPart(vae, `encoder ${size.width}x${size.height}`, equipment, (options) => halves.value.encoder(size, options))
      : await openForeignHalf(vae, 'encoder', equipment);
  if (!session.ok) return session;
  const { factor, shift } = halves.value;
  const stds: Tensor[] = [];
  const mean = await runRows(
    session.value,
    'sample',
    mapTensor(image, (value) => 2 * value - 1),
    (found) => {
      if (found['std'] !== undefined) stds.push(mapChannels(floatTensor(found['std']), (channel) => scaleBy(factor(channel), 0)));
      const mean = floatTensor(found['mean'] ?? found['latents']);
      return mapChannels(mean, (channel) => scaleBy(factor(channel), shift(channel)));
    },
  );
  if (!mean.ok) return mean;
  return ok({ mean: mean.value, ...(stds.length === 0 ? {} : { std: concatBatch(stds) }) });
}

/** What latents are scaled by, channel by channel: (latent − shift) · factor is what the U-Net works on. */
interface LatentScaling {
  factor(channel: number): number;
  shift(channel: number): number;
}

/** Both halves of an autoencoder, whichever kind it is. */
interface Halves extends LatentScaling {
  encoder(size: PlaneSize, options: BuildOptions): Result<BuiltGraph>;
  decoder(size: PlaneSize, options: BuildOptions): Result<BuiltGraph>;
}

function describeHalves(
  { name, config, weights, family }: Autoencoder,
  { vaeConfig = parseAutoencoderKlConfig }: Pick<AutoencoderEquipment, 'vaeConfig'>,
): Result<Halves> {
  if (!isTinyAutoencoder(config)) {
    const parsed = vaeConfig(config);
    if (!parsed.ok) return parsed;
    return ok({
      ...scalingOf(parsed.value, family),
      encoder: (size, options) => buildAutoencoderKlEncoder(parsed.value, weights, size, options),
      decoder: (size, options) => buildAutoencoderKlDecoder(parsed.value, weights, size, options),
    });
  }
  const parsed = parseAutoencoderTinyConfig(config);
  if (!parsed.ok) return parsed;
  const withHalf = (side: 'encoder' | 'decoder', build: () => Result<BuiltGraph>): Result<BuiltGraph> => {
    for (const one of weights.names()) if (one.startsWith(`${side}.`)) return build();
    const sentence = `${name} has no ${side}: TAESD comes in two files. Put taesd_${side}.safetensors beside it, or choose another VAE.`;
    return fail('model.missing', sentence);
  };
  return ok({
    ...scalingOf(parsed.value, family),
    encoder: (size, options) => withHalf('encoder', () => buildAutoencoderTinyEncoder(parsed.value, weights, size, options)),
    decoder: (size, options) => withHalf('decoder', () => buildAutoencoderTinyDecoder(parsed.value, weights, size, options)),
  });
}

/**
 * As diffusers' pipelines scale: those of Stable Diffusion 1 and 2 by the one factor, those of XL by each channel's statistics too; a shift
 * is for others.
 */
function scalingOf(
  {
    scalingFactor,
    shiftFactor,
    statistics,
  }: Pick<AutoencoderKlConfig, 'scalingFactor' | 'shiftFactor'> & Partial<Pick<AutoencoderKlConfig, 'statistics'>>,
  family: Autoencoder['family'],
): LatentScaling {
  const isStableDiffusion = family !== undefined && family !== 'custom';
  if (statistics !== undefined && family !== 'sd15' && family !== 'sd2') {
    const { mean, std } = statistics;
    return { factor: (channel) => scalingFactor / (std[channel] ?? 1), shift: (channel) => mean[channel] ?? 0 };
  }
  return { factor: () => scalingFactor, shift: () => (isStableDiffusion ? 0 : shiftFactor) };
}

/** Half of an autoencoder in a graph that somebody else wrote, giving what one that is written here gives. */
async function openForeignHalf(
  vae: Autoencoder,
  side: 'encoder' | 'decoder',
  { sessions, memory }: AutoencoderEquipment,
): Promise<Result<OpenSession>> {
  const file = vae.onnx?.[side];
  if (file === undefined) {
    return fail(
      'model.missing',
      `${vae.name} has no vae_${side}/model.onnx. Download it from where the model came from, or load a VAE of its own.`,
    );
  }
  const request = { file, key: `${vae.fingerprint} vae ${side}`, title: `the VAE of ${vae.name}`, mode: chooseLoadingMode(memory, vae) };
  return side === 'encoder' ? openOnnxEncoder(sessions, request) : openOnnxSession(sessions, request);
}

async function openPart(
  vae: Autoencoder,
  part: string,
  { sessions, memory, device }: AutoencoderEquipment,
  build: (options: BuildOptions) => Result<BuiltGraph>,
): Promise<Result<OpenSession>> {
  // Of a large picture the autoencoder holds more than the U-Net, which opens again in a moment where it was not widened.
  if (vae.unet !== undefined && chooseLoadingMode(memory, vae.unet) === 'streaming') await sessions.drop(`${vae.fingerprint} unet`);
  return sessions.open({
    key: `${vae.fingerprint} vae ${part}`,
    title: `the VAE of ${vae.name}`,
    mode: chooseLoadingMode(memory, vae),
    build: () => build({ device }),
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
  const [only, ...more] = parts;
  return ok(only !== undefined && more.length === 0 ? only : concatBatch(parts));
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

function scaleBy(factor: number, shift: number): (value: number) => number {
  return (value) => (value - shift) * factor;
}

/** What each channel's values become; `applyTo` is asked once for each plane. */
function mapChannels({ data, shape }: Tensor, applyTo: (channel: number) => (value: number) => number): Tensor {
  const [, channels = 1, height = 1, width = 1] = shape;
  const plane = height * width;
  const mapped = new Float32Array(data.length);
  for (let start = 0, channel = 0; start < data.length; start += plane, channel = (channel + 1) % channels) {
    const apply = applyTo(channel);
    for (let at = start; at < start + plane; at++) mapped[at] = apply(data[at] ?? 0);
  }
  return tensor(mapped, shape);
}
