import type { Value } from '../../onnx/graph.ts';
import { concat, matMul, reshape } from '../../onnx/operators.ts';
import type { ConvolutionWeights } from './convolution-weights.ts';
import type { FeatureMaps, Network } from './network.ts';

/** The places that a row, or a column, of the doubled picture can have in a cell of the original. */
const PLACES = [0, 1] as const;
type Place = (typeof PLACES)[number];

/**
 * By place, on which of two neighbouring cells each of a kernel's three taps falls: from the first row of a cell, the tap above falls on
 * the cell before and the others on the cell itself; from the second, two fall on the cell itself and one on the next.
 */
const CELLS_OF_TAPS = { 0: [0, 1, 1], 1: [0, 0, 1] } as const satisfies Readonly<Record<Place, readonly number[]>>;

/** In pictures of fewer cells, adding up the taps of kernels that are larger than this takes longer than it saves. */
const LEAST_CELLS = 256;
const SMALL_KERNELS = 2 ** 17;

/** True where a convolution of a doubled picture is faster without doubling it; measured with weights that are not kept widened. */
export function isWorthFolding({ device }: Network, { channels, height, width }: FeatureMaps, outChannels: number): boolean {
  // Other devices pay for every operator.
  return device === 'cpu' && (height * width >= LEAST_CELLS || channels * outChannels <= SMALL_KERNELS);
}

/**
 * A 3×3 convolution of a picture whose cells have all been doubled both ways, without doubling it: each of the four places in a cell sees
 * 2×2 cells only, through sums of the kernel's taps, so four products do where nine were. The same but for rounding, since taps are added
 * before they are multiplied.
 */
export function convolveDoubled(
  network: Network,
  path: string,
  x: FeatureMaps,
  { outChannels, kernels, offsets }: ConvolutionWeights,
): FeatureMaps {
  const { graph } = network;
  const { channels, height, width } = x;
  const kernel = reshape(graph, `${path}.weight/taps`, kernels(), [-1, 9]);
  const convolvePlace = (row: Place, column: Place): Value => {
    const name = `${path}/place.${row}${column}`;
    const summed = matMul(graph, `${name}.weight/taps`, kernel, graph.float32(sumsOfTaps(row, column), [9, 4]));
    const small = reshape(graph, `${name}.weight`, summed, [outChannels, channels, 2, 2]);
    const pads = [1 - row, 1 - column, row, column];
    return graph.node('Conv', [x.value, small, ...offsets([outChannels])], name, {
      attributes: { kernel_shape: [2, 2], pads, strides: [1, 1] },
    });
  };
  // Joining along the last axis interleaves columns, and then rows; DepthToSpace takes longer.
  const rows = PLACES.map((row) => {
    const columns = PLACES.map((column) => {
      const maps = convolvePlace(row, column);
      return reshape(graph, `${maps.name}/column`, maps, [0, outChannels, height, width, 1]);
    });
    const joined = concat(graph, `${path}/row.${row}`, columns, 4);
    return reshape(graph, `${joined.name}/whole`, joined, [0, outChannels, height, 1, 2 * width]);
  });
  const value = reshape(graph, path, concat(graph, `${path}/rows`, rows, 3), [0, outChannels, 2 * height, 2 * width]);
  return { value, channels: outChannels, height: 2 * height, width: 2 * width };
}

/** float32 [9, 4]: 1 where a tap of the 3×3 kernel falls on a cell of the 2×2 that a place sees. */
function sumsOfTaps(row: Place, column: Place): number[] {
  const [rows, columns] = [CELLS_OF_TAPS[row], CELLS_OF_TAPS[column]];
  return rows.flatMap((y) => columns.flatMap((x) => [0, 1, 2, 3].map((cell) => (cell === 2 * y + x ? 1 : 0))));
}
