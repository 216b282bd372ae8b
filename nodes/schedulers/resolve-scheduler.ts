import { isRecord } from '../is-record.ts';
import { fail, ok, type Problem, type Result } from '../problem.ts';
import { findSchedulerClass } from './create-scheduler.ts';
import { NETWORK_TIMES, type NetworkTime, networkTime } from './network-time.ts';
import { isKnownOption } from './option-table.ts';
import { parsePythonJson } from './parse-python-json.ts';
import { DEFAULT_PRESET, isPresetName, SCHEDULER_PRESETS } from './presets.ts';
import type { SchedulerConfig } from './scheduler.ts';

type Json = Readonly<Record<string, unknown>>;

/**
 * The complete configuration that a scheduler parameter means for a model.
 *
 * - `default`: the model's own.
 * - a preset's name: diffusers' `Class.from_config(modelConfig, **overrides)`. A key that the model's file lacks comes from the
 *   new class's defaults, never from the old class's. A preset for another kind of network is refused.
 * - an object, or its JSON text, with `_class_name`: taken as it is.
 * - an object without `_class_name`: overrides upon the model's own class.
 */
export function resolveScheduler(parameter: string | Json, modelConfig: Json | undefined): Result<SchedulerConfig> {
  const model = isRecord(modelConfig) ? modelConfig : undefined;
  const read = readSchedulerParam(parameter);
  if (!read.ok) return read;
  return typeof read.value === 'string' ? resolvePreset(read.value, model) : resolveObject(read.value, model);
}

/** A scheduler parameter as what it stands for: a preset's name, or a configuration; JSON text is read. */
export function readSchedulerParam(parameter: string | Json): Result<string | Json> {
  const isText = typeof parameter === 'string' && parameter.trimStart().startsWith('{');
  const read: Result<unknown> = isText ? parsePythonJson(parameter) : ok(parameter);
  if (!read.ok) return read;
  return typeof read.value === 'string' || isRecord(read.value) ? ok(read.value) : refuseShape();
}

function resolvePreset(name: string, modelConfig: Json | undefined): Result<SchedulerConfig> {
  const preset = Object.hasOwn(SCHEDULER_PRESETS, name) ? SCHEDULER_PRESETS[name] : undefined;
  if (!isPresetName(name)) {
    const known = [DEFAULT_PRESET, ...Object.keys(SCHEDULER_PRESETS)].join(', ');
    return fail(
      'scheduler.unknown',
      `There is no scheduler preset "${name.slice(0, 80)}". Presets are ${known}; a diffusers configuration with _class_name works too.`,
    );
  }
  if (modelConfig === undefined) return refuseMissing(`The scheduler preset "${name}" changes`);
  const config = deriveConfig(preset?.className ?? modelConfig['_class_name'], modelConfig, preset?.overrides ?? {});
  if (!config.ok) return preset === undefined ? refuseOwn(modelConfig, config.problem) : config;
  const [wanted, own] = [networkTime(config.value), networkTime(modelConfig)];
  if (wanted === own) return config;
  return fail('scheduler.option', explainOtherTime(name, wanted, own, String(modelConfig['_class_name'])));
}

/** The sentence about a preset for another kind of network than the model's; `className`: of the model's own scheduler, if it is known. */
export function explainOtherTime(name: string, wanted: NetworkTime, own: NetworkTime, className?: string): string {
  const ownScheduler = className === undefined ? 'own scheduler' : `own scheduler ${className}`;
  return (
    `The scheduler preset "${name}" is for networks ${NETWORK_TIMES[wanted]}, and this model's ${ownScheduler} is for networks ` +
    `${NETWORK_TIMES[own]}. Take "${DEFAULT_PRESET}" or a preset of that kind.`
  );
}

function resolveObject(config: Json, modelConfig: Json | undefined): Result<SchedulerConfig> {
  if (config['_class_name'] !== undefined) return complete(config['_class_name'], config);
  if (modelConfig === undefined) return refuseMissing('A scheduler configuration without _class_name changes');
  const found = findSchedulerClass(modelConfig['_class_name']);
  if (!found.ok) return found;
  const strange = Object.keys(config).find((key) => !Object.hasOwn(found.value.options, key));
  if (strange !== undefined) {
    const known = Object.keys(found.value.options).join(', ');
    return fail(
      'scheduler.option',
      `The model's ${found.value.className} has no option "${strange.slice(0, 60)}". Its options are ${known}.`,
      { path: strange },
    );
  }
  return deriveConfig(found.value.className, modelConfig, config);
}

/**
 * diffusers' `Class.from_config(modelConfig, **overrides)`. What the model's file has that no scheduler class knows is passed
 * over, as diffusers does: the user did not write it.
 */
export function deriveConfig(className: unknown, modelConfig: Json, overrides: Json): Result<SchedulerConfig> {
  const kept = Object.entries(modelConfig).filter(([key]) => isKnownOption(key));
  return complete(className, { ...Object.fromEntries(kept), ...overrides });
}

function complete(className: unknown, config: Json): Result<SchedulerConfig> {
  const found = findSchedulerClass(className);
  return found.ok ? found.value.complete(config) : found;
}

function refuseMissing(what: string): Result<never> {
  return fail(
    'scheduler.option',
    `${what} the model's own scheduler configuration, and this model has none. Give a whole diffusers configuration with _class_name.`,
  );
}

/** The user asked for nothing that could be wrong: the model's file is. */
function refuseOwn(modelConfig: Json, { message, path }: Problem): Result<never> {
  const fault = modelConfig['_class_name'] === undefined ? 'it names no _class_name.' : message;
  return fail(
    'model.config',
    `The model's own scheduler_config.json cannot be used: ${fault} Correct it, or choose a scheduler instead of "${DEFAULT_PRESET}".`,
    path === undefined ? {} : { path },
  );
}

function refuseShape(): Result<never> {
  return fail('scheduler.option', 'A scheduler must be a preset name or an object of diffusers options, and is something else.');
}
