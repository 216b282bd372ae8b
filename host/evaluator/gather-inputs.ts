import type { PlannedStep, ValueRef } from '../../graphs/run-plan.ts';
import type { AnyNodeDefinition } from '../../nodes/define-node.ts';
import { refuseParam } from '../../nodes/params.ts';
import { fail, ok, type Result } from '../../nodes/problem.ts';
import type { Arrivals, Walks } from './map-over-lists.ts';

/** What arrives at a node, ready to be walked through. */
export interface GatheredInputs {
  readonly arrivals: Arrivals;
  readonly walks: Walks;
  /** Turns one item of the walk into what `evaluate` takes. */
  split(item: Arrivals): Result<{ readonly inputs: Record<string, unknown>; readonly params: Record<string, unknown> }>;
}

/** Collects the values wired to a node's inputs and parameters. */
export function gatherInputs(step: PlannedStep, definition: AnyNodeDefinition, read: (ref: ValueRef) => unknown): GatheredInputs {
  const arrivals: Record<string, unknown> = {};
  const walks: Record<string, number> = {};
  for (const [name, refs] of Object.entries(step.inputs)) {
    const axes = step.walks[name] ?? 0;
    const isList = definition.inputs[name]?.list === true;
    for (const [at, ref] of refs.entries()) {
      // The wires of an input that takes several are walked each by itself; a list among them counts as that many wires.
      const slot = isList ? slotName(name, at) : name;
      const value = read(ref);
      arrivals[slot] = value;
      walks[slot] = isList ? Math.min(axes, Math.max(0, nesting(value) - 1)) : axes;
    }
  }
  for (const [name, ref] of Object.entries(step.wiredParams)) {
    arrivals[name] = read(ref);
    walks[name] = step.walks[name] ?? 0;
  }
  return { arrivals, walks, split: (item) => splitItem(step, definition, item) };
}

function splitItem(
  step: PlannedStep,
  definition: AnyNodeDefinition,
  item: Arrivals,
): Result<{ inputs: Record<string, unknown>; params: Record<string, unknown> }> {
  const inputs: Record<string, unknown> = {};
  for (const [name, spec] of Object.entries(definition.inputs)) {
    const count = step.inputs[name]?.length ?? 0;
    if (spec.list) inputs[name] = Array.from({ length: count }, (_, at) => item[slotName(name, at)]).flat(1);
    else if (count > 0) inputs[name] = item[name];
  }
  const params: Record<string, unknown> = { ...step.params };
  for (const name of Object.keys(step.wiredParams)) {
    const spec = definition.params[name];
    const refusal = spec && refuseParam(spec, item[name]);
    if (refusal !== undefined)
      return fail('node.invalidInput', `${spec?.title ?? name} ${refusal}. Change what is wired to it.`, { socket: name });
    params[name] = item[name];
  }
  return ok({ inputs, params });
}

function slotName(input: string, wire: number): string {
  return `${input}\0${wire}`;
}

function nesting(value: unknown): number {
  return Array.isArray(value) ? 1 + nesting(value[0]) : 0;
}
