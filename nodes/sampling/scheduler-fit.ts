import type { InferenceContext } from '../define-node.ts';
import type { SchedulerParam } from '../params.ts';
import { isPresetName } from '../schedulers/presets.ts';
import { resolveScheduler } from '../schedulers/resolve-scheduler.ts';

/**
 * Says so where a scheduler parameter is certainly none: an unknown name, or a whole configuration with a mistake. Whether it is for the
 * model's kind of network is seen in the run, since types do not know the model's own configuration.
 */
export function refuseUnknownScheduler(context: InferenceContext, scheduler: SchedulerParam | undefined): void {
  if (scheduler === undefined) return;
  const isName = typeof scheduler === 'string' && !scheduler.trimStart().startsWith('{');
  const isWhole = typeof scheduler !== 'string' && scheduler['_class_name'] !== undefined;
  if (isName ? isPresetName(scheduler) : !isWhole) return;
  const resolved = resolveScheduler(scheduler, undefined);
  if (!resolved.ok) context.refuse('scheduler', `${context.title}: ${resolved.problem.message}`, resolved.problem.code);
}
