import type { Value } from '../../onnx/graph.ts';
import type { GraphBuilder } from '../../onnx/graph-builder.ts';
import { type Matrix, transposed, zeroMatrix } from '../../onnx/matrix.ts';
import { add, concat, matMul, reshape, slice, transpose } from '../../onnx/operators.ts';
import type { ConvolutionWeights } from './convolution-weights.ts';
import { multiplyByWeight } from './multiply-by-weight.ts';
import type { FeatureMaps, Network } from './network.ts';
import { type AxisPiece, inputMatrix, outputMatrix, piecesOf, type WinogradPoints, winogradPoints } from './winograd-points.ts';

/** By the edge of a tile of outputs. With √2 and its reciprocal the larger one errs half as much as with 1 and 2. */
const FORMS = {
  2: winogradPoints([0, 1, -1]),
  4: winogradPoints([0, Math.SQRT1_2, -Math.SQRT1_2, Math.SQRT2, -Math.SQRT2]),
} as const;

/** Cells of an edge that are worked off at once: the matrices of longer ones are mostly zeros. */
const LONGEST_EDGE = 64;

/** Kernels at all points are larger than as they are stored, so large ones are turned in parts. */
const MAX_KERNEL_BYTES = 128 << 20;

/**
 * A 3×3 convolution with zeros around the picture by Winograd's F(2×2, 3×3) or F(4×4, 3×3), whichever `edge` says: 4/9 or 1/4 of the products.
 * With `repeats` 2 it goes over the picture with all cells doubled both ways, which is never made: the inputs at all points are found from
 * those that there are.
 * What it gives errs by 5e-7 or 1.2e-6 of the outputs' standard deviation (root mean square), the plain one's by 2e-7.
 */
export function convolveByTiles(
  network: Network,
  path: string,
  x: FeatureMaps,
  { outChannels, kernels, offsets }: ConvolutionWeights,
  edge: keyof typeof FORMS,
  repeats: 1 | 2,
): Value {
  const { graph } = network;
  const form = FORMS[edge];
  const rows = piecesOf(form, repeats * x.height, LONGEST_EDGE, repeats).map((piece) => rowPiece(graph, form, piece));
  const columns = piecesOf(form, repeats * x.width, LONGEST_EDGE, repeats).map((piece) => columnPiece(graph, form, piece));
  const toRows = graph.matrix(downMatrix(form));
  const tapsToPoints = graph.matrix(tapsMatrix(form));
  const parts = partsOf(outChannels, form.points ** 2 * x.channels).map(({ from, to }) => {
    const name = `${path}.weight/points.${from}`;
    const taps = reshape(graph, `${name}/taps`, kernels(from, to), [-1, 9]);
    // By point, output and input channel, whatever lies where in the taps: one product that reads them once.
    const turned = multiplyByWeight(network, name, tapsToPoints, taps, false);
    return { count: to - from, kernel: reshape(graph, `${name}/kernel`, turned, [form.points ** 2 * (to - from), x.channels, 1, 1]) };
  });
  const bands = rows.map((row) => {
    const blocks = columns.map((column) => {
      const name = `${path}/block.${row.from}.${column.from}`;
      const given = inputPoints(network, name, x, form, row, column);
      const maps = parts.map(({ count, kernel }, index) => {
        const product = graph.node('Conv', [given, kernel], `${name}/product.${index}`, {
          attributes: { kernel_shape: [1, 1], pads: [0, 0, 0, 0], strides: [1, 1], group: form.points ** 2 },
        });
        return outputCells(network, product, count, form, row, column, toRows);
      });
      return concat(graph, `${name}/maps`, maps, 1);
    });
    return concat(graph, `${path}/band.${row.from}`, blocks, 3);
  });
  const joined = concat(graph, `${path}/bands`, bands, 2);
  return offsets([outChannels, 1, 1]).reduce((sum, offset) => add(graph, path, sum, offset), joined);
}

/** Rows of cells that are worked off together. */
interface RowPiece extends AxisPiece {
  /** float32 [points, 1, tiles, rows]: from inputs to points. */
  readonly toPoints: Value;
}

function rowPiece(graph: GraphBuilder, form: WinogradPoints, piece: AxisPiece): RowPiece {
  const { rows, columns, values } = inputMatrix(form, piece);
  return { ...piece, toPoints: graph.float32(values, [form.points, 1, rows / form.points, columns]) };
}

/** Columns of cells that are worked off together. */
interface ColumnPiece extends AxisPiece {
  /** float32 [points, columns, tiles]: from inputs to points. */
  readonly toPoints: Value;
  /** float32 [points · tiles, columns]: from points to outputs. */
  readonly toCells: Value;
}

function columnPiece(graph: GraphBuilder, form: WinogradPoints, piece: AxisPiece): ColumnPiece {
  const { rows, columns, values } = transposed(inputMatrix(form, piece), form.points);
  const toPoints = graph.float32(values, [form.points, rows / form.points, columns]);
  return { ...piece, toPoints, toCells: graph.matrix(transposed(outputMatrix(form, piece))) };
}

/**
 * The inputs of a block at all points, those across outermost: float32 [batch, points² · channels, tiles of a column, tiles of a row]. Every
 * point is a product of its own, so that nothing has to be put into another order.
 */
function inputPoints(
  { graph }: Network,
  name: string,
  { value, channels, height, width }: FeatureMaps,
  { points }: WinogradPoints,
  row: RowPiece,
  column: ColumnPiece,
): Value {
  const [rows, columns] = [row.end - row.first, column.end - column.first];
  const isAll = rows === height && columns === width;
  const given = isAll ? value : slice(graph, `${name}/given`, value, [row.first, column.first], [row.end, column.end], [2, 3]);
  const maps = reshape(graph, `${name}/maps`, given, [0, 1, channels, rows, columns]);
  const down = matMul(graph, `${name}/points.down`, row.toPoints, maps);
  const lines = reshape(graph, `${name}/points.down/lines`, down, [0, 1, points * channels * row.tiles, columns]);
  const across = matMul(graph, `${name}/points.across`, lines, column.toPoints);
  return reshape(graph, `${name}/points`, across, [0, points ** 2 * channels, row.tiles, column.tiles]);
}

/**
 * From `product`, float32 [batch, points² · maps, tiles of a column, tiles of a row], the outputs: float32 [batch, maps, rows, columns].
 * `toRows`: `downMatrix`.
 */
function outputCells(
  { graph }: Network,
  product: Value,
  maps: number,
  { points, outputs }: WinogradPoints,
  row: RowPiece,
  column: ColumnPiece,
  toRows: Value,
): Value {
  const name = product.name;
  const [tiles, height] = [row.tiles * column.tiles, row.to - row.from];
  const apart = reshape(graph, `${name}/apart`, product, [0, points ** 2, maps * tiles]);
  // Down the rows while the points still lie outermost, which needs no other order of the numbers and leaves fewer of them.
  const down = matMul(graph, `${name}/down`, toRows, apart);
  const tiled = reshape(graph, `${name}/tiled`, down, [0, outputs, points, maps, row.tiles, column.tiles]);
  const turned = transpose(graph, `${name}/turned`, tiled, [0, 3, 4, 1, 2, 5]);
  const wide = reshape(graph, `${name}/rows`, turned, [0, maps, row.tiles * outputs, points * column.tiles]);
  const isExact = row.tiles * outputs === height;
  const cut = isExact ? wide : slice(graph, `${name}/cut`, wide, [0], [height], [2]);
  return matMul(graph, `${name}/cells`, cut, column.toCells);
}

/** float32 [points², 9]: what the taps of a kernel count at all points, those across outermost. */
function tapsMatrix({ points, fromTaps }: WinogradPoints): Matrix {
  const values = fromTaps.flatMap((across) => fromTaps.flatMap((down) => down.flatMap((y) => across.map((x) => y * x))));
  return { rows: points ** 2, columns: 9, values: Float32Array.from(values) };
}

/** float32 [outputs · points, points²]: Aᵀ down the rows; the points across stay what they are. */
function downMatrix({ points, outputs, toOutputs }: WinogradPoints): Matrix {
  const matrix = zeroMatrix(outputs * points, points ** 2);
  for (const [down, factors] of toOutputs.entries()) {
    for (const [output, factor] of factors.entries()) {
      for (let across = 0; across < points; across++) {
        matrix.values[(output * points + across) * matrix.columns + across * points + down] = factor;
      }
    }
  }
  return matrix;
}

/** Parts of the output channels whose kernels at all points, `perChannel` numbers each, are not too large. */
function partsOf(outChannels: number, perChannel: number): { readonly from: number; readonly to: number }[] {
  const count = Math.ceil((outChannels * perChannel * Float32Array.BYTES_PER_ELEMENT) / MAX_KERNEL_BYTES);
  const step = Math.ceil(outChannels / count);
  return Array.from({ length: Math.ceil(outChannels / step) }, (_, index) => ({
    from: index * step,
    to: Math.min(outChannels, (index + 1) * step),
  }));
}
