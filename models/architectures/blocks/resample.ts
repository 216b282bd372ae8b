import { convolutionWeights } from './convolution-weights.ts';
import { convolveDoubled, isWorthFolding } from './convolve-doubled.ts';
import { convolution } from './layers.ts';
import type { FeatureMaps, Network } from './network.ts';
import { convolveFaster } from './winograd-convolution.ts';

/**
 * Downsample2D: a 3×3 convolution of stride two. With padding 0 a row and a column of zeros are added at the bottom and on the right
 * only, as Stable Diffusion's autoencoder was trained.
 */
export function downsample(network: Network, path: string, x: FeatureMaps, padding: number): FeatureMaps {
  const sides = padding === 0 ? { pads: [0, 0, 1, 1] as const } : { padding };
  return convolution(network, `${path}.conv`, x, { outChannels: x.channels, kernel: 3, stride: 2, ...sides });
}

/** Upsample2D: every cell becomes the nearest ones of a picture of `height` × `width` (twice the size by default), then a 3×3 convolution. */
export function upsample(network: Network, path: string, x: FeatureMaps, height = 2 * x.height, width = 2 * x.width): FeatureMaps {
  return convolveEnlarged(network, `${path}.conv`, x, { outChannels: x.channels, height, width });
}

/** A 3×3 convolution and the picture that it goes over. */
export interface EnlargedConvolution {
  readonly outChannels: number;
  /** Default true. */
  readonly bias?: boolean;
  /** Default: twice the size. */
  readonly height?: number;
  readonly width?: number;
}

/** A 3×3 convolution of a picture whose cells become the nearest ones of a larger picture. */
export function convolveEnlarged(
  network: Network,
  path: string,
  x: FeatureMaps,
  { height = 2 * x.height, width = 2 * x.width, ...shape }: EnlargedConvolution,
): FeatureMaps {
  const isDoubled = height === 2 * x.height && width === 2 * x.width;
  // LoRAs look at the larger picture.
  if (isDoubled && !network.loras.touches(path)) {
    const { outChannels, bias = true } = shape;
    const weights = convolutionWeights(network, path, [outChannels, x.channels, 3, 3], bias);
    const value = convolveFaster(network, path, x, weights, 2);
    if (value !== undefined) return { value, channels: outChannels, height, width };
    if (isWorthFolding(network, x, outChannels)) return convolveDoubled(network, path, x, weights);
  }
  return convolution(network, path, enlarge(network, `${path}/nearest`, x, height, width, isDoubled), { ...shape, kernel: 3 });
}

function enlarge({ graph }: Network, path: string, x: FeatureMaps, height: number, width: number, isDoubled: boolean): FeatureMaps {
  const attributes = { mode: 'nearest', coordinate_transformation_mode: 'asymmetric', nearest_mode: 'floor', axes: [2, 3] };
  const inputs = isDoubled ? [x.value, undefined, graph.float32([2, 2])] : [x.value, undefined, undefined, graph.int64([height, width])];
  return { ...x, value: graph.node('Resize', inputs, path, { attributes }), height, width };
}
