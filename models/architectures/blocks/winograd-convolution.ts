import type { Value } from '../../onnx/graph.ts';
import type { ConvolutionWeights } from './convolution-weights.ts';
import type { FeatureMaps, Network } from './network.ts';
import { convolveByRows } from './winograd-rows.ts';
import { convolveByTiles } from './winograd-tiles.ts';

/**
 * A larger picture is worked off in many blocks, which leave the memory in pieces that its next map does not fit into: decoding 768×768
 * took 4.3 GB so, and takes 3.3.
 */
const MOST_CELLS_IN_TILES = 2 ** 14;

/** Ways to convolve with fewer products, the one that saves most first, and where they are faster than all others (docs/performance.md). */
const WAYS = [
  // Kernels at all points are four times as large as they are stored, and turning them takes as long for any picture.
  { leastCells: 400, mostCells: MOST_CELLS_IN_TILES, leastChannels: 256, isForDoubled: true, convolve: inTiles(4) },
  { leastCells: 192, mostCells: MOST_CELLS_IN_TILES, leastChannels: 320, isForDoubled: false, convolve: inTiles(2) },
  { leastCells: 1024, mostCells: Number.POSITIVE_INFINITY, leastChannels: 128, isForDoubled: false, convolve: convolveByRows },
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
  const way = WAYS.find(({ leastCells, mostCells, leastChannels, isForDoubled }) => {
    if (cells < leastCells || cells > mostCells || (repeats > 1 && !isForDoubled)) return false;
    return 1 / x.channels + 1 / weights.outChannels <= 2 / leastChannels;
  });
  return way?.convolve(network, path, x, weights, repeats);
}

function inTiles(edge: 2 | 4): Convolve {
  return (network, path, x, weights, repeats) => convolveByTiles(network, path, x, weights, edge, repeats);
}
