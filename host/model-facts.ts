import type { Checkpoint } from '../models/checkpoint/checkpoint.ts';
import type { ModelFacts } from '../nodes/facts.ts';
import { ok, type Result } from '../nodes/problem.ts';
import { networkTime } from '../nodes/schedulers/network-time.ts';

/** What graphs may know of a checkpoint. */
export function modelFactsOf(checkpoint: Checkpoint): ModelFacts {
  const { latentSpace, nativeSize, scheduler } = checkpoint;
  return {
    name: checkpoint.name,
    label: checkpoint.label,
    family: checkpoint.family,
    prediction: checkpoint.predictionType,
    ...(scheduler === undefined ? {} : { networkTime: networkTime(scheduler) }),
    space: { id: latentSpace.id, label: latentSpace.label, channels: latentSpace.channels, factor: latentSpace.factor },
    inChannels: sizeIn(checkpoint.unet.config, 'in_channels', latentSpace.channels),
    conditioningWidth: checkpoint.conditioningWidth,
    tokens: checkpoint.tokens,
    encoderWidth: checkpoint.encoderWidth,
    nativeWidthPx: nativeSize.width,
    nativeHeightPx: nativeSize.height,
    fingerprint: checkpoint.fingerprint,
  };
}

/** Reads a checkpoint's headers and configs and says what graphs may know of it. The code for that is loaded when it is needed. */
export async function readModelFacts(path: string, configPath: string | null): Promise<Result<ModelFacts>> {
  const { openCheckpoint } = await import('../models/checkpoint/open-checkpoint.ts');
  const opened = await openCheckpoint(path, configPath === null ? {} : { config: configPath });
  return opened.ok ? ok(modelFactsOf(opened.value)) : opened;
}

function sizeIn(config: Readonly<Record<string, unknown>>, name: string, fallback: number): number {
  const value = config[name];
  return typeof value === 'number' ? value : fallback;
}
