// Grid: many pictures on one sheet.
import { defineNode } from '../define-node.ts';
import { type Color, parseColor } from '../parse-color.ts';
import { fail, ok } from '../problem.ts';
import { sizeAt, splitBatch, type Tensor, tensor } from '../tensor.ts';
import { ANY_SIZE, type Interval, type SocketType, sizeField, struct } from '../types/socket-type.ts';
import { explainTooLarge } from './largest-picture.ts';

const TITLE = 'Grid';
const NO_PICTURES = `${TITLE} got no pictures. Wire at least one to its input Images.`;

/** Lays pictures out on one sheet. */
export const imageGrid = defineNode({
  id: 'image.grid',
  version: 1,
  title: TITLE,
  category: 'image',
  summary: 'Lays many pictures out on one sheet.',
  docs: `
Takes several wires, lists and batches, and lays the pictures out row by row, in the order of the wires. All cells are as wide as the
widest and as high as the highest picture; smaller ones stand in the middle of their cell (a spare pixel goes to the right and
below). **Columns** left open gives a sheet that is about as wide as high in cells: the square root of the number of pictures, rounded
up. A sheet is never wider than it has pictures.

**Gap** is the distance between cells in pixels; there is none around the sheet. **Background** fills what no picture covers and
lies behind transparent pictures. With a background that is itself transparent (#rrggbbaa) the sheet has four channels, else three.
`,
  inputs: { images: { type: 'image', title: 'Images', doc: 'The pictures, in the order they are laid out.', list: true } },
  outputs: { image: { type: 'image', title: 'Image', doc: 'The sheet: one picture with 3 channels, or 4 on a transparent background.' } },
  params: {
    columns: { kind: 'int', title: 'Columns', doc: 'Cells in a row; left open: about as many as rows.', default: null, min: 1, max: 1000 },
    gap: { kind: 'int', title: 'Gap', doc: 'Distance between cells.', default: 8, min: 0, max: 1024, unit: 'px' },
    background: { kind: 'color', title: 'Background', doc: 'Behind and between the pictures.', default: '#ffffff' },
  },
  outputTypes({ images }, { columns, gap, background }, context) {
    const color = background === undefined ? undefined : parseColor(background);
    const cells = inferCells(images);
    if (cells.count.max < 1) context.refuse('images', NO_PICTURES, 'graph.missingInput');
    const least = layOut(
      { count: Math.max(1, cells.count.min), width: cells.width.min, height: cells.height.min },
      columns ?? null,
      gap ?? 0,
    );
    const tooLarge = columns === undefined || gap === undefined ? undefined : explainTooLarge(context.title, least.width, least.height);
    if (tooLarge !== undefined) context.refuse('images', tooLarge);
    const channels = color === undefined ? ([3, 4] as const) : channelsOn(color);
    return { image: struct('image', { ...inferSheet(cells, columns, gap), channels, batch: 1 }) };
  },
  async evaluate({ images }, { columns, gap, background }, context) {
    const color = parseColor(background);
    const pictures = images.flatMap(splitBatch);
    if (pictures.length === 0) return fail('node.invalidInput', NO_PICTURES, { socket: 'images' });
    const cell = {
      count: pictures.length,
      width: Math.max(...pictures.map((picture) => sizeAt(picture, 3))),
      height: Math.max(...pictures.map((picture) => sizeAt(picture, 2))),
    };
    const sheet = layOut(cell, columns, gap);
    const tooLarge = explainTooLarge(TITLE, sheet.width, sheet.height);
    if (tooLarge !== undefined) return fail('node.invalidInput', tooLarge, { socket: 'images' });
    const image = fillSheet(sheet.width, sheet.height, color);
    for (const [index, picture] of pictures.entries()) {
      context.signal.throwIfCancelled();
      const left = (index % sheet.columns) * (cell.width + gap) + Math.floor((cell.width - sizeAt(picture, 3)) / 2);
      const top = Math.floor(index / sheet.columns) * (cell.height + gap) + Math.floor((cell.height - sizeAt(picture, 2)) / 2);
      layPicture(image, picture, left, top, color);
    }
    return ok({ image });
  },
});

interface Cells {
  readonly count: number;
  readonly width: number;
  readonly height: number;
}

/** The sheet's size; every part of it grows with `cells`, which is why its ends are those of the ranges. */
function layOut(
  cells: Cells,
  columns: number | null,
  gap: number,
): { readonly columns: number; readonly width: number; readonly height: number } {
  const across = Math.min(columns ?? Math.ceil(Math.sqrt(cells.count)), cells.count);
  const down = Math.ceil(cells.count / across);
  return { columns: across, width: across * cells.width + (across - 1) * gap, height: down * cells.height + (down - 1) * gap };
}

function channelsOn(background: Color): 3 | 4 {
  return background[3] < 1 ? 4 : 3;
}

/** Ranges of the number of pictures and of the largest one's sides. */
function inferCells(images: SocketType | undefined): { readonly [K in keyof Cells]: Interval } {
  if (images?.kind !== 'list') return { count: ANY_SIZE, width: ANY_SIZE, height: ANY_SIZE };
  const kinds = images.item.kind === 'union' ? images.item.members : [images.item];
  const range = (field: string): Interval => {
    const each = kinds.map((kind) => sizeField(kind, field));
    return { min: Math.min(...each.map(({ min }) => min)), max: Math.max(...each.map(({ max }) => max)) };
  };
  const batch = range('batch');
  const most = images.length.max === 0 ? 0 : images.length.max * batch.max;
  return { count: { min: images.length.min * batch.min, max: most }, width: range('width'), height: range('height') };
}

function inferSheet(
  cells: { readonly [K in keyof Cells]: Interval },
  columns: number | null | undefined,
  gap: number | undefined,
): { readonly width: Interval; readonly height: Interval } {
  if (columns === undefined || gap === undefined) return { width: ANY_SIZE, height: ANY_SIZE };
  const least = layOut({ count: Math.max(1, cells.count.min), width: cells.width.min, height: cells.height.min }, columns, gap);
  const end = { count: Math.max(1, cells.count.max), width: cells.width.max, height: cells.height.max };
  const most = Number.isFinite(end.count) ? layOut(end, columns, gap) : undefined;
  return {
    width: { min: least.width, max: most?.width ?? (columns === null ? Number.POSITIVE_INFINITY : columns * (end.width + gap) - gap) },
    height: { min: least.height, max: most?.height ?? Number.POSITIVE_INFINITY },
  };
}

function fillSheet(width: number, height: number, background: Color): Tensor {
  const channels = channelsOn(background);
  const data = new Float32Array(channels * width * height);
  for (const [channel, value] of background.entries()) data.fill(value, channel * width * height, (channel + 1) * width * height);
  return tensor(data, [1, channels, height, width]);
}

/** Lays a picture onto the fresh sheet; only its own new memory is written. */
function layPicture(sheet: Tensor, picture: Tensor, left: number, top: number, background: Color): void {
  const [channels, height, width] = [sizeAt(picture, 1), sizeAt(picture, 2), sizeAt(picture, 3)];
  const [sheetChannels, sheetPlane, sheetWidth] = [sizeAt(sheet, 1), sizeAt(sheet, 2) * sizeAt(sheet, 3), sizeAt(sheet, 3)];
  const plane = width * height;
  if (channels !== 4) {
    for (let channel = 0; channel < sheetChannels; channel++) {
      for (let row = 0; row < height; row++) {
        const to = channel * sheetPlane + (top + row) * sheetWidth + left;
        const from = (channels === 1 ? 0 : channel) * plane + row * width;
        if (channel === 3) sheet.data.fill(1, to, to + width);
        else sheet.data.set(picture.data.subarray(from, from + width), to);
      }
    }
    return;
  }
  for (let at = 0; at < plane; at++) {
    const to = (top + Math.floor(at / width)) * sheetWidth + left + (at % width);
    const opacity = picture.data[3 * plane + at] ?? 0;
    const behind = background[3] * (1 - opacity);
    const total = opacity + behind;
    for (let channel = 0; channel < 3; channel++) {
      const color = picture.data[channel * plane + at] ?? 0;
      // Porter and Duff's "over" with straight alpha.
      const mixed = color * opacity + (background[channel] ?? 0) * behind;
      sheet.data[channel * sheetPlane + to] = total > 0 ? mixed / total : 0;
    }
    if (sheetChannels === 4) sheet.data[3 * sheetPlane + to] = total;
  }
}
