import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type FeatureMaps, type Network, startNetwork } from '../models/architectures/blocks/network.ts';
import { type BuiltGraph, finishGraph } from '../models/architectures/built-graph.ts';
import type { FittedLora } from '../models/lora/fit-lora.ts';
import type { Device } from '../models/onnx/build-options.ts';
import type { WeightSource } from '../models/weights.ts';
import { weightsOf } from './golden/run-graph.ts';
import { unwrap } from './unwrap.ts';
import { waves } from './waves.ts';
import { writeWeights } from './write-controlnet.ts';

/** A 3×3 convolution `conv` with weights in a file, and graphs that have nothing else. */
export interface OneConvolution {
  readonly weights: WeightSource;
  readonly channels: number;
  readonly outChannels: number;
  /** `convolve` makes the output `out` of the input `x`, float32 [batch, channels, height, width]. */
  write(
    device: Device,
    size: { readonly height: number; readonly width: number },
    convolve: (network: Network, path: string, x: FeatureMaps) => FeatureMaps,
    loras?: readonly FittedLora[],
  ): BuiltGraph;
  /** Removes the file. */
  remove(): Promise<void>;
}

/** Weights of these sizes, such that outputs are about as large as inputs. */
export async function writeOneConvolution(channels: number, outChannels: number): Promise<OneConvolution> {
  const folder = await mkdtemp(join(tmpdir(), 'emulsion-convolution-'));
  const weights = await weightsOf(
    await writeWeights(join(folder, 'weights.safetensors'), {
      'conv.weight': waves([outChannels, channels, 3, 3], 1.7, 1 / Math.sqrt(9 * channels)),
      'conv.bias': waves([outChannels], 0.9),
      'lora.a': waves([outChannels, 2], 0.3),
      'lora.b': waves([2, 9 * channels], 1.1, 1 / Math.sqrt(9 * channels)),
    }),
  );
  return {
    weights,
    channels,
    outChannels,
    write(device, size, convolve, loras = []) {
      const network = startNetwork('convolution', weights, { device, loras });
      const value = network.graph.input('x', 'float32', ['batch', channels, size.height, size.width]);
      const maps = convolve(network, 'conv', { value, channels, ...size });
      network.graph.output(maps.value, 'out', 'float32', ['batch', maps.channels, maps.height, maps.width]);
      return unwrap(finishGraph(network));
    },
    remove: () => rm(folder, { recursive: true }),
  };
}
