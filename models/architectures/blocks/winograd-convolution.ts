import type { Value } from '../../onnx/graph.ts';
import { concat, matMul, reshape, split, transpose } from '../../onnx/operators.ts';
import type { FeatureMaps, Network } from './network.ts';

/*
 * Winograd's F(4, 3) along the rows (Lavin and Gray 2015, Fast Algorithms for Convolutional Neural Networks): six products give four
 * outputs of three taps, where twelve were needed. With the points 0, 1, −1, 2, −2 and ∞, a column of six inputs d and of three taps g
 * give the four outputs Aᵀ ((G g) ⊙ (Bᵀ d)).
 */
const OUTPUTS = 4;
const POINTS = 6;

const INPUTS_TO_POINTS = [
  [4, 0, -5, 0, 1, 0],
  [0, -4, -4, 1, 1, 0],
  [0, 4, -4, -1, 1, 0],
  [0, -2, -1, 2, 1, 0],
  [0, 2, -1, -2, 1, 0],
  [0, 4, 0, -5, 0, 1],
];

const TAPS_TO_POINTS = [
  [1 / 4, 0, 0],
  [-1 / 6, -1 / 6, -1 / 6],
  [-1 / 6, 1 / 6, -1 / 6],
  [1 / 24, 1 / 12, 1 / 6],
  [1 / 24, -1 / 12, 1 / 6],
  [0, 0, 1],
];

const POINTS_TO_OUTPUTS = [
  [1, 1, 1, 1, 1, 0],
  [0, 1, -1, 2, -2, 0],
  [0, 1, 1, 4, 4, 0],
  [0, 1, -1, 8, -8, 1],
];

/** The point 1, whose value goes into all outputs as it is: what is added to it is added to them. */
const POINT_ONE = 1;

/** Below this many cells, turning the weights into points takes what is saved. */
const LEAST_CELLS = 1024;

/** So many channels on both sides make the products worth going to the points and back. */
const LEAST_CHANNELS = 128;

/** Higher pictures are worked off in bands: a band's points stay near the processor, and the matrices of a whole picture are mostly zeros. */
const WHOLE_ROWS = 64;
const BAND_ROWS = 32;

/** True where a 3×3 convolution that keeps the size is faster in this way: 0.59 to 0.83 of its time (docs/performance.md). */
export function isWorthWinograd({ device }: Network, { channels, height, width }: FeatureMaps, outChannels: number): boolean {
  if (device !== 'cpu' || height % OUTPUTS !== 0 || height * width < LEAST_CELLS) return false;
  return 1 / channels + 1 / outChannels <= 2 / LEAST_CHANNELS;
}

/**
 * A 3×3 convolution with zeros around the picture, whose height four divides. `weight`: float32 [out, in, 3, 3]; `offset`: float32 [out].
 * Its error is 7e-7 of the outputs' standard deviation (root mean square), the plain one's 2e-7.
 */
export function winogradConvolution(
  { graph }: Network,
  path: string,
  { value, channels, height, width }: FeatureMaps,
  outChannels: number,
  weight: Value,
  offset: Value | undefined,
): Value {
  // The same as a transposition, in little more than half of its time.
  const rowsOfTaps = concat(graph, `${path}.weight/rows`, split(graph, `${path}.weight/row`, weight, 3, 2), 0);
  const taps = reshape(graph, `${path}.weight/taps`, rowsOfTaps, [3, -1]);
  const points = matMul(graph, `${path}.weight/points`, graph.float32(TAPS_TO_POINTS.flat(), [POINTS, 3]), taps);
  const kernel = reshape(graph, `${path}.weight/kernel`, points, [POINTS * outChannels, channels, 1, 3]);
  const zeros = (count: number): Value => graph.float32(new Float32Array(count * outChannels));
  const offsets =
    offset === undefined ? [] : [concat(graph, `${path}.bias/points`, [zeros(POINT_ONE), offset, zeros(POINTS - POINT_ONE - 1)], 0)];

  const convolveBand = (from: number, to: number): Value => {
    const name = `${path}/rows.${from}`;
    const [first, end] = [Math.max(0, from - 1), Math.min(height, to + 1)];
    const isAll = first === 0 && end === height;
    const rows = isAll ? value : graph.node('Slice', [value, graph.int64([first]), graph.int64([end]), graph.int64([2])], `${name}/given`);
    const tiles = (to - from) / OUTPUTS;
    const asked = matMul(graph, `${name}/points`, inputMatrix(graph, tiles, first - (from - 1), end - first), rows);
    const grouped = byPoint(asked, channels, tiles, 'in');
    const product = graph.node('Conv', [grouped, kernel, ...offsets], `${name}/product`, {
      attributes: { kernel_shape: [1, 3], pads: [0, 1, 0, 1], strides: [1, 1], group: POINTS },
    });
    return matMul(graph, `${name}/outputs`, outputMatrix(graph, tiles), byPoint(product, outChannels, tiles, 'out'));
  };
  /** [batch, maps, 6 · tiles, width] to [batch, 6 · maps, tiles, width], or back. */
  const byPoint = (x: Value, maps: number, tiles: number, way: 'in' | 'out'): Value => {
    const [outer, inner] = way === 'in' ? [maps, POINTS] : [POINTS, maps];
    const apart = reshape(graph, `${x.name}/apart`, x, [0, outer, inner, tiles * width]);
    const turned = transpose(graph, `${x.name}/turned`, apart, [0, 2, 1, 3]);
    return reshape(graph, `${x.name}/joined`, turned, way === 'in' ? [0, POINTS * maps, tiles, width] : [0, maps, POINTS * tiles, width]);
  };

  const bandRows = height <= WHOLE_ROWS ? height : BAND_ROWS;
  const starts = Array.from({ length: Math.ceil(height / bandRows) }, (_, band) => band * bandRows);
  const bands = starts.map((from) => convolveBand(from, Math.min(height, from + bandRows)));
  const [only] = bands;
  return bands.length === 1 && only !== undefined ? only : concat(graph, path, bands, 2);
}

/** float32 [6 · tiles, rows]: Bᵀ for every tile of four outputs, by point and then by tile; the first `skipped` rows are not given. */
function inputMatrix(graph: Network['graph'], tiles: number, skipped: number, rows: number): Value {
  const matrix = new Float32Array(POINTS * tiles * rows);
  for (const [point, factors] of INPUTS_TO_POINTS.entries()) {
    for (let tile = 0; tile < tiles; tile++) {
      for (const [at, factor] of factors.entries()) {
        const row = OUTPUTS * tile + at - skipped;
        if (row >= 0 && row < rows) matrix[(point * tiles + tile) * rows + row] = factor;
      }
    }
  }
  return graph.float32(matrix, [POINTS * tiles, rows]);
}

/** float32 [4 · tiles, 6 · tiles]: Aᵀ for every tile. */
function outputMatrix(graph: Network['graph'], tiles: number): Value {
  const matrix = new Float32Array(OUTPUTS * tiles * POINTS * tiles);
  for (const [output, factors] of POINTS_TO_OUTPUTS.entries()) {
    for (let tile = 0; tile < tiles; tile++) {
      for (const [point, factor] of factors.entries()) matrix[(OUTPUTS * tile + output) * POINTS * tiles + point * tiles + tile] = factor;
    }
  }
  return graph.float32(matrix, [OUTPUTS * tiles, POINTS * tiles]);
}
