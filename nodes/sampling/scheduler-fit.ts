import type { InferenceContext } from '../define-node.ts';
import type { SchedulerParam } from '../params.ts';
import { NETWORK_TIMES, type NetworkTime, networkTime } from '../schedulers/network-time.ts';
import { isPresetName, SCHEDULER_PRESETS } from '../schedulers/presets.ts';
import { explainOtherTime, resolveScheduler } from '../schedulers/resolve-scheduler.ts';
import { namesField, type SocketType } from '../types/socket-type.ts';

/**
 * Says so where a scheduler parameter is certainly wrong: an unknown name, a whole configuration with a mistake, or a preset for another kind
 * of network than the model's.
 */
export function refuseUnfitScheduler(
  context: InferenceContext,
  scheduler: SchedulerParam | undefined,
  model: SocketType | undefined,
): void {
  if (typeof scheduler === 'string' && isPresetName(scheduler)) {
    refuseOtherTime(context, scheduler, model);
  } else if (scheduler !== undefined && isWhole(scheduler)) {
    const resolved = resolveScheduler(scheduler, undefined);
    if (!resolved.ok) context.refuse('scheduler', `${context.title}: ${resolved.problem.message}`, resolved.problem.code);
  }
}

/** True for what says everything by itself: a name, or a configuration with its class. Text is only parsed in the run. */
function isWhole(scheduler: SchedulerParam): boolean {
  return typeof scheduler === 'string' ? !scheduler.trimStart().startsWith('{') : scheduler['_class_name'] !== undefined;
}

function refuseOtherTime(context: InferenceContext, name: string, model: SocketType | undefined): void {
  const preset = SCHEDULER_PRESETS[name];
  const [own, ...others] = namesField(model, 'time') ?? [];
  if (preset === undefined || !isNetworkTime(own) || others.length > 0) return;
  const wanted = networkTime({ ...preset.overrides, _class_name: preset.className });
  // Several classes work for flow matching too where the model's own configuration says so.
  if (wanted === own || (wanted === 'table' && own === 'flow')) return;
  context.refuse('scheduler', `${context.title}: ${explainOtherTime(name, wanted, own)}`, 'scheduler.option');
}

function isNetworkTime(name: string | undefined): name is NetworkTime {
  return name !== undefined && Object.hasOwn(NETWORK_TIMES, name);
}
