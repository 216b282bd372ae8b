/** Text, brackets that say nothing of steps, or a part that depends on the step. */
export type PromptNode =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'group'; readonly nodes: readonly PromptNode[] }
  | { readonly kind: 'scheduled'; readonly before: PromptNode; readonly after: PromptNode; readonly when: number }
  | { readonly kind: 'alternating'; readonly options: readonly PromptNode[] };

/** What decides how a prompt reads in a step. */
export interface StepReading {
  /** The step is behind this mark: a share of the steps below 1, else the number of a step. */
  isAfter(when: number): boolean;
  /** Steps before this one; alternating parts take their turns by it. */
  readonly turn: number;
}

/** Escapes, brackets and separators, or text without any of these. */
const TOKENS = /\\.|[()[\]:|]|[^\\()[\]:|]+|\\/gsu;

const NUMBER = /^\s*[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?\s*$/;

/** Beyond this it no longer matters how long a period is, and multiplying would leave the whole numbers. */
const LONG_PERIOD = 1_000_000;

/** An opened bracket and what came since; a separator of its own is a text of one character, kept by place. */
interface Frame {
  readonly bracket: '' | '(' | '[';
  readonly nodes: PromptNode[];
  readonly colons: number[];
  readonly bars: number[];
}

/**
 * Reads what depends on the step, as A1111 does: `[from:to:when]`, `[to:when]`, `[from::when]`, and alternation `[a|b]`, nested at will. All
 * else, weights and escapes among it, stays as it is written; so do brackets that are not closed.
 */
export function parsePromptSchedule(prompt: string): PromptNode {
  const frames: Frame[] = [newFrame('')];
  const open = { '(': 0, '[': 0 };
  for (const [token] of prompt.matchAll(TOKENS)) {
    const top = topOf(frames);
    if (token === '(' || token === '[') {
      open[token]++;
      frames.push(newFrame(token));
    } else if ((token === ')' && open['('] > 0) || (token === ']' && open['['] > 0)) {
      const bracket = token === ')' ? '(' : '[';
      closeInner(frames, bracket, open);
      const frame = frames.pop();
      open[bracket]--;
      if (frame !== undefined) topOf(frames).nodes.push(token === ']' ? readSquare(frame) : groupOf(frame, token));
    } else {
      if (token === ':') top.colons.push(top.nodes.length);
      if (token === '|') top.bars.push(top.nodes.length);
      top.nodes.push({ kind: 'text', text: token });
    }
  }
  closeInner(frames, '', open);
  return { kind: 'group', nodes: topOf(frames).nodes };
}

function newFrame(bracket: Frame['bracket']): Frame {
  return { bracket, nodes: [], colons: [], bars: [] };
}

function topOf(frames: readonly Frame[]): Frame {
  const top = frames.at(-1);
  if (top === undefined) throw new Error('the outermost frame is never closed');
  return top;
}

/** Makes text of the brackets that were opened after the last `until` and are not closed. */
function closeInner(frames: Frame[], until: Frame['bracket'], open: Record<'(' | '[', number>): void {
  const from = frames.findLastIndex((frame) => frame.bracket === until);
  const outer = frames[from];
  for (const { bracket, nodes } of frames.splice(from + 1)) {
    if (bracket !== '') open[bracket]--;
    outer?.nodes.push({ kind: 'text', text: bracket });
    for (const node of nodes) outer?.nodes.push(node);
  }
}

function groupOf({ bracket, nodes }: Frame, closing: string): PromptNode {
  return { kind: 'group', nodes: [{ kind: 'text', text: bracket }, ...nodes, { kind: 'text', text: closing }] };
}

/** A change where one or two colons come before a number at the end; else alternation where there are bars; else brackets as they are. */
function readSquare(frame: Frame): PromptNode {
  const { nodes, colons, bars } = frame;
  const between = (start: number, end?: number): PromptNode => ({ kind: 'group', nodes: nodes.slice(start, end) });
  const when = readWhen(frame);
  const [first = 0, second] = colons;
  if (when !== undefined) {
    if (second === undefined) return { kind: 'scheduled', before: between(0, 0), after: between(0, first), when };
    return { kind: 'scheduled', before: between(0, first), after: between(first + 1, second), when };
  }
  if (bars.length === 0) return groupOf(frame, ']');
  const starts = [0, ...bars.map((at) => at + 1)];
  return { kind: 'alternating', options: starts.map((start, index) => between(start, bars[index])) };
}

/** The number behind the last of one or two colons. */
function readWhen({ nodes, colons }: Frame): number | undefined {
  const last = nodes.at(-1);
  if (colons.length < 1 || colons.length > 2 || colons.at(-1) !== nodes.length - 2) return undefined;
  if (last?.kind !== 'text' || !NUMBER.test(last.text)) return undefined;
  const when = Number(last.text);
  return Number.isFinite(when) ? when : undefined;
}

/** How a prompt reads in one step. */
export function readPromptAt(prompt: PromptNode, step: StepReading): string {
  const texts: string[] = [];
  const rest: PromptNode[] = [prompt];
  for (let node = rest.pop(); node !== undefined; node = rest.pop()) {
    if (node.kind === 'text') texts.push(node.text);
    else if (node.kind === 'scheduled') rest.push(step.isAfter(node.when) ? node.after : node.before);
    else if (node.kind === 'alternating') rest.push(...node.options.slice(step.turn % node.options.length).slice(0, 1));
    else for (let at = node.nodes.length - 1; at >= 0; at--) rest.push(...node.nodes.slice(at, at + 1));
  }
  return texts.join('');
}

/** Every mark of a prompt's changes, rising, and after how many steps all of its alternations are where they began; a million or more: many. */
export function readMarks(prompt: PromptNode): { readonly marks: readonly number[]; readonly period: number } {
  const marks = new Set<number>();
  let period = 1;
  const rest: PromptNode[] = [prompt];
  for (let node = rest.pop(); node !== undefined; node = rest.pop()) {
    if (node.kind === 'text') continue;
    if (node.kind === 'scheduled') {
      marks.add(node.when);
      rest.push(node.before, node.after);
      continue;
    }
    const inner = node.kind === 'alternating' ? node.options : node.nodes;
    if (node.kind === 'alternating' && period < LONG_PERIOD) period = leastCommonMultiple(period, inner.length);
    for (const one of inner) rest.push(one);
  }
  return { marks: [...marks].sort((a, b) => a - b), period };
}

function leastCommonMultiple(a: number, b: number): number {
  let [x, y] = [a, b];
  while (y > 0) [x, y] = [y, x % y];
  return (a / x) * b;
}
