import { type CSSProperties, type KeyboardEvent, type PointerEvent, useEffect, useId, useLayoutEffect, useRef } from 'react';
import { drawTexts as texts } from '../texts/draw-texts.ts';
import type { PenPoint, Stroke, Visible } from './drawing.ts';
import { type DrawingUse, paintLayer, paintSheet, paintStroke } from './paint.ts';

/** What the next line is drawn with. */
export type Pen = Pick<Stroke, 'tool' | 'color' | 'opacity' | 'widthPx'>;

/** Of `PointerEvent.buttons`: the other end of a pen. */
const ERASER_END = 32;
/** The share of the sheet that an arrow key moves the pen by. */
const KEY_SHARE = 1 / 32;
const ARROWS: Readonly<Record<string, readonly [x: number, y: number]>> = {
  ArrowLeft: [-1, 0],
  ArrowRight: [1, 0],
  ArrowUp: [0, -1],
  ArrowDown: [0, 1],
};

/** A sheet to draw on with mouse, finger, pen or keys. */
export function DrawSheet({
  visible,
  use,
  beneath,
  pen,
  onStroke,
  onTakeColor,
}: {
  readonly visible: Visible;
  readonly use: DrawingUse;
  readonly beneath: ImageBitmap | null;
  readonly pen: Pen;
  onStroke(stroke: Stroke): void;
  onTakeColor(color: string): void;
}) {
  const { sheet } = visible;
  const { widthPx, heightPx } = sheet;
  const help = useId();
  const stage = useRef<HTMLDivElement>(null);
  const sheetCanvas = useRef<HTMLCanvasElement>(null);
  const layerCanvas = useRef<HTMLCanvasElement>(null);
  const cursor = useRef<HTMLDivElement>(null);
  /** The layer without the line that is being drawn. */
  const settled = useRef<{ readonly canvas: OffscreenCanvas; readonly visible: Visible }>(undefined);
  /** The line that is being drawn, and by what: a pointer's number, or keys. */
  const live = useRef<{ readonly by: number | 'keys'; readonly stroke: Stroke & { points: PenPoint[] } }>(undefined);
  const place = useRef<readonly [x: number, y: number]>([widthPx / 2, heightPx / 2]);

  useLayoutEffect(() => {
    const context = sheetCanvas.current?.getContext('2d');
    if (!context) return;
    paintSheet(context, sheet, use);
    if (use !== 'mask' || beneath === null) return;
    context.globalAlpha = 0.5;
    context.drawImage(beneath, 0, 0, widthPx, heightPx);
    context.globalAlpha = 1;
  }, [sheet, widthPx, heightPx, use, beneath]);

  useLayoutEffect(() => {
    const context = layerCanvas.current?.getContext('2d');
    if (!context) return;
    const before = settled.current;
    const canvas = before?.visible.sheet === visible.sheet ? before.canvas : new OffscreenCanvas(widthPx, heightPx);
    const painted = canvas.getContext('2d');
    if (painted === null) return;
    const last = visible.strokes.at(-1);
    if (last !== undefined && before?.canvas === canvas && isOneMore(before.visible, visible)) paintStroke(painted, last);
    else paintLayer(painted, visible, use);
    settled.current = { canvas, visible };
    context.clearRect(0, 0, widthPx, heightPx);
    context.drawImage(canvas, 0, 0);
  }, [visible, widthPx, heightPx, use]);

  useLayoutEffect(() => {
    place.current = [widthPx / 2, heightPx / 2];
  }, [widthPx, heightPx]);

  // Whoever opens it wants to draw.
  useEffect(() => stage.current?.focus(), []);

  const scale = (): number => (layerCanvas.current?.getBoundingClientRect().width ?? widthPx) / widthPx;
  const showCursor = (): void => {
    const [x, y] = place.current;
    const side = Math.max(3, pen.widthPx * scale());
    cursor.current?.style.setProperty('width', `${side}px`);
    cursor.current?.style.setProperty('height', `${side}px`);
    cursor.current?.style.setProperty('translate', `${x * scale() - side / 2}px ${y * scale() - side / 2}px`);
  };
  // Its size follows the pen's.
  useLayoutEffect(showCursor);

  const frame = useRef(0);
  const paintLive = (): void => {
    cancelAnimationFrame(frame.current);
    frame.current = requestAnimationFrame(() => {
      const context = layerCanvas.current?.getContext('2d');
      if (!context || live.current === undefined || settled.current === undefined) return;
      const { stroke } = live.current;
      const { left, top, width, height } = boundsOf(stroke);
      context.clearRect(left, top, width, height);
      context.drawImage(settled.current.canvas, left, top, width, height, left, top, width, height);
      paintStroke(context, stroke);
    });
  };
  const begin = (by: number | 'keys', point: PenPoint, more: Partial<Stroke> = {}): void => {
    live.current = { by, stroke: { kind: 'stroke', ...pen, hasPressure: false, ...more, points: [point] } };
    paintLive();
  };
  const finish = (): void => {
    cancelAnimationFrame(frame.current);
    const stroke = live.current?.stroke;
    live.current = undefined;
    if (stroke !== undefined) onStroke({ ...stroke, points: [...stroke.points] });
  };
  const pointOf = ({ clientX, clientY, pressure }: { clientX: number; clientY: number; pressure: number }): PenPoint => {
    const box = layerCanvas.current?.getBoundingClientRect();
    if (box === undefined) return [0, 0, pressure];
    return [((clientX - box.left) * widthPx) / box.width, ((clientY - box.top) * heightPx) / box.height, pressure];
  };

  const onPointerDown = (event: PointerEvent<HTMLDivElement>): void => {
    const isEraserEnd = (event.buttons & ERASER_END) !== 0;
    if (!event.isPrimary || (event.button !== 0 && !isEraserEnd) || live.current !== undefined) return;
    event.preventDefault();
    event.currentTarget.focus();
    const point = pointOf(event);
    if (event.altKey) {
      onTakeColor(colorAt(point, [sheetCanvas.current, layerCanvas.current]));
      return;
    }
    event.currentTarget.setPointerCapture(event.pointerId);
    begin(event.pointerId, point, { hasPressure: event.pointerType === 'pen', ...(isEraserEnd ? { tool: 'eraser' } : {}) });
  };
  const onPointerMove = (event: PointerEvent<HTMLDivElement>): void => {
    const [x, y] = pointOf(event);
    place.current = [x, y];
    showCursor();
    if (live.current?.by !== event.pointerId) return;
    // Between two frames a pen is somewhere many times.
    const all = event.nativeEvent.getCoalescedEvents();
    for (const one of all.length === 0 ? [event.nativeEvent] : all) live.current.stroke.points.push(pointOf(one));
    paintLive();
  };
  const onPointerEnd = (event: PointerEvent<HTMLDivElement>): void => {
    if (live.current?.by === event.pointerId) finish();
  };
  const onKeyDown = (event: KeyboardEvent<HTMLDivElement>): void => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const way = ARROWS[event.key];
    if (way === undefined && event.key !== ' ') return;
    event.preventDefault();
    const [x, y] = place.current;
    if (way === undefined) {
      if (event.repeat) return;
      if (live.current?.by === 'keys') finish();
      else if (live.current === undefined) begin('keys', [x, y, 0.5]);
      return;
    }
    const far = event.shiftKey ? 1 : Math.max(1, Math.round(Math.max(widthPx, heightPx) * KEY_SHARE));
    place.current = [within(x + way[0] * far, widthPx), within(y + way[1] * far, heightPx)];
    showCursor();
    if (live.current?.by !== 'keys') return;
    live.current.stroke.points.push([...place.current, 0.5]);
    paintLive();
  };
  const style: CSSProperties & Record<'--ratio', number> = { '--ratio': widthPx / heightPx };
  return (
    <div className="draw-stage">
      <div
        ref={stage}
        className="draw-sheet"
        role="application"
        // biome-ignore lint/a11y/noNoninteractiveTabindex: it is drawn on with keys
        tabIndex={0}
        aria-label={texts.sheet(use, widthPx, heightPx)}
        aria-describedby={help}
        style={style}
        data-small={Math.max(widthPx, heightPx) <= 128 ? '' : undefined}
        onPointerDown={onPointerDown}
        onPointerMove={onPointerMove}
        onPointerUp={onPointerEnd}
        onPointerCancel={onPointerEnd}
        onKeyDown={onKeyDown}
        onBlur={() => live.current?.by === 'keys' && finish()}
      >
        <canvas ref={sheetCanvas} width={widthPx} height={heightPx} />
        <canvas ref={layerCanvas} width={widthPx} height={heightPx} data-use={use} />
        <div ref={cursor} className="draw-cursor" />
      </div>
      <p id={help} className="sr-only">
        {texts.help}
      </p>
    </div>
  );
}

/** The same with one line more. */
function isOneMore(before: Visible, now: Visible): boolean {
  const { length } = before.strokes;
  const isLonger = now.strokes.length === length + 1 && before.isCleared === now.isCleared && before.sheet === now.sheet;
  return isLonger && before.strokes.at(-1) === now.strokes[length - 1];
}

function boundsOf({ points, widthPx }: Stroke): { left: number; top: number; width: number; height: number } {
  let [left, top, right, bottom] = [Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (const [x, y] of points) [left, top, right, bottom] = [Math.min(left, x), Math.min(top, y), Math.max(right, x), Math.max(bottom, y)];
  // A smoothed line leaves its points by less than its width.
  const from = { left: Math.floor(left - widthPx - 2), top: Math.floor(top - widthPx - 2) };
  return { ...from, width: Math.ceil(right + widthPx + 2) - from.left, height: Math.ceil(bottom + widthPx + 2) - from.top };
}

function within(value: number, size: number): number {
  return Math.min(size, Math.max(0, value));
}

/** What is seen at a place. */
function colorAt([x, y]: PenPoint, canvases: readonly (HTMLCanvasElement | null)[]): string {
  const context = new OffscreenCanvas(1, 1).getContext('2d');
  if (context === null) return '#000000';
  context.fillStyle = '#ffffff';
  context.fillRect(0, 0, 1, 1);
  for (const canvas of canvases) if (canvas !== null) context.drawImage(canvas, -Math.floor(x), -Math.floor(y));
  const [red = 0, green = 0, blue = 0] = context.getImageData(0, 0, 1, 1).data;
  return `#${[red, green, blue].map((value) => value.toString(16).padStart(2, '0')).join('')}`;
}
