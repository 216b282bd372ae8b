import { getStroke } from 'perfect-freehand';
import type { Sheet, Stroke, Visible } from './drawing.ts';

/** What a painted context may be on. */
type Context = CanvasRenderingContext2D | OffscreenCanvasRenderingContext2D;

/** What a drawing is for: the colours of a picture, or a mask, white where something is painted and black elsewhere. */
export type DrawingUse = 'picture' | 'mask';

/** How much a pen that is hardly pressed thins its line. */
const THINNING = 0.65;

/** Paints one line over what is there, as one shape: its opacity is that of the whole. */
export function paintStroke(context: Context, stroke: Stroke): void {
  context.save();
  context.globalCompositeOperation = stroke.tool === 'eraser' ? 'destination-out' : 'source-over';
  context.globalAlpha = stroke.opacity;
  context.fillStyle = stroke.color;
  context.fill(outlineOf(stroke));
  context.restore();
}

/** Paints everything above the sheet, from nothing: the lines, and of a mask what it held from the start. */
export function paintLayer(context: Context, { sheet, isCleared, strokes }: Visible, use: DrawingUse): void {
  context.clearRect(0, 0, sheet.widthPx, sheet.heightPx);
  if (use === 'mask' && sheet.picture !== null && !isCleared) context.drawImage(sheet.picture, 0, 0, sheet.widthPx, sheet.heightPx);
  for (const stroke of strokes) paintStroke(context, stroke);
}

/** Paints the sheet itself. */
export function paintSheet(context: Context, sheet: Sheet, use: DrawingUse): void {
  const { widthPx, heightPx } = sheet;
  context.clearRect(0, 0, widthPx, heightPx);
  const color = use === 'mask' ? '#000000' : sheet.color;
  if (color !== null) {
    context.fillStyle = color;
    context.fillRect(0, 0, widthPx, heightPx);
  }
  if (use === 'picture' && sheet.picture !== null) context.drawImage(sheet.picture, 0, 0, widthPx, heightPx);
}

/** The finished drawing as a PNG file. */
export async function encodeDrawing(visible: Visible, use: DrawingUse): Promise<Uint8Array> {
  const { widthPx, heightPx } = visible.sheet;
  const [sheet, layer] = [new OffscreenCanvas(widthPx, heightPx), new OffscreenCanvas(widthPx, heightPx)];
  const context = contextOf(sheet);
  paintSheet(context, visible.sheet, use);
  paintLayer(contextOf(layer), visible, use);
  context.drawImage(layer, 0, 0);
  const file = await sheet.convertToBlob({ type: 'image/png' });
  return new Uint8Array(await file.arrayBuffer());
}

/** A mask's picture as white of so much opacity: what lines add to and the eraser takes from. */
export async function toMaskLayer(picture: ImageBitmap): Promise<ImageBitmap> {
  const context = contextOf(new OffscreenCanvas(picture.width, picture.height));
  // What can be seen through is not painted.
  context.fillStyle = '#000000';
  context.fillRect(0, 0, picture.width, picture.height);
  context.drawImage(picture, 0, 0);
  const image = context.getImageData(0, 0, picture.width, picture.height);
  const { data } = image;
  for (let at = 0; at < data.length; at += 4) {
    // ITU-R BT.601, as masks are read.
    data[at + 3] = Math.round(0.299 * (data[at] ?? 0) + 0.587 * (data[at + 1] ?? 0) + 0.114 * (data[at + 2] ?? 0));
    data.fill(255, at, at + 3);
  }
  return createImageBitmap(image);
}

function contextOf(canvas: OffscreenCanvas): OffscreenCanvasRenderingContext2D {
  const context = canvas.getContext('2d');
  if (context === null) throw new Error('this browser paints on no canvas');
  return context;
}

function outlineOf({ points, widthPx, hasPressure }: Stroke): Path2D {
  const corners = getStroke(
    points.map((point) => [...point]),
    { size: widthPx, thinning: hasPressure ? THINNING : 0, smoothing: 0.5, streamline: 0.35, simulatePressure: false, last: true },
  );
  const path = new Path2D();
  for (const [at, [x = 0, y = 0]] of corners.entries()) {
    const [nextX = x, nextY = y] = corners[(at + 1) % corners.length] ?? [];
    if (at === 0) path.moveTo((x + nextX) / 2, (y + nextY) / 2);
    else path.quadraticCurveTo(x, y, (x + nextX) / 2, (y + nextY) / 2);
  }
  path.closePath();
  return path;
}
