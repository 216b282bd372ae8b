import { Tensor as OrtTensor } from 'onnxruntime-node';
import { buildClipVision, type ClipVisionOutput } from '../../models/architectures/clip-vision.ts';
import { buildIpAdapterProjection } from '../../models/architectures/ip-adapter-projection.ts';
import type { ClipVisionModel } from '../../models/clip-vision/open-clip-vision.ts';
import type { IpAdapterFile } from '../../models/ip-adapter/open-ip-adapter.ts';
import { createByteResampler } from '../../nodes/image/resample-bytes.ts';
import { fail, ok, type Result } from '../../nodes/problem.ts';
import type { ImagePromptValue, IpAdapterValue } from '../../nodes/socket-values.ts';
import { sizeAt, sliceBatch, type Tensor, tensor, zeros } from '../../nodes/tensor.ts';
import { floatTensor, type TextEquipment } from './encode-text.ts';
import { chooseLoadingMode } from './loading-mode.ts';

/** What CLIP was trained on: pictures minus this mean, by this deviation, channel by channel. */
const MEAN = [0.48145466, 0.4578275, 0.40821073];
const DEVIATION = [0.26862954, 0.26130258, 0.27577711];

/** The refusal where no vision encoder is named and none lies in its usual place. */
export function explainNoEncoder(name: string, beside: string): Result<never> {
  return fail(
    'model.missing',
    `${name} needs the CLIP vision encoder that it was made with, and there is none at ${beside}. Put the folder image_encoder there, or choose it in Encoder.`,
    { socket: 'encoder' },
  );
}

/** What nodes must know of an IP-Adapter with its encoder; refused where they do not go together. */
export function ipAdapterValueOf(adapter: IpAdapterFile, encoder: ClipVisionModel): Result<IpAdapterValue> {
  const { path, name, fingerprint, projection, family } = adapter;
  const width = projection.kind === 'base' ? encoder.parsed.projectionWidth : encoder.parsed.width;
  if (width !== projection.encoderWidth) {
    return fail(
      'model.wrongFamily',
      `${name} reads what a vision encoder gives ${projection.encoderWidth} numbers wide, and ${encoder.name} gives ${width}. Choose the encoder that it was made with (ViT-H for most, ViT-bigG for the first of SDXL's) in Encoder.`,
      { socket: 'encoder' },
    );
  }
  return ok({
    kind: 'ipAdapter',
    handle: { path, name, fingerprint },
    encoder: { path: encoder.path, name: encoder.name, fingerprint: encoder.fingerprint },
    family: family ?? 'custom',
    conditioningWidth: projection.width,
  });
}

/**
 * Pictures float32 NCHW [n, 3, h, w] in 0…1 as an IP-Adapter's tokens, those of all pictures one after the other, as diffusers makes them. The
 * other side is the tokens of a zero vector for the plain kind, else those of a picture that is zero after normalising.
 */
export async function encodeImagePrompt(
  adapter: IpAdapterFile,
  encoder: ClipVisionModel,
  image: Tensor,
  { sessions, device, memory }: TextEquipment,
): Promise<Result<Pick<ImagePromptValue, 'tokens' | 'without'>>> {
  const { parsed } = encoder;
  const isBase = adapter.projection.kind === 'base';
  const output: ClipVisionOutput = isBase ? 'image_embeds' : 'penultimate_states';
  const vision = await sessions.open({
    key: `${encoder.fingerprint} ${output}`,
    title: `the vision encoder ${encoder.name}`,
    mode: chooseLoadingMode(memory, encoder),
    build: () => buildClipVision(parsed, encoder.weights, output, { device }),
  });
  if (!vision.ok) return vision;
  const projection = await sessions.open({
    key: `${adapter.fingerprint} image_proj`,
    title: `the IP-Adapter ${adapter.name}`,
    mode: chooseLoadingMode(memory, adapter),
    build: () => buildIpAdapterProjection(adapter.projection, adapter.weights, { device }),
  });
  if (!projection.ok) return projection;
  const look = async (pixels: Tensor): Promise<Result<Tensor>> => {
    const found = await vision.value.run({ pixel_values: toOrt(pixels) });
    return found.ok ? ok(floatTensor(found.value[output])) : found;
  };
  const project = async (seen: Tensor): Promise<Result<Tensor>> => {
    const found = await projection.value.run({ image: toOrt(seen) });
    return found.ok ? ok(floatTensor(found.value['tokens'])) : found;
  };
  const nothing = isBase ? ok(zeros([1, parsed.projectionWidth])) : await look(zeros([1, 3, parsed.sizePx, parsed.sizePx]));
  if (!nothing.ok) return nothing;
  const without = await project(nothing.value);
  if (!without.ok) return without;
  const tokens: Tensor[] = [];
  for (let index = 0; index < sizeAt(image, 0); index++) {
    const seen = await look(preparePicture(sliceBatch(image, index, index + 1), parsed.sizePx));
    if (!seen.ok) return seen;
    const made = await project(seen.value);
    if (!made.ok) return made;
    tokens.push(made.value);
  }
  return ok({ tokens: joinTokens(tokens), without: joinTokens(tokens.map(() => without.value)) });
}

/**
 * One picture float32 [1, 3, h, w] in 0…1 as CLIP sees it, as transformers' CLIPImageProcessor makes it: the shorter side resized to `sizePx`
 * (Pillow's bicubic filter in 8 bits), the middle cut out, normalised; float32 [1, 3, size, size].
 */
export function preparePicture(picture: Tensor, sizePx: number): Tensor {
  const from = { height: sizeAt(picture, 2), width: sizeAt(picture, 3) };
  const shorter = Math.min(from.height, from.width);
  const scaled = (side: number): number => (side === shorter ? sizePx : Math.trunc((sizePx * side) / shorter));
  const to = { height: scaled(from.height), width: scaled(from.width) };
  const resample = createByteResampler(from, to, 'bicubic');
  const [top, left] = [Math.floor((to.height - sizePx) / 2), Math.floor((to.width - sizePx) / 2)];
  const data = new Float32Array(3 * sizePx * sizePx);
  const plane = from.height * from.width;
  for (let channel = 0; channel < 3; channel++) {
    const resized = resample(picture.data.subarray(channel * plane, (channel + 1) * plane));
    const [mean, deviation] = [MEAN[channel] ?? 0, DEVIATION[channel] ?? 1];
    for (let row = 0; row < sizePx; row++) {
      for (let column = 0; column < sizePx; column++) {
        const value = resized[(row + top) * to.width + column + left] ?? 0;
        data[(channel * sizePx + row) * sizePx + column] = (value - mean) / deviation;
      }
    }
  }
  return tensor(data, [1, 3, sizePx, sizePx]);
}

function joinTokens(parts: readonly Tensor[]): Tensor {
  const [first] = parts;
  if (first === undefined) throw new Error('a batch has at least one picture');
  const data = new Float32Array(parts.reduce((sum, part) => sum + part.data.length, 0));
  let offset = 0;
  for (const part of parts) {
    data.set(part.data, offset);
    offset += part.data.length;
  }
  const width = sizeAt(first, 2);
  return tensor(data, [1, data.length / width, width]);
}

function toOrt({ data, shape }: Tensor): OrtTensor {
  return new OrtTensor('float32', data, [...shape]);
}
