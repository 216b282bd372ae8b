import { useReactFlow, useStoreApi } from '@xyflow/react';
import { type PointerEvent, useEffect, useRef } from 'react';
import { texts } from '../texts.ts';
import { useFlow } from './canvas-context.ts';
import type { SeenPart } from './move-in-place.ts';

const WIDTH = 184;
const HEIGHT = 120;
const MARGIN = 0.06;
const REDRAW_MS = 60;

/**
 * The whole graph, small, with what is seen of it. One canvas: React Flow's own map keeps an element and a subscription for every
 * node, which costs more than all visible nodes together once there are a thousand.
 */
export function Minimap() {
  const canvas = useRef<HTMLCanvasElement>(null);
  const map = useRef({ left: 0, top: 0, scale: 1 });
  const flow = useFlow();
  const api = useStoreApi();
  const { setCenter, getZoom } = useReactFlow();

  useEffect(() => {
    let timer: ReturnType<typeof setTimeout> | undefined;
    const draw = (): void => {
      timer = undefined;
      if (canvas.current === null) return;
      const { nodes } = flow.state.getState();
      const seen = api.getState();
      // Where everything is seen, a map would only cover some of it.
      canvas.current.toggleAttribute('data-idle', isAllSeen(nodes, seen));
      map.current = drawMap(canvas.current, nodes, seen);
    };
    const later = (): void => {
      timer ??= setTimeout(draw, REDRAW_MS);
    };
    const stops = [api.subscribe(later), flow.state.subscribe(later)];
    const scheme = window.matchMedia('(prefers-color-scheme: dark)');
    scheme.addEventListener('change', later);
    draw();
    return () => {
      clearTimeout(timer);
      scheme.removeEventListener('change', later);
      for (const stop of stops) stop();
    };
  }, [api, flow]);

  const go = (event: PointerEvent<HTMLCanvasElement>): void => {
    if (event.buttons !== 1) return;
    event.currentTarget.setPointerCapture(event.pointerId);
    const box = event.currentTarget.getBoundingClientRect();
    const { left, top, scale } = map.current;
    void setCenter(left + (event.clientX - box.left) / scale, top + (event.clientY - box.top) / scale, { zoom: getZoom() });
  };
  return (
    <canvas
      ref={canvas}
      className="minimap"
      role="img"
      aria-label={texts.canvas.minimap}
      width={WIDTH * 2}
      height={HEIGHT * 2}
      onPointerDown={go}
      onPointerMove={go}
    />
  );
}

interface Mapped {
  readonly type?: string | undefined;
  readonly selected?: boolean | undefined;
  readonly position: { readonly x: number; readonly y: number };
  readonly width?: number | undefined;
  readonly height?: number | undefined;
}

function isAllSeen(nodes: readonly Mapped[], { transform: [x, y, zoom], width, height }: SeenPart): boolean {
  return nodes.every(({ position, width: wide = 0, height: tall = 0 }) => {
    const [left, top] = [position.x * zoom + x, position.y * zoom + y];
    return left >= 0 && top >= 0 && left + wide * zoom <= width && top + tall * zoom <= height;
  });
}

function drawMap(canvas: HTMLCanvasElement, nodes: readonly Mapped[], { transform: [x, y, zoom], width, height }: SeenPart) {
  const view = { left: -x / zoom, top: -y / zoom, right: (width - x) / zoom, bottom: (height - y) / zoom };
  const all = { ...view };
  for (const { position, width = 0, height = 0 } of nodes) {
    all.left = Math.min(all.left, position.x);
    all.top = Math.min(all.top, position.y);
    all.right = Math.max(all.right, position.x + width);
    all.bottom = Math.max(all.bottom, position.y + height);
  }
  const [fullWidth, fullHeight] = [Math.max(1, all.right - all.left), Math.max(1, all.bottom - all.top)];
  const scale = Math.min(WIDTH / fullWidth, HEIGHT / fullHeight) * (1 - MARGIN);
  const left = all.left - (WIDTH / scale - fullWidth) / 2;
  const top = all.top - (HEIGHT / scale - fullHeight) / 2;
  const context = canvas.getContext('2d');
  if (context === null) return { left, top, scale };
  const style = getComputedStyle(canvas);
  context.setTransform(2, 0, 0, 2, 0, 0);
  context.clearRect(0, 0, WIDTH, HEIGHT);
  const [plain, chosen, frame, seen] = ['--map-node', '--accent', '--map-frame', '--map-view'].map((name) => style.getPropertyValue(name));
  for (const { type, selected, position, width = 0, height = 0 } of nodes) {
    context.fillStyle = (selected ? chosen : type === 'graphNode' ? plain : frame) ?? '';
    context.fillRect((position.x - left) * scale, (position.y - top) * scale, Math.max(1.5, width * scale), Math.max(1.5, height * scale));
  }
  context.strokeStyle = seen ?? '';
  context.lineWidth = 1.5;
  context.strokeRect(
    (view.left - left) * scale + 0.75,
    (view.top - top) * scale + 0.75,
    (view.right - view.left) * scale - 1.5,
    (view.bottom - view.top) * scale - 1.5,
  );
  return { left, top, scale };
}
