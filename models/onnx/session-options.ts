import type { Device } from './build-options.ts';

/**
 * `streaming`: weights stay in the mapped file and are widened when their turn comes; opens at once, lowest memory.
 * `resident`: weights are widened and packed for the processor when the session opens; fastest passes.
 */
export type LoadingMode = 'streaming' | 'resident';

/** The part of onnxruntime-node's session options that decides how a built graph is opened. */
export interface SessionOptions {
  readonly executionProviders: readonly string[];
  readonly graphOptimizationLevel: 'disabled' | 'extended' | 'all';
  readonly enableCpuMemArena: boolean;
  readonly enableMemPattern: boolean;
  readonly extra: { readonly session: Readonly<Record<string, unknown>>; readonly optimization?: Readonly<Record<string, string>> };
}

/** Both fold a widened weight into the model at opening, which costs what streaming is there to save. */
const FOLDING = 'ConstantFolding;FuseFp16InitializerToFp32NodeTransformer';

/** Threads that spin in a session that waits take the processor from the one that works. */
const ASLEEP = { allow_spinning: '0' };

/**
 * How to open a graph that somebody else wrote, with its own constants and none of the fused operators. `folder`: where its weights may lie,
 * if it is not opened from its file.
 */
export function foreignSessionOptions(mode: LoadingMode, device: Device, folder: string | undefined): SessionOptions {
  const session = {
    intra_op: ASLEEP,
    ...(folder === undefined ? {} : { model_external_initializers_file_folder_path: folder }),
    ...(mode === 'streaming' && device === 'cpu' ? { disable_prepacking: '1' } : {}),
  };
  return {
    executionProviders: [device],
    graphOptimizationLevel: 'extended',
    enableCpuMemArena: true,
    enableMemPattern: mode === 'resident' || device !== 'cpu',
    extra: { session },
  };
}

/**
 * How long a thread that waits for the next operator looks for it before it sleeps: waking one takes as long as a small operator. 10 % of
 * a pass of a small network on an idle machine; beside one busy program on two cores it costs 6 %, where 50 µs cost 24 % and no limit 62 %.
 */
const SPIN_MICROSECONDS = 25;

/**
 * How to open a graph whose external weights start from `externalDataFolder`. `isSmallAndBusy`: a network of few weights that is run again
 * and again.
 */
export function sessionOptionsFor(mode: LoadingMode, device: Device, externalDataFolder: string, isSmallAndBusy = false): SessionOptions {
  const folder = { model_external_initializers_file_folder_path: externalDataFolder };
  const common = {
    executionProviders: [device],
    // Level `all` copies convolution weights into blocks of channels: 3 to 10 times the opening time for 5 % of a pass of a large network.
    graphOptimizationLevel: 'extended',
    enableCpuMemArena: true,
    enableMemPattern: true,
  } as const satisfies Partial<SessionOptions>;
  if (device !== 'cpu') return { ...common, extra: { session: { ...folder, intra_op: ASLEEP } } };
  if (mode === 'resident') {
    const session = { ...folder, intra_op: { allow_spinning: '1', spin_duration_us: String(SPIN_MICROSECONDS) } };
    // Of small ones it is a quarter of a pass, for a few hundredths of a second (bench/pack.ts).
    return { ...common, extra: { session }, ...(isSmallAndBusy ? { graphOptimizationLevel: 'all' } : {}) };
  }
  return {
    ...common,
    // Graphs for the CPU are written in fused operators; looking for more takes as long as all the rest of opening.
    graphOptimizationLevel: 'disabled',
    // A plan of all tensors' places is kept beside the arena: 350 MB more in the SD 1.5 U-Net, for no measurable time.
    enableMemPattern: false,
    extra: {
      session: { ...folder, intra_op: ASLEEP, disable_prepacking: '1' },
      optimization: { disable_specified_optimizers: FOLDING },
    },
  };
}
