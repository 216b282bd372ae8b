import { resolve } from 'node:path';
import { nodeEntries } from '../../../graphs/document.ts';
import { type Problem, warning } from '../../../nodes/problem.ts';
import type { Device, MemoryMode } from '../../evaluator/protocol.ts';
import type { RunEvent } from '../../run-events.ts';
import type { GraphRun } from '../../run-graph.ts';
import type { CommandContext } from '../command-context.ts';
import { EXIT, exitCodeFor } from '../exit-code.ts';
import { loadSource } from '../load-source.ts';
import type { NamedFolders } from '../make-policy.ts';
import { openHost } from '../open-host.ts';
import { parseDumps } from '../parse-dumps.ts';
import { createRunReport } from '../run-report.ts';
import { watchInterrupts } from '../watch-interrupts.ts';

/** After Ctrl-C the process is gone within a second, whatever becomes of the rest. */
const CANCEL_DEADLINE_MS = 850;

/** A killed evaluator's leftovers are swept away in this time. */
const STOP_DEADLINE_MS = 150;

/** What `emulsion run` takes. */
export interface RunCommandOptions extends NamedFolders {
  readonly set: readonly string[];
  readonly dump: readonly string[];
  readonly out: string;
  readonly device: Device;
  readonly memory: MemoryMode;
  readonly json: boolean;
  readonly cache: boolean;
  readonly verbose: boolean;
}

/** Runs a graph file, a template or the graph inside a picture; returns the exit code. */
export async function runCommand({ parts, output }: CommandContext, source: string, options: RunCommandOptions): Promise<number> {
  const report = createRunReport(output, options.json);
  let run: GraphRun | undefined;
  const release = watchInterrupts((count) => {
    if (run === undefined) process.exit(EXIT.cancelled);
    interrupt(run, count, () => report.show({ kind: 'note', message: 'cancelling …' }));
  });

  const host = await openHost(parts, options);
  const loaded = await loadSource(source, options.set, options, host, parts.templatesFolder);
  if (!loaded.ok) return report.refuse([loaded.problem]);
  const { document, policy, problems } = loaded.value;
  for (const one of problems) report.show({ kind: 'problem', problem: one });
  if (nodeEntries(document).length === 0) {
    const sentence = 'There is nothing to run: the graph has no nodes. Begin with a template (emulsion templates).';
    report.show({ kind: 'problem', problem: warning('graph.noSuchNode', sentence) });
  }
  const dumps = await parseDumps(document, host.registry, options.dump);
  if (!dumps.ok) return report.refuse([dumps.problem]);

  const request = {
    document,
    dumps: dumps.value,
    policy,
    outFolder: resolve(options.out),
    device: options.device,
    memory: options.memory,
    useCache: options.cache,
    previews: false,
  };
  run = host.run(request, (event: RunEvent) => report.show(event));
  const ended = await run.ended;
  await host.close();
  release();
  if (ended.outcome === 'cancelled') return EXIT.cancelled;
  const leftOut: Problem[] = problems.filter((one) => one.severity === 'error');
  return exitCodeFor([...leftOut, ...ended.problems]);
}

/** The first interrupt cancels; the second, or the first's deadline, kills what computes and ends the process. */
function interrupt(run: GraphRun, count: number, sayCancelling: () => void): void {
  if (count === 1) {
    sayCancelling();
    run.cancel();
    setTimeout(() => process.exit(EXIT.cancelled), CANCEL_DEADLINE_MS).unref();
  } else {
    run.stop();
    setTimeout(() => process.exit(EXIT.cancelled), STOP_DEADLINE_MS).unref();
  }
}
