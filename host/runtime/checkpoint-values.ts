import { parseUnet2dConditionConfig } from '../../models/architectures/unet-2d-condition-config.ts';
import type { Checkpoint } from '../../models/checkpoint/checkpoint.ts';
import { describeVae, type VaeModel } from '../../models/vae/open-vae.ts';
import { fail, ok, type Result } from '../../nodes/problem.ts';
import { asStableDiffusionHasIt } from '../../nodes/schedulers/pipeline-config.ts';
import type { CheckpointHandle, LatentSpace, ModelValue, TextEncoderValue, VaeSpaceChoice, VaeValue } from '../../nodes/socket-values.ts';
import { modelFactsOf } from '../model-facts.ts';

/** What a sampler must know of a checkpoint's U-Net. */
export function modelValueOf(checkpoint: Checkpoint, handle: CheckpointHandle): Result<ModelValue> {
  const unet = parseUnet2dConditionConfig(checkpoint.unet.config);
  if (!unet.ok) return unet;
  const { addition, timeConditionWidth } = unet.value;
  let timeIds = 0;
  if (addition?.kind === 'text_time') {
    timeIds = (addition.inFeatures - (checkpoint.pooledWidth ?? 0)) / addition.timeIdWidth;
    if (timeIds !== 5 && timeIds !== 6) {
      return fail(
        'model.config',
        `The U-Net of ${checkpoint.name} wants ${addition.inFeatures} numbers beside the timestep, which is no pooled text of ${checkpoint.pooledWidth ?? 0} with 5 or 6 sizes of ${addition.timeIdWidth} each. Its configs do not belong together.`,
      );
    }
  }
  const { family, prediction, inChannels, conditioningWidth, nativeWidthPx, nativeHeightPx } = modelFactsOf(checkpoint);
  return ok({
    kind: 'model',
    checkpoint: handle,
    family,
    prediction,
    space: spaceOf(checkpoint),
    inChannels,
    conditioningWidth,
    scheduler: schedulerOf(checkpoint, inChannels),
    timeIds,
    guidanceEmbeddingWidth: timeConditionWidth ?? 0,
    nativeWidthPx,
    nativeHeightPx,
  });
}

/** The checkpoint's own scheduler configuration, as its diffusers pipeline corrects it. */
function schedulerOf({ family, scheduler = {}, latentSpace }: Checkpoint, inChannels: number): ModelValue['scheduler'] {
  const isCorrected = family === 'sd15' || family === 'sd2';
  return isCorrected ? asStableDiffusionHasIt(scheduler, { seesHole: inChannels > latentSpace.channels }) : scheduler;
}

/** What encodes text for a checkpoint. */
export function textEncoderValueOf(checkpoint: Checkpoint, handle: CheckpointHandle): TextEncoderValue {
  const { family, tokens, encoderWidth } = modelFactsOf(checkpoint);
  return { kind: 'textEncoder', checkpoint: handle, family, tokens, dim: encoderWidth };
}

/** What turns a checkpoint's latents into pictures and back. */
export function vaeValueOf(checkpoint: Checkpoint, handle: CheckpointHandle): VaeValue {
  return { kind: 'vae', checkpoint: handle, space: spaceOf(checkpoint) };
}

/** An autoencoder in a file of its own, for latents of the space that was chosen or that it tells. */
export function ownVaeValueOf(vae: VaeModel, own: VaeSpaceChoice): Result<VaeValue> {
  const described = describeVae(vae, own);
  if (!described.ok) return described;
  const { path, name, fingerprint } = vae;
  return ok({ kind: 'vae', checkpoint: { path, name, fingerprint }, own, space: spaceOf({ latentSpace: described.value.space }) });
}

function spaceOf({ latentSpace: { id, label, channels, factor } }: Pick<Checkpoint, 'latentSpace'>): LatentSpace {
  return { id, label, channels, factor };
}
