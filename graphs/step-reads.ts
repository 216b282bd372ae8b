import type { PlannedStep, ValueRef } from './run-plan.ts';

/** Every value that a step reads, for the end of a zone also what its repeated steps read from outside. */
export function readsOfStep(step: PlannedStep): ValueRef[] {
  const own = [...Object.values(step.inputs).flat(), ...Object.values(step.wiredParams)];
  if (step.repeated === undefined) return own;
  const { start, body } = step.repeated;
  const inside = new Set([start.id, ...body.map((one) => one.id)]);
  return [...own, ...[start, ...body].flatMap(readsOfStep)].filter((ref) => !inside.has(ref.node));
}

/** A step and everything that is repeated before it, in the order in which they first run. */
export function withRepeated(step: PlannedStep): PlannedStep[] {
  if (step.repeated === undefined) return [step];
  return [step.repeated.start, ...step.repeated.body.flatMap(withRepeated), step];
}
