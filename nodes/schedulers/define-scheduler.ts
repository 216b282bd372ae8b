import { ok, type Result } from '../problem.ts';
import { checkTimesteps } from './check-timesteps.ts';
import { type OptionSpec, type OptionTable, type OptionValues, readOptions } from './option-table.ts';
import { plainConfig } from './plain-config.ts';
import type { PredictionType, Scheduler, SchedulerConfig } from './scheduler.ts';
import { SolverMemory } from './solver-memory.ts';

/** How a scheduler is to be set up. */
export interface SchedulerRequest {
  /** At least 1; checked before a class sees it. */
  readonly steps: number;
  /** Sizes of the sample, batch first: [batch, channels, height, width]. */
  readonly shape?: readonly number[];
  /** The first index that will be called, 0 if absent: image-to-image starts later. */
  readonly beginIndex?: number;
  /** The timesteps themselves, falling, instead of the config's spacing; `steps` is their count. Few classes take them. */
  readonly timesteps?: readonly number[];
  /** Flow matching with use_dynamic_shifting: the logarithm of the shift. Taken from the shape if absent. */
  readonly mu?: number;
}

/** What an algorithm provides itself; the rest of a Scheduler is the same for all. */
export interface SchedulerCore extends Pick<Scheduler, 'timesteps' | 'initNoiseSigma' | 'step' | 'addNoise'> {
  readonly sigmas?: readonly number[];
  /** 1 if absent. */
  readonly order?: number;
  /** The sample as it is, if absent. */
  readonly scaleModelInput?: Scheduler['scaleModelInput'];
}

/** A class of schedulers: diffusers' name, its options, and how one is made. */
export interface SchedulerClass {
  readonly className: string;
  readonly options: OptionTable;
  /** The whole configuration that a partial one means. */
  complete(config: Readonly<Record<string, unknown>>): Result<SchedulerConfig>;
  /** `config` may hold keys of other classes; they are passed over. */
  create(config: Readonly<Record<string, unknown>>, request: SchedulerRequest): Result<Scheduler>;
}

interface SchedulerDefinition<T extends OptionTable> {
  readonly className: string;
  readonly options: T;
  /** What the network predicts, for classes that have no option `prediction_type`. */
  readonly predictionType?: PredictionType;
  /** True where a request may bring its own timesteps. */
  readonly takesTimesteps?: boolean;
  /** Options that the class itself changes when it is made, as diffusers' constructors do. */
  settle?(options: OptionValues<T>): OptionValues<T>;
  create(options: OptionValues<T>, request: SchedulerRequest, memory: SolverMemory): Result<SchedulerCore>;
}

/** Declares a class from its option table and its algorithm. */
export function defineScheduler<const T extends OptionTable & { readonly prediction_type: OptionSpec<PredictionType> }>(
  definition: SchedulerDefinition<T>,
): SchedulerClass;
export function defineScheduler<const T extends OptionTable>(
  definition: SchedulerDefinition<T> & { readonly predictionType: PredictionType },
): SchedulerClass;
export function defineScheduler<const T extends OptionTable>(definition: SchedulerDefinition<T>): SchedulerClass {
  const { className, options: table, settle = (options) => options } = definition;
  const read = (config: Readonly<Record<string, unknown>>): Result<OptionValues<T>> => {
    const options = readOptions(className, table, config);
    return options.ok ? ok(settle(options.value)) : options;
  };
  return {
    className,
    options: table,
    complete(config) {
      const options = read(config);
      return options.ok ? ok(plainConfig(className, options.value)) : options;
    },
    create(config, request) {
      const options = read(config);
      if (!options.ok) return options;
      const refused = checkTimesteps(className, definition.takesTimesteps === true, request, options.value);
      if (!refused.ok) return refused;
      const memory = new SolverMemory();
      const core = definition.create(options.value, request, memory);
      if (!core.ok) return core;
      return ok({
        className,
        config: plainConfig(className, options.value),
        order: 1,
        scaleModelInput: (sample: Float32Array) => sample,
        // One of the two is there by the overloads above, and the table's own spec read it as a PredictionType.
        predictionType: definition.predictionType ?? (options.value['prediction_type'] as PredictionType),
        snapshot: () => memory.snapshot(),
        restore: (snapshot) => memory.restore(snapshot),
        ...core.value,
        step(...call) {
          const result = core.value.step(...call);
          memory.calls += 1;
          return result;
        },
      });
    },
  };
}
