import type { CDPSession } from 'playwright-core';

/** One record of a Chromium trace. */
interface TraceEvent {
  readonly name: string;
  readonly cat: string;
  readonly ph: string;
  readonly ts: number;
  readonly dur?: number;
  readonly tdur?: number;
  readonly pid: number;
  readonly tid: number;
}

/** What runs the page's own code, its microtasks too, or cleans up after it. */
const SCRIPT: ReadonlySet<string> = new Set([
  'EvaluateScript',
  'FunctionCall',
  'TimerFire',
  'FireAnimationFrame',
  'FireIdleCallback',
  'RunMicrotasks',
  'v8.callFunction',
  'MinorGC',
  'MajorGC',
  'GCEvent',
  'V8.GCScavenger',
  'V8.GC_MC_INCREMENTAL',
  'BlinkGC.AtomicPhase',
]);
/** An event with all that the browser itself does about it: a key's letter is put into its field within one. */
const DISPATCH: ReadonlySet<string> = new Set([...SCRIPT, 'EventDispatch']);
const RENDER: ReadonlySet<string> = new Set([
  'UpdateLayoutTree',
  'Layout',
  'PrePaint',
  'Paint',
  'Layerize',
  'Commit',
  'UpdateLayerTree',
  'HitTest',
  'UpdateLayer',
  'ScrollLayer',
]);
const CATEGORIES = ['devtools.timeline', 'disabled-by-default-devtools.timeline', 'blink.user_timing', 'toplevel', 'v8', '__metadata'];

/** Script between two marks, in milliseconds of the main thread's own time, for each pair of marks in turn. */
export interface FrameScript {
  readonly script: readonly number[];
  /** Script with what the browser does while it hands events out, rendering aside. */
  readonly dispatch: readonly number[];
  readonly render: readonly number[];
}

/** Traces the browser while something is done in the page, and tells how much script ran between two of the page's marks. */
export async function traceScript(session: CDPSession, mark: string, act: () => Promise<void>): Promise<FrameScript> {
  const events: TraceEvent[] = [];
  const collect = ({ value }: { value: unknown[] }): void => void events.push(...(value as TraceEvent[])); // Chromium's own format
  session.on('Tracing.dataCollected', collect);
  const traceConfig = { includedCategories: CATEGORIES, excludedCategories: ['*'] };
  await session.send('Tracing.start', { transferMode: 'ReportEvents', traceConfig });
  await act();
  const complete = new Promise<void>((resolve) => session.once('Tracing.tracingComplete', () => resolve()));
  await session.send('Tracing.end');
  await complete;
  session.off('Tracing.dataCollected', collect);
  return readFrames(events, mark);
}

function readFrames(events: readonly TraceEvent[], mark: string): FrameScript {
  const marks = events.filter(({ name, cat }) => name === mark && cat.includes('user_timing')).sort((a, b) => a.ts - b.ts);
  const [first] = marks;
  if (first === undefined) throw new Error(`the page has made no mark ${mark}`);
  const spans = events
    .filter(({ pid, tid, ph }) => pid === first.pid && tid === first.tid && ph === 'X')
    .sort((a, b) => a.ts - b.ts || (b.dur ?? 0) - (a.dur ?? 0));
  const between = (list: readonly Span[]): number[] =>
    marks
      .slice(1)
      .map(({ ts }, at) => list.filter((span) => span.ts >= (marks[at]?.ts ?? 0) && span.ts < ts).reduce((sum, { ms }) => sum + ms, 0));
  const script = outermost(spans, SCRIPT);
  return { script: between(script.wanted), dispatch: between(outermost(spans, DISPATCH).wanted), render: between(script.render) };
}

/** Spans lie inside each other: only the outermost of a kind counts, and rendering that script asks for counts as rendering. */
function outermost(spans: readonly TraceEvent[], names: ReadonlySet<string>): { readonly wanted: Span[]; readonly render: Span[] } {
  const wanted: Span[] = [];
  const render: Span[] = [];
  let wantedEnd = -1;
  let renderEnd = -1;
  for (const { name, ts, dur = 0, tdur = dur } of spans) {
    if (RENDER.has(name) && ts >= renderEnd) {
      render.push({ ts, ms: tdur / 1000 });
      renderEnd = ts + dur;
      const outer = wanted.at(-1);
      if (ts < wantedEnd && outer !== undefined) outer.ms -= tdur / 1000;
    } else if (names.has(name) && ts >= wantedEnd && ts >= renderEnd) {
      wanted.push({ ts, ms: tdur / 1000 });
      wantedEnd = ts + dur;
    }
  }
  return { wanted, render };
}

interface Span {
  readonly ts: number;
  ms: number;
}
