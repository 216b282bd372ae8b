import { Tensor as OrtTensor } from 'onnxruntime-node';
import type { OnnxFile } from '../../models/onnx/onnx-file.ts';
import { findPicturePorts, type PicturePort } from '../../models/onnx/picture-ports.ts';
import type { PictureNetwork } from '../../nodes/context.ts';
import { fail, ok, type Result } from '../../nodes/problem.ts';
import { sizeAt, type Tensor, tensor } from '../../nodes/tensor.ts';
import type { TextEquipment } from './encode-text.ts';
import { openOnnxSession } from './open-onnx-session.ts';

/** A graph that somebody else wrote and that makes a picture of a picture, opened. */
export async function openPictureNetwork(
  file: OnnxFile,
  name: string,
  output: string | null,
  { sessions, memory }: Pick<TextEquipment, 'sessions' | 'memory'>,
): Promise<Result<PictureNetwork>> {
  const ports = findPicturePorts(file, output);
  if (!ports.ok) return ports;
  const title = `the network ${name}`;
  const mode = memory === 'streaming' ? 'streaming' : 'resident';
  const session = await openOnnxSession(sessions, { file, key: `${file.fingerprint} picture network`, title, mode });
  if (!session.ok) return session;
  const { input, output: given } = ports.value;
  return ok({
    channels: input.channels,
    widthPx: input.widthPx,
    heightPx: input.heightPx,
    takesBytes: input.type === 'uint8',
    givesBytes: given.type === 'uint8',
    async run(picture) {
      const found = await session.value.run({ [input.name]: toPort(picture, input) });
      if (!found.ok) return found;
      const value = found.value[given.name];
      if (value === undefined) throw new Error('a session gives every output of its graph');
      const read = fromPort(value, given);
      if (read !== undefined) return ok(read);
      return fail(
        'node.failed',
        `${name} gives ${given.name} of ${value.dims.join('×')}, which is no picture of 1, 3 or 4 channels. Choose another output or network.`,
      );
    },
  });
}

function toPort(picture: Tensor, { layout, rank }: PicturePort): OrtTensor {
  const [channels, height, width] = [sizeAt(picture, 1), sizeAt(picture, 2), sizeAt(picture, 3)];
  const data = layout === 'channelsLast' ? moveChannels(picture.data, channels, height * width, true) : picture.data;
  const sizes = layout === 'rows' ? [height, width] : layout === 'channelsLast' ? [height, width, channels] : [channels, height, width];
  return new OrtTensor('float32', data, rank > sizes.length ? [1, ...sizes] : sizes);
}

/** float32 NCHW [1, 1, 3 or 4, h, w]; undefined if it is none. */
function fromPort(value: OrtTensor, { layout }: PicturePort): Tensor | undefined {
  const data = value.data as Float32Array; // sessions of this kind give float32
  const dims = layout === 'rows' ? [1, ...value.dims.slice(-2)] : value.dims.slice(-3);
  const [first = 0, second = 0, third = 0] = dims;
  const [channels, height, width] = layout === 'channelsLast' ? [third, first, second] : [first, second, third];
  if (![1, 3, 4].includes(channels) || channels * height * width !== data.length) return undefined;
  return tensor(layout === 'channelsLast' ? moveChannels(data, channels, height * width, false) : data, [1, channels, height, width]);
}

/** Channels behind the pixels, or back before them. */
function moveChannels(data: Float32Array, channels: number, pixels: number, behind: boolean): Float32Array {
  const moved = new Float32Array(data.length);
  for (let channel = 0; channel < channels; channel++) {
    for (let pixel = 0; pixel < pixels; pixel++) {
      const [first, last] = [channel * pixels + pixel, pixel * channels + channel];
      moved[behind ? last : first] = data[behind ? first : last] ?? 0;
    }
  }
  return moved;
}
