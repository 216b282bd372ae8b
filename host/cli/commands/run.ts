import { resolve } from 'node:path';
import type { Problem } from '../../../nodes/problem.ts';
import { applySettings } from '../../apply-settings.ts';
import type { Device, MemoryMode } from '../../evaluator/protocol.ts';
import { loadGraph } from '../../load-graph.ts';
import type { RunEnded, RunEvent } from '../../run-events.ts';
import type { GraphRun } from '../../run-graph.ts';
import { EXIT, exitCodeFor } from '../exit-code.ts';
import { makePolicy, openHost } from '../open-host.ts';
import { createOutput, type Output } from '../output.ts';
import { templatesFolder } from '../package-root.ts';
import { parseDumps } from '../parse-dumps.ts';
import { createProgressLines } from '../progress-lines.ts';

/** What `emulsion run` takes. */
export interface RunCommandOptions {
  readonly set: readonly string[];
  readonly dump: readonly string[];
  readonly out: string;
  readonly device: Device;
  readonly memory: MemoryMode;
  readonly json: boolean;
  readonly cache: boolean;
  readonly allow: readonly string[];
  readonly models: readonly string[];
  readonly verbose: boolean;
}

/** Runs a graph file, a template or the graph inside a picture; returns the exit code. */
export async function runCommand(source: string, options: RunCommandOptions): Promise<number> {
  const output = createOutput();
  const host = await openHost({ verbose: options.verbose });
  const refuse = (problems: readonly Problem[]): number => {
    for (const one of problems) tellProblem(output, options.json, one);
    return exitCodeFor(problems);
  };

  const loaded = await loadGraph(source, host.registry, templatesFolder());
  if (!loaded.ok) return refuse([loaded.problem]);
  const { folder } = loaded.value;
  // What is wrong with nodes is told again when they are planned; what was left out of the file is only known here.
  const found = loaded.value.problems.filter((one) => one.severity === 'warning' || one.nodeId === undefined);
  for (const one of found) tellProblem(output, options.json, one);

  const set = applySettings(loaded.value.document, host.registry, options.set);
  if (!set.ok) return refuse([set.problem]);
  const dumps = parseDumps(set.value.document, host.registry, options.dump);
  if (!dumps.ok) return refuse([dumps.problem]);

  const policy = makePolicy(host, { graphFolder: folder, allow: options.allow, models: options.models, trusted: set.value.trusted });
  const progress = createProgressLines(process.stderr, () => performance.now());
  const run = host.run(
    {
      document: set.value.document,
      dumps: dumps.value,
      policy,
      outFolder: resolve(options.out),
      device: options.device,
      memory: options.memory,
      useCache: options.cache,
      previews: false,
    },
    (event) => {
      if (options.json) output.json(withoutBytes(event));
      else tellEvent(event, output, progress);
    },
  );
  const stopListening = cancelOnSignals(run, output);
  const ended = await run.ended;
  stopListening();
  progress.clear();
  await host.close();
  const leftOut = found.filter((one) => one.severity === 'error');
  return ended.outcome === 'cancelled' ? EXIT.cancelled : exitCodeFor([...leftOut, ...ended.problems]);
}

/** First signal: cancel, which takes half a second at most. Second: gone at once. */
function cancelOnSignals(run: GraphRun, output: Output): () => void {
  let count = 0;
  const onSignal = (): void => {
    count += 1;
    if (count === 1) {
      output.note('cancelling …');
      run.cancel();
      return;
    }
    run.stop();
    process.exit(EXIT.cancelled);
  };
  process.on('SIGINT', onSignal);
  process.on('SIGTERM', onSignal);
  return () => {
    process.off('SIGINT', onSignal);
    process.off('SIGTERM', onSignal);
  };
}

function tellEvent(event: RunEvent, output: Output, progress: { show(event: RunEvent): void; clear(): void }): void {
  progress.show(event);
  switch (event.kind) {
    case 'result':
      progress.clear();
      if (event.result.kind === 'pictures') {
        for (const { widthPx, heightPx } of event.result.pictures)
          output.note(`shown: ${widthPx}×${heightPx} pixels (add a Save Image node to keep it)`);
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
      tellEnd(event, output);
      return;
    case 'state':
    case 'progress':
    case 'preview':
      return;
    default:
      event satisfies never;
  }
}

function tellEnd(ended: RunEnded, output: Output): void {
  for (const one of ended.problems) output.problem(one);
  if (ended.outcome === 'cancelled') output.note('cancelled');
}

function tellProblem(output: Output, asJson: boolean, found: Problem): void {
  if (asJson) output.json({ event: 'problem', problem: found });
  else output.problem(found);
}

/** An event as one JSON object: `event` says which, pictures without their bytes. */
function withoutBytes({ kind, ...rest }: RunEvent): unknown {
  return JSON.parse(JSON.stringify({ event: kind, ...rest }, (key, value: unknown) => (key === 'bytes' ? undefined : value)));
}
