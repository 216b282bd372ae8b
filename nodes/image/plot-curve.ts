import { type Tensor, tensor } from '../tensor.ts';
import { drawText, GLYPH_HEIGHT, textWidth } from './pixel-font.ts';

/** What a curve shows: y over the whole numbers from 0. */
export interface CurvePlot {
  readonly title: string;
  readonly values: Float32Array;
  /** Place on the x axis that is marked; undefined: none. */
  readonly mark: number | undefined;
  readonly widthPx: number;
  readonly heightPx: number;
}

const MARGIN = { left: 56, right: 14, top: 26, bottom: 24 };
const INK = 0.15;
const GRID = 0.88;
const CURVE = [0.15, 0.39, 0.92] as const;
const MARK = [0.86, 0.22, 0.16] as const;
const LINE_RADIUS_PX = 1.1;
const GRID_LINES = 4;

/** A line plot with axes and numbers as a picture, float32 NCHW [1, 3, height, width] in 0…1, on white. */
export function plotCurve({ title, values, mark, widthPx, heightPx }: CurvePlot): Tensor {
  const picture = new Float32Array(3 * widthPx * heightPx).fill(1);
  const canvas = { data: picture, widthPx, heightPx };
  const [left, right] = [MARGIN.left, widthPx - MARGIN.right];
  const [top, bottom] = [MARGIN.top, heightPx - MARGIN.bottom];
  const [low, high] = rangeOf(values);
  const xOf = (at: number): number => (values.length === 1 ? (left + right) / 2 : left + ((right - left) * at) / (values.length - 1));
  const yOf = (value: number): number => bottom - ((bottom - top) * (value - low)) / (high - low);
  for (let line = 0; line <= GRID_LINES; line++) {
    const value = low + ((high - low) * line) / GRID_LINES;
    const y = Math.round(yOf(value));
    fill(canvas, left, y, right - left, 1, [GRID, GRID, GRID]);
    const label = shorten(value);
    drawText(canvas, label, left - 6 - textWidth(label), y - (GLYPH_HEIGHT >> 1), INK);
  }
  for (const at of [0, Math.floor((values.length - 1) / 2), values.length - 1]) {
    const label = String(at);
    drawText(canvas, label, Math.round(xOf(at) - textWidth(label) / 2), bottom + 8, INK);
  }
  drawText(canvas, title, left, 8, INK);
  const points = [...values].map((value, at) => [xOf(at), yOf(value)] as const);
  for (const [at, point] of points.entries()) {
    const next = points[at + 1] ?? point;
    drawSegment(canvas, point, next, CURVE);
  }
  const marked = mark === undefined ? undefined : points[mark];
  if (marked !== undefined) {
    fill(canvas, Math.round(marked[0]), top, 1, bottom - top, MARK);
    const label = shorten(values[mark ?? 0] ?? 0);
    drawText(canvas, label, Math.min(right - textWidth(label), Math.round(marked[0]) + 5), top + 2, INK);
  }
  return tensor(picture, [1, 3, heightPx, widthPx]);
}

/** A picture while it is drawn on. */
export interface PlotCanvas {
  readonly data: Float32Array;
  readonly widthPx: number;
  readonly heightPx: number;
}

/** From the least to the greatest value; a flat curve gets room above and below. */
function rangeOf(values: Float32Array): [number, number] {
  const low = values.reduce((least, value) => Math.min(least, value), Number.POSITIVE_INFINITY);
  const high = values.reduce((most, value) => Math.max(most, value), Number.NEGATIVE_INFINITY);
  return high > low ? [Math.min(0, low), high] : [low - 1, high + 1];
}

function shorten(value: number): string {
  const size = Math.abs(value);
  if (size >= 1000) return value.toFixed(0);
  return size >= 10 ? value.toFixed(1) : value.toFixed(size === 0 ? 0 : 2);
}

function fill(canvas: PlotCanvas, x: number, y: number, width: number, height: number, colour: readonly number[]): void {
  for (let row = Math.max(0, y); row < Math.min(canvas.heightPx, y + height); row++) {
    for (let column = Math.max(0, x); column < Math.min(canvas.widthPx, x + width); column++) blend(canvas, column, row, colour, 1);
  }
}

/** A line with soft edges: each pixel is covered by as much as it lies within the line's radius. */
function drawSegment(canvas: PlotCanvas, from: readonly [number, number], to: readonly [number, number], colour: readonly number[]): void {
  const reach = LINE_RADIUS_PX + 1;
  const [dx, dy] = [to[0] - from[0], to[1] - from[1]];
  const length = dx * dx + dy * dy;
  for (let y = Math.floor(Math.min(from[1], to[1]) - reach); y <= Math.max(from[1], to[1]) + reach; y++) {
    for (let x = Math.floor(Math.min(from[0], to[0]) - reach); x <= Math.max(from[0], to[0]) + reach; x++) {
      if (x < 0 || y < 0 || x >= canvas.widthPx || y >= canvas.heightPx) continue;
      const along = length === 0 ? 0 : Math.min(1, Math.max(0, ((x - from[0]) * dx + (y - from[1]) * dy) / length));
      const distance = Math.hypot(x - from[0] - along * dx, y - from[1] - along * dy);
      const cover = Math.min(1, Math.max(0, LINE_RADIUS_PX + 0.5 - distance));
      if (cover > 0) blend(canvas, x, y, colour, cover);
    }
  }
}

function blend({ data, widthPx, heightPx }: PlotCanvas, x: number, y: number, colour: readonly number[], cover: number): void {
  for (let channel = 0; channel < 3; channel++) {
    const at = (channel * heightPx + y) * widthPx + x;
    // Where segments meet, the darker of both counts: covering twice would make knots.
    data[at] = Math.min(data[at] ?? 1, 1 - cover + cover * (colour[channel] ?? 0));
  }
}
