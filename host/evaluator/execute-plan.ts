import type { NodeId } from '../../graphs/document.ts';
import type { Plan, PlannedStep, ValueRef } from '../../graphs/run-plan.ts';
import { readsOfStep, withRepeated } from '../../graphs/step-reads.ts';
import { Cancelled } from '../../nodes/cancelled.ts';
import type { AnyNodeDefinition, NodeRegistry } from '../../nodes/define-node.ts';
import { refuseParam } from '../../nodes/params.ts';
import { fail, ok, type Problem, problem, type Result } from '../../nodes/problem.ts';
import type { NodeRunState, RunOutcome } from '../run-events.ts';
import type { KeptOutputs } from '../store/memory-cache.ts';
import { findValueFault } from './check-value.ts';
import { explainThrow } from './explain-throw.ts';
import { gatherInputs } from './gather-inputs.ts';
import { countItems, mapOverLists } from './map-over-lists.ts';
import { createNodeContext, type RunContext } from './node-context.ts';
import type { ResultStore } from './result-store.ts';
import { COUNT, type NodeValues, runZone, type StepEnd } from './run-zone.ts';

/** A plan and everything it takes to carry it out. */
export interface Execution {
  readonly plan: Plan;
  readonly registry: NodeRegistry;
  /** Outputs of the plan's cached nodes, as far as anybody reads them. Emptied, so that nothing holds them longer than needed. */
  readonly loaded: Map<NodeId, KeptOutputs>;
  readonly results: ResultStore;
  readonly run: RunContext;
  /** How people know a node. */
  titleOf(id: NodeId): string;
  /** Given the outputs of each node that was run or loaded; returns what went wrong with them. */
  onOutputs(id: NodeId, outputs: KeptOutputs): Promise<readonly Problem[]>;
}

/** What came of carrying out a plan. */
export interface ExecutionEnd {
  readonly outcome: RunOutcome;
  readonly problems: readonly Problem[];
}

/**
 * Runs a plan's steps in order. A node that fails takes what depends on it with it and nothing else; a value is dropped when its last
 * reader has read it. Cancelling stops between model calls and marks what has not been finished.
 */
export async function executePlan(execution: Execution): Promise<ExecutionEnd> {
  const { plan, run } = execution;
  const values = new Map<NodeId, Record<string, unknown>>();
  const lost = new Map<NodeId, NodeId>();
  const problems: Problem[] = [];
  const say = (id: NodeId, state: NodeRunState): void => run.emit({ kind: 'state', nodeId: id, title: execution.titleOf(id), state });

  for (const [id, reason] of plan.blocked) {
    say(
      id,
      reason.nodeId === undefined || reason.nodeId === id
        ? { kind: 'failed', problem: reason }
        : { kind: 'skipped', because: reason.nodeId, reason: 'failed' },
    );
  }
  for (const [id, because] of plan.muted) if (!plan.blocked.has(id)) say(id, { kind: 'skipped', because, reason: 'muted' });
  for (const step of plan.steps.flatMap(withRepeated)) say(step.id, { kind: 'queued' });
  for (const { id } of plan.cached) {
    const outputs = execution.loaded.get(id);
    if (outputs !== undefined) {
      execution.loaded.delete(id);
      values.set(id, { ...outputs });
      problems.push(...(await execution.onOutputs(id, outputs)));
    }
    say(id, { kind: 'done', durationMs: 0, cached: true });
  }

  const waiting = [...plan.steps];
  try {
    for (let step = waiting[0]; step !== undefined; step = waiting[0]) {
      const because = findLost(step, lost);
      if (because === undefined) {
        const beganMs = run.now();
        // Said first, so that it goes in one message with what waits for the breath.
        say(step.id, { kind: 'running' });
        await run.signal.takeBreath();
        const end = step.repeated === undefined ? await runStep(step, execution, values) : await repeatSteps(step, execution, values, say);
        if (end.kind === 'failed') {
          problems.push(end.problem);
          lost.set(step.id, step.id);
          say(step.id, { kind: 'failed', problem: end.problem });
        } else {
          const durationMs = run.now() - beganMs;
          values.set(step.id, { ...end.outputs });
          if (step.cacheable) execution.results.keep(step.key, end.outputs, durationMs);
          problems.push(...(await execution.onOutputs(step.id, end.outputs)));
          say(step.id, { kind: 'done', durationMs, cached: false });
        }
      } else {
        lost.set(step.id, because);
        for (const one of withRepeated(step)) say(one.id, { kind: 'skipped', because, reason: 'failed' });
      }
      for (const ref of step.frees) drop(values, ref);
      waiting.shift();
    }
  } catch (error) {
    if (!(error instanceof Cancelled)) throw error;
    for (const step of waiting.flatMap(withRepeated)) say(step.id, { kind: 'cancelled' });
    return { outcome: 'cancelled', problems };
  }
  return { outcome: problems.length + plan.blocked.size > 0 ? 'failed' : 'done', problems };
}

/** Runs what a zone repeats, and then the node that ends it. */
async function repeatSteps(
  end: PlannedStep,
  execution: Execution,
  values: NodeValues,
  say: (id: NodeId, state: NodeRunState) => void,
): Promise<StepEnd> {
  const { run } = execution;
  const zone = createNodeContext(run, end.id, 1);
  const context = zone.forItem(0);
  const beganMs = run.now();
  const runInside = async (step: PlannedStep, inside: NodeValues): Promise<StepEnd> => {
    await run.signal.takeBreath();
    return step.repeated === undefined ? runStep(step, execution, inside, true) : repeatSteps(step, execution, inside, () => undefined);
  };
  const repeated = await runZone(end, values, {
    run: runInside,
    turns: (start, value) => countTurns(start, value, execution),
    progress: context.progress,
    begin: (step) => say(step.id, { kind: 'running' }),
    end: (step, result) =>
      say(
        step.id,
        result.kind === 'done'
          ? { kind: 'done', durationMs: run.now() - beganMs, cached: false }
          : { kind: 'failed', problem: result.problem },
      ),
  });
  if (repeated.kind === 'failed') return repeated;
  const definition = execution.registry.get(end.type);
  if (definition === undefined) throw new Error(`the plan holds a node of the unknown type ${end.type}`);
  const outputs = await definition.evaluate(repeated.outputs, {}, context);
  await zone.settle(outputs.ok);
  return outputs.ok ? { kind: 'done', outputs: outputs.value } : { kind: 'failed', problem: { ...outputs.problem, nodeId: end.id } };
}

/** A count that comes through a wire may be anything, which nobody has looked at yet. */
function countTurns(start: PlannedStep, value: unknown, { registry, titleOf }: Execution): Result<number> {
  const spec = registry.get(start.type)?.params[COUNT];
  const refusal = spec === undefined ? undefined : refuseParam(spec, value);
  if (refusal === undefined) return ok(Number(value));
  const sentence = `${titleOf(start.id)}: ${spec?.title} ${refusal}. Wire one number of turns to it, or set it there.`;
  return fail('node.invalidInput', sentence, { nodeId: start.id, socket: COUNT });
}

/** `isRepeated`: it lies in a zone, where a value may be of another kind than it was in the first turn, which types were inferred for. */
async function runStep(step: PlannedStep, execution: Execution, values: NodeValues, isRepeated = false): Promise<StepEnd> {
  const { run } = execution;
  const title = execution.titleOf(step.id);
  const failed = (reason: Problem): StepEnd => ({ kind: 'failed', problem: { ...reason, nodeId: step.id } });
  const definition = execution.registry.get(step.type);
  if (definition === undefined) throw new Error(`the plan holds a node of the unknown type ${step.type}`);
  const gathered = gatherInputs(step, definition, (ref) => values.get(ref.node)?.[ref.output]);
  const context = createNodeContext(run, step.id, countItems(gathered.arrivals, gathered.walks));
  const unfinished = step.cacheable ? await execution.results.loadUnfinished(step.key) : undefined;
  let item = 0;
  try {
    const result = await mapOverLists(
      gathered.arrivals,
      gathered.walks,
      Object.keys(definition.outputs),
      async (arrivals) => {
        if (item > 0) await run.signal.takeBreath();
        const split = gathered.split(arrivals);
        if (!split.ok) return { ok: false, problem: { ...split.problem, message: `${title}: ${split.problem.message}` } };
        const changed = isRepeated ? findInputFault(title, definition, split.value.inputs) : undefined;
        if (changed !== undefined) return { ok: false, problem: changed };
        const outputs = await definition.evaluate(
          split.value.inputs,
          split.value.params,
          context.forItem(item, unfinished?.item === item ? unfinished.state : undefined),
        );
        item += 1;
        const fault = outputs.ok ? findOutputFault(title, definition, outputs.value, split.value.inputs) : undefined;
        return fault === undefined ? outputs : { ok: false, problem: fault };
      },
      (lengths) => explainUnevenLists(title, definition, lengths),
    );
    await context.settle(result.ok);
    return result.ok ? { kind: 'done', outputs: result.value } : failed(result.problem);
  } catch (error) {
    // Pictures of earlier items may still be on their way, and must not be told to the next run.
    await context.settle(false).catch(() => undefined);
    if (error instanceof Cancelled) {
      const left = step.cacheable ? context.unfinishedState() : undefined;
      if (left !== undefined) execution.results.keepUnfinished(step.key, left);
      throw error;
    }
    return failed(explainThrow(title, error));
  }
}

/** What a turn of a zone brings that the input does not take. */
function findInputFault(title: string, definition: AnyNodeDefinition, inputs: Readonly<Record<string, unknown>>): Problem | undefined {
  for (const [name, spec] of Object.entries(definition.inputs)) {
    const value = inputs[name];
    if (value === undefined || spec.type === 'any') continue;
    const isList = Array.isArray(value) && spec.list !== true && spec.type !== 'seed';
    const text = isList ? `takes one ${spec.type} at a time, and gets a list of ${value.length}` : findValueFault(spec.type, value)?.text;
    if (text === undefined) continue;
    const sentence = `${title}: its input ${spec.title} ${text}. What a repetition carries from turn to turn must stay the same kind of thing.`;
    return problem('node.invalidInput', sentence, { socket: name });
  }
  return undefined;
}

function findOutputFault(
  title: string,
  definition: AnyNodeDefinition,
  outputs: KeptOutputs,
  inputs: Readonly<Record<string, unknown>>,
): Problem | undefined {
  for (const [name, spec] of Object.entries(definition.outputs)) {
    // What is passed on as it came, through a socket of the same kind and name, has been looked at.
    if (outputs[name] !== undefined && outputs[name] === inputs[name] && definition.inputs[name]?.type === spec.type) continue;
    const fault = findValueFault(spec.type, outputs[name]);
    if (fault === undefined) continue;
    const what = `${title}: its output ${spec.title} ${fault.text}.`;
    return fault.kind === 'shape'
      ? problem('node.threw', `${what} This is a mistake in the node's code; please report it.`, { socket: name })
      : problem(
          'node.failed',
          `${what} Its settings drove the numbers too far, or weights of the model are damaged: try other settings, or download the model again.`,
          { socket: name },
        );
  }
  return undefined;
}

function explainUnevenLists(title: string, definition: AnyNodeDefinition, lengths: Readonly<Record<string, number>>): string {
  const parts = Object.entries(lengths).map(([slot, length]) => {
    const name = slot.split('\0')[0] ?? slot;
    return `${definition.inputs[name]?.title ?? definition.params[name]?.title ?? name} ${length}`;
  });
  return `${title} walks through lists side by side, and they have different numbers of items (${parts.join(', ')}). Give all equally many.`;
}

function findLost(step: PlannedStep, lost: ReadonlyMap<NodeId, NodeId>): NodeId | undefined {
  for (const ref of readsOfStep(step)) {
    const because = lost.get(ref.node);
    if (because !== undefined) return because;
  }
  return undefined;
}

function drop(values: ReadonlyMap<NodeId, Record<string, unknown>>, { node, output }: ValueRef): void {
  const outputs = values.get(node);
  if (outputs !== undefined) delete outputs[output];
}
