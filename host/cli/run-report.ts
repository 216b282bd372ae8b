import type { Problem } from '../../nodes/problem.ts';
import type { RunEvent } from '../run-events.ts';
import { exitCodeFor } from './exit-code.ts';
import { gatherProblems } from './gather-problems.ts';
import type { Output } from './output.ts';
import { createProgressLines, type ProgressLines } from './progress-lines.ts';

/** Tells a person, or a program that reads JSON, how a run goes. */
export interface RunReport {
  show(event: RunEvent): void;
  /** Tells why nothing is run; returns the exit code. */
  refuse(problems: readonly Problem[]): number;
}

/** As text: results on stdout, the rest on stderr. As JSON: every event on a line of stdout. */
export function createRunReport(output: Output, asJson: boolean): RunReport {
  const progress = createProgressLines(process.stderr, () => performance.now());
  const titles = new Map<string, string>();
  const show = (event: RunEvent): void => {
    if (asJson) output.json(withoutBytes(event));
    else tellEvent(event, output, progress, titles);
  };
  return {
    show,
    refuse(problems) {
      show({ kind: 'ended', outcome: 'failed', problems, durationMs: 0, modelMs: 0 });
      return exitCodeFor(problems);
    },
  };
}

function tellEvent(event: RunEvent, output: Output, progress: ProgressLines, titles: Map<string, string>): void {
  switch (event.kind) {
    case 'state':
      titles.set(event.nodeId, event.title);
      progress.show(event);
      return;
    case 'progress':
      progress.show(event);
      return;
    case 'result':
      progress.clear();
      if (event.result.kind === 'pictures') {
        for (const { widthPx, heightPx } of event.result.pictures) {
          output.note(`shown: ${widthPx}×${heightPx} pixels (add a Save Image node to keep it)`);
        }
      } else {
        output.result(event.result.path);
      }
      return;
    case 'problem':
      progress.clear();
      output.problem(event.problem);
      return;
    case 'note':
      progress.clear();
      output.note(event.message);
      return;
    case 'ended':
      progress.clear();
      for (const one of gatherProblems(event.problems, (id) => titles.get(id))) output.problem(one);
      if (event.outcome === 'cancelled') output.note('cancelled');
      return;
    case 'preview':
      return;
    default:
      event satisfies never;
  }
}

/** An event as one JSON object: `event` says which, pictures without their bytes. */
function withoutBytes({ kind, ...rest }: RunEvent): unknown {
  return JSON.parse(JSON.stringify({ event: kind, ...rest }, (key, value: unknown) => (key === 'bytes' ? undefined : value)));
}
