import type { InferenceContext } from '../define-node.ts';
import type { SchedulerParam } from '../params.ts';
import type { Problem } from '../problem.ts';
import { NETWORK_TIMES, type NetworkTime, networkTime } from '../schedulers/network-time.ts';
import { isPresetName, SCHEDULER_PRESETS } from '../schedulers/presets.ts';
import { explainOtherTime, readSchedulerParam, resolveScheduler } from '../schedulers/resolve-scheduler.ts';
import { namesField, type SocketType } from '../types/socket-type.ts';

/**
 * Says so where a scheduler parameter is certainly wrong: an unknown name, text that is no JSON, a whole configuration with a mistake, or a
 * preset for another kind of network than the model's.
 */
export function refuseUnfitScheduler(
  context: InferenceContext,
  scheduler: SchedulerParam | undefined,
  model: SocketType | undefined,
): void {
  if (typeof scheduler === 'string' && isPresetName(scheduler)) {
    refuseOtherTime(context, scheduler, model);
  } else if (scheduler !== undefined) {
    const wrong = explainOwn(scheduler);
    if (wrong !== undefined) context.refuse('scheduler', `${context.title}: ${wrong.message}`, wrong.code);
  }
}

/** What is wrong with a parameter that is no preset's name, whatever the model. */
function explainOwn(scheduler: SchedulerParam): Problem | undefined {
  const read = readSchedulerParam(scheduler);
  if (!read.ok) return read.problem;
  // Without a class it changes the model's own scheduler, which only the run knows.
  if (typeof read.value === 'object' && read.value['_class_name'] === undefined) return undefined;
  const resolved = resolveScheduler(read.value, undefined);
  return resolved.ok ? undefined : resolved.problem;
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
