import type { Value } from '../../onnx/graph.ts';
import type { ConvolutionWeights } from './convolution-weights.ts';
import type { FeatureMaps, Network } from './network.ts';
import { convolveByRows } from './winograd-rows.ts';
import { convolveByTiles } from './winograd-tiles.ts';

/** Ways to convolve with fewer products, the one that saves most first, and where they are faster than all others (docs/performance.md). */
const WAYS = [
  // Kernels at all points are four times as large as they are stored, and turning them takes as long for any picture.
  { leastCells: 400, leastChannels: 256, isForDoubled: true, convolve: inTiles(4) },
  { leastCells: 192, leastChannels: 320, isForDoubled: false, convolve: inTiles(2) },
  { leastCells: 1024, leastChannels: 128, isForDoubled: false, convolve: convolveByRows },
] as const;

type Convolve = (network: Network, path: string, x: FeatureMaps, weights: ConvolutionWeights, repeats: 1 | 2) => Value;

/**
 * A 3×3 convolution that keeps the picture's size in the fastest way that is not tap by tap; undefined where there is none. With `repeats`
 * 2 the picture is `x` with all cells doubled both ways.
 */
export function convolveFaster(
  network: Network,
  path: string,
  x: FeatureMaps,
  weights: ConvolutionWeights,
  repeats: 1 | 2 = 1,
): Value | undefined {
  // Other devices pay for every operator.
  if (network.device !== 'cpu') return undefined;
  const cells = repeats ** 2 * x.height * x.width;
  const way = WAYS.find(({ leastCells, leastChannels, isForDoubled }) => {
    return cells >= leastCells && 1 / x.channels + 1 / weights.outChannels <= 2 / leastChannels && (isForDoubled || repeats === 1);
  });
  return way?.convolve(network, path, x, weights, repeats);
}

function inTiles(edge: 2 | 4): Convolve {
  return (network, path, x, weights, repeats) => convolveByTiles(network, path, x, weights, edge, repeats);
}
