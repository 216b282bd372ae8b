import type { NodeId } from '../../graphs/document.ts';
import type { PlannedStep } from '../../graphs/run-plan.ts';
import type { Problem, Result } from '../../nodes/problem.ts';
import type { KeptOutputs } from '../store/memory-cache.ts';

/** Values of the nodes that have run, by node and output. */
export type NodeValues = ReadonlyMap<NodeId, Readonly<Record<string, unknown>>>;

/** What came of running a step. */
export type StepEnd = { readonly kind: 'done'; readonly outputs: KeptOutputs } | { readonly kind: 'failed'; readonly problem: Problem };

/** What a zone needs of the run around it. */
export interface ZoneRun {
  /** Runs one step of the inside. */
  run(step: PlannedStep, values: NodeValues): Promise<StepEnd>;
  /** How many turns a start asks for, by the value of its parameter; refused where that can be no count. */
  turns(start: PlannedStep, value: unknown): Result<number>;
  /** Turn `done` of `total` is finished. */
  progress(done: number, total: number): void;
  /** Tells how a node inside stands. */
  begin(step: PlannedStep): void;
  end(step: PlannedStep, end: StepEnd): void;
}

/** The parameter of the start that says how often. */
export const COUNT = 'count';

/** The output by which the start of a zone tells which turn it is, and the one that the end is wired to. */
const INDEX = 'index';
const LINK = 'zone';

/**
 * Runs the inside of a zone as often as its start says: each turn begins with what the last one carried to the end, and nothing else is
 * kept from turn to turn. A step that fails ends the zone.
 */
export async function runZone(end: PlannedStep, values: NodeValues, zone: ZoneRun): Promise<StepEnd> {
  if (end.repeated === undefined) throw new Error('only the end of a zone has something to repeat');
  const { start, body } = end.repeated;
  const read = (from: NodeValues, step: PlannedStep): Record<string, unknown> => {
    const found: Record<string, unknown> = {};
    for (const [name, [ref]] of Object.entries(step.inputs)) {
      if (name !== LINK && ref !== undefined) found[name] = from.get(ref.node)?.[ref.output];
    }
    return found;
  };
  const asked = zone.turns(start, readParam(start, values, COUNT));
  if (!asked.ok) return { kind: 'failed', problem: asked.problem };
  const turns = asked.value;
  let carried = read(values, start);
  for (const step of [start, ...body]) zone.begin(step);
  for (let turn = 0; turn < turns; turn++) {
    const inside = new Map(values);
    inside.set(start.id, { ...carried, [INDEX]: turn, [LINK]: turns });
    for (const step of body) {
      const done = await zone.run(step, inside);
      if (done.kind === 'failed') {
        zone.end(step, done);
        return done;
      }
      inside.set(step.id, done.outputs);
    }
    carried = read(inside, end);
    zone.progress(turn + 1, turns);
  }
  for (const step of [start, ...body]) zone.end(step, { kind: 'done', outputs: {} });
  return { kind: 'done', outputs: carried };
}

function readParam(step: PlannedStep, values: NodeValues, name: string): unknown {
  const ref = step.wiredParams[name];
  return ref === undefined ? step.params[name] : values.get(ref.node)?.[ref.output];
}
