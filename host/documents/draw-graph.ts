import { edgeEntries, type GraphDocument } from '../../graphs/document.ts';
import { cut, escapeHtml } from './escape-html.ts';
import type { BoxRow, NodeBox } from './node-boxes.ts';

const MARGIN = 40;

/** Characters that fit into a node's width, in a title and in a row. */
const TITLE_CHARACTERS = 28;
const ROW_CHARACTERS = 33;
const NOTE_CHARACTER_PX = 7;
const NOTE_LINE_PX = 18;

/** What is drawn of a note at most; the page has it whole. */
const MOST_LINE_CHARACTERS = 160;
const MOST_LINES = 20;

/** A graph as an SVG picture: frames, wires, nodes, notes. Colours come from the page's style, by class. */
export function drawGraph(document: GraphDocument, boxes: readonly NodeBox[], label: string): string {
  const frames = Object.values(document.layout?.frames ?? {}).map((frame) => ({ ...frame, ...clamp(frame) }));
  const notes = Object.values(document.layout?.notes ?? {}).map((note) => ({ ...note, ...clamp(note) }));
  const all = [...boxes, ...frames, ...notes];
  const left = all.reduce((least, one) => Math.min(least, one.x), all[0]?.x ?? 0) - MARGIN;
  const top = all.reduce((least, one) => Math.min(least, one.y), all[0]?.y ?? 0) - MARGIN;
  const right = all.reduce((most, one) => Math.max(most, one.x + one.width), left) + MARGIN;
  const bottom = all.reduce((most, one) => Math.max(most, one.y + one.height), top) + MARGIN;
  const parts = [
    ...frames.map(({ title, color, ...box }) => {
      const stroke = typeof color === 'string' && /^#[0-9a-f]{3,8}$/i.test(color) ? ` stroke="${color}"` : '';
      const text = `<text class="muted" x="${px(box.x + 12)}" y="${px(box.y + 22)}">${escapeHtml(cut(title, 80))}</text>`;
      return `<rect class="frame"${rect(box)} rx="10"${stroke}/>${text}`;
    }),
    ...drawWires(document, boxes),
    ...boxes.map(drawNode),
    ...notes.map(({ text, ...box }) => {
      const lines = wrap(text, Math.floor((box.width - 20) / NOTE_CHARACTER_PX), Math.floor((box.height - 10) / NOTE_LINE_PX));
      const spans = lines.map(
        (line, at) => `<tspan x="${px(box.x + 10)}" y="${px(box.y + 22 + at * NOTE_LINE_PX)}">${escapeHtml(line)}</tspan>`,
      );
      return `<rect class="note"${rect(box)} rx="6"/><text>${spans.join('')}</text>`;
    }),
  ];
  const [width, height] = [right - left, bottom - top];
  const view = `viewBox="${px(left)} ${px(top)} ${px(width)} ${px(height)}" width="${px(width)}" height="${px(height)}"`;
  return `<svg xmlns="http://www.w3.org/2000/svg" role="img" aria-label="${escapeHtml(label)}" ${view}>\n${parts.join('\n')}\n</svg>`;
}

function drawNode(box: NodeBox): string {
  const { x, y, width } = box;
  const classes = ['node', box.isMuted ? 'mute' : box.isBypassed ? 'bypassed' : '', box.isUnknown ? 'unknown' : '']
    .filter((one) => one !== '')
    .join(' ');
  const rows = box.rows.map((row) => drawRow(box, row)).join('');
  return (
    `<g class="${classes}"><rect class="body"${rect(box)} rx="8"/>` +
    `<path class="line" d="M${px(x)} ${px(y + 32)}h${px(width)}"/>` +
    `<text class="title" x="${px(x + 12)}" y="${px(y + 21)}">${escapeHtml(cut(box.title, TITLE_CHARACTERS))}</text>${rows}</g>`
  );
}

function drawRow({ x, width }: NodeBox, { side, title, kind, value, y }: BoxRow): string {
  const end = px(x + width - 12);
  const socket =
    kind === undefined
      ? ''
      : `<circle class="socket ${kindClass(kind)}" cx="${px(side === 'output' ? x + width : x)}" cy="${px(y)}" r="5"/>`;
  const base = px(y + 4.5);
  if (side === 'output') return `<text class="end" x="${end}" y="${base}">${escapeHtml(cut(title, ROW_CHARACTERS))}</text>${socket}`;
  const name = cut(title, ROW_CHARACTERS);
  const room = ROW_CHARACTERS - name.length - 1;
  const shown =
    value === undefined || room < 3 ? '' : `<text class="end value" x="${end}" y="${base}">${escapeHtml(cut(value, room))}</text>`;
  return `<text class="${side === 'param' ? 'muted' : 'name'}" x="${px(x + 12)}" y="${base}">${escapeHtml(name)}</text>${shown}${socket}`;
}

function drawWires(document: GraphDocument, boxes: readonly NodeBox[]): string[] {
  const byId = new Map(boxes.map((box) => [box.id, box]));
  return edgeEntries(document).flatMap(([, { from, to }]) => {
    const [source, target] = [byId.get(from.node), byId.get(to.node)];
    const start = source?.rows.find((row) => row.side === 'output' && row.name === from.output);
    const end = target?.rows.find((row) => row.side !== 'output' && row.name === to.input);
    if (source === undefined || target === undefined || start === undefined || end === undefined) return [];
    const [x1, x2] = [source.x + source.width, target.x];
    const bend = Math.max(40, Math.abs(x2 - x1) / 2);
    const path = `M${px(x1)} ${px(start.y)}C${px(x1 + bend)} ${px(start.y)} ${px(x2 - bend)} ${px(end.y)} ${px(x2)} ${px(end.y)}`;
    return [`<path class="wire ${kindClass(start.kind ?? 'any')}" d="${path}"/>`];
  });
}

/** A text in lines of so many characters, cut where there is no room for more. */
function wrap(text: string, characters: number, most: number): string[] {
  const width = Math.max(4, Math.min(MOST_LINE_CHARACTERS, characters));
  const height = Math.max(1, Math.min(MOST_LINES, most));
  const lines: string[] = [];
  let line = '';
  for (const word of text.slice(0, width * height * 2).split(/\s+/)) {
    if (line !== '' && line.length + word.length >= width) {
      lines.push(line);
      line = '';
    }
    line = line === '' ? word : `${line} ${word}`;
  }
  lines.push(line);
  if (lines.length > height) lines.splice(height - 1, lines.length, `${lines[height - 1] ?? ''} …`);
  return lines.map((one) => cut(one, width));
}

function kindClass(kind: string): string {
  return `k-${kind.replace(/[^a-zA-Z]/g, '')}`;
}

interface Rectangle {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

function clamp({ x, y, width, height }: Rectangle): Rectangle {
  const near = (value: number): number => Math.max(-1e6, Math.min(1e6, value));
  return { x: near(x), y: near(y), width: near(width), height: near(height) };
}

function rect({ x, y, width, height }: Rectangle): string {
  return ` x="${px(x)}" y="${px(y)}" width="${px(width)}" height="${px(height)}"`;
}

function px(value: number): string {
  return String(Math.round(value * 10) / 10);
}
