import type { InferenceContext } from '../define-node.ts';
import type { SchedulerParam } from '../params.ts';
import { resolveScheduler } from '../schedulers/resolve-scheduler.ts';

/** Stands for the model's own configuration, which types do not know: enough to tell whether a preset's name exists. */
const ANY_MODEL = { _class_name: 'DDIMScheduler' };

/** Says so where a scheduler parameter is certainly none: an unknown name, or a whole configuration with a mistake. */
export function refuseUnknownScheduler(context: InferenceContext, scheduler: SchedulerParam | undefined): void {
  if (scheduler === undefined) return;
  const isName = typeof scheduler === 'string' && !scheduler.trimStart().startsWith('{');
  const isWhole = typeof scheduler !== 'string' && scheduler['_class_name'] !== undefined;
  if (!isName && !isWhole) return;
  const resolved = resolveScheduler(scheduler, ANY_MODEL);
  if (!resolved.ok) context.refuse('scheduler', `${context.title}: ${resolved.problem.message}`, resolved.problem.code);
}
