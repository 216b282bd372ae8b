import { findNode, type NodeId, nodeId } from '../../graphs/document.ts';
import { planRun } from '../../graphs/plan.ts';
import type { Plan } from '../../graphs/run-plan.ts';
import { readsOfStep } from '../../graphs/step-reads.ts';
import { writeGraph } from '../../graphs/write-graph.ts';
import type { ModelRuntime } from '../../nodes/context.ts';
import type { NodeRegistry } from '../../nodes/define-node.ts';
import { ok, type Problem, problem, type Result } from '../../nodes/problem.ts';
import { factsFromTable } from '../facts-table.ts';
import type { RunEnded, RunEvent } from '../run-events.ts';
import type { KeptOutputs } from '../store/memory-cache.ts';
import { dropPartialFiles } from '../store/partial-files.ts';
import { dumpValue } from './dump-value.ts';
import { executePlan } from './execute-plan.ts';
import { createPictureFiles } from './picture-files.ts';
import type { RunOrder } from './protocol.ts';
import { createPreviewLimit, createRateLimit } from './rate-limits.ts';
import type { ResultStore } from './result-store.ts';
import { type RunSignal, watchModels } from './run-signal.ts';

/** What an evaluator lends to a run. */
export interface Equipment {
  readonly registry: NodeRegistry;
  readonly models: ModelRuntime;
  readonly results: ResultStore;
  /** Makes keys of results; those of another device or version of Emulsion are not mixed up. */
  hash(text: string): string;
  /** Time spent inside model sessions since the process began. */
  modelMs(): number;
  now(): number;
  /** Folders in which this process has looked for what others left half-written. */
  readonly tidied: Set<string>;
}

/** Plans and runs one order. Never throws for expected trouble; the last event is the one returned. */
export async function carryOut(
  order: RunOrder,
  equipment: Equipment,
  signal: RunSignal,
  emit: (event: RunEvent) => void,
): Promise<RunEnded> {
  const { registry, results, now } = equipment;
  const beganMs = now();
  const modelMsBefore = equipment.modelMs();
  const end = (outcome: RunEnded['outcome'], problems: readonly Problem[]): RunEnded => ({
    kind: 'ended',
    outcome,
    problems: withoutDoubles(problems),
    durationMs: now() - beganMs,
    modelMs: equipment.modelMs() - modelMsBefore,
  });

  const prepared = await prepare(order, equipment);
  if (!prepared.ok) return end('failed', [prepared.problem]);
  const { plan, loaded } = prepared.value;
  for (const one of plan.problems) if (one.severity === 'warning') emit({ kind: 'problem', problem: one });
  if (order.outFolder !== null && !equipment.tidied.has(order.outFolder)) {
    equipment.tidied.add(order.outFolder);
    await dropPartialFiles(order.outFolder);
  }

  const titleOf = (id: NodeId): string => {
    const node = findNode(order.document, id);
    return node?.title || registry.get(node?.type ?? '')?.title || id;
  };
  const execution = await executePlan({
    plan,
    registry,
    loaded,
    results,
    titleOf,
    run: {
      signal,
      models: watchModels(equipment.models, signal),
      pictures: createPictureFiles({
        policy: order.policy,
        outFolder: order.outFolder,
        graphText: () => writeGraph(order.document),
        warn: (found) => emit({ kind: 'problem', problem: found }),
      }),
      progressLimit: createRateLimit(now),
      previewLimit: order.previews ? createPreviewLimit(now) : undefined,
      emit,
      now,
    },
    onOutputs: (id, outputs) => writeDumps(order, registry, id, titleOf(id), outputs, emit),
  });
  const errors = plan.problems.filter((one) => one.severity === 'error');
  return end(execution.outcome === 'done' && errors.length > 0 ? 'failed' : execution.outcome, [...errors, ...execution.problems]);
}

/** Plans, and loads what the plan takes from the cache; an entry that turns out damaged is planned around. */
async function prepare(order: RunOrder, equipment: Equipment): Promise<Result<{ plan: Plan; loaded: Map<NodeId, KeptOutputs> }>> {
  const damaged = new Set<string>();
  const plan = (targets: readonly string[] | null): Result<Plan> =>
    planRun({
      document: order.document,
      registry: equipment.registry,
      ...(targets === null ? {} : { targets }),
      facts: factsFromTable(order.facts),
      hash: equipment.hash,
      isCached: (key) => !damaged.has(key) && equipment.results.has(key),
    });
  for (;;) {
    let planned = plan(order.targets);
    if (planned.ok && order.dumps.length > 0) planned = plan([...planned.value.targets, ...order.dumps.map((dump) => dump.node)]);
    if (!planned.ok) return planned;
    const loaded = new Map<NodeId, KeptOutputs>();
    const wanted = findReadNodes(order, planned.value);
    const before = damaged.size;
    for (const { id, key } of planned.value.cached) {
      if (!wanted.has(id)) continue;
      const outputs = await equipment.results.load(key);
      if (outputs === undefined) damaged.add(key);
      else loaded.set(id, outputs);
    }
    if (damaged.size === before) return ok({ plan: planned.value, loaded });
  }
}

function findReadNodes(order: RunOrder, plan: Plan): Set<NodeId> {
  const read = new Set<NodeId>(order.dumps.map((dump) => nodeId(dump.node)));
  for (const step of plan.steps) {
    for (const ref of readsOfStep(step)) read.add(ref.node);
  }
  return read;
}

async function writeDumps(
  order: RunOrder,
  registry: NodeRegistry,
  id: NodeId,
  title: string,
  outputs: KeptOutputs,
  emit: (event: RunEvent) => void,
): Promise<Problem[]> {
  const problems: Problem[] = [];
  for (const { node, output, path } of order.dumps) {
    if (node !== id) continue;
    const spec = registry.get(findNode(order.document, id)?.type ?? '')?.outputs[output];
    const written = spec && (await dumpValue(path, output, spec.type, outputs[output]));
    if (written?.ok) {
      emit({ kind: 'result', nodeId: id, result: { kind: 'dump', path, output } });
    } else if (written !== undefined) {
      const { code, message } = written.problem;
      const sentence = `${title}: the value of ${output} could not be written: ${message.replace(/\.+$/, '')}.`;
      problems.push(problem(code, sentence, { nodeId: id, socket: output }));
    }
  }
  return problems;
}

function withoutDoubles(problems: readonly Problem[]): Problem[] {
  const seen = new Set<string>();
  return problems.filter((one) => {
    const key = JSON.stringify([one.code, one.message, one.nodeId, one.socket]);
    return !seen.has(key) && seen.add(key);
  });
}
