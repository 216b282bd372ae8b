import type { ModelValue } from '../../nodes/socket-values.ts';

/** The model of a recorded case: a tiny U-Net of SD's or SDXL's shape whose text is 6 numbers wide. */
export function tinyModel(one: { readonly id: string; readonly unet: string; readonly scheduler: ModelValue['scheduler'] }): ModelValue {
  const isSd = one.unet === 'sd';
  return {
    kind: 'model',
    checkpoint: { path: '', name: one.id, fingerprint: one.id },
    family: isSd ? 'sd15' : 'sdxl',
    prediction: 'epsilon',
    space: { id: 'sd', label: 'SD', channels: 4, factor: 8 },
    inChannels: 4,
    conditioningWidth: 6,
    scheduler: one.scheduler,
    timeIds: isSd ? 0 : 6,
    guidanceEmbeddingWidth: 0,
    nativeWidthPx: 64,
    nativeHeightPx: 64,
  };
}
