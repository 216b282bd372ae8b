import type { CheckpointFamily } from './checkpoint.ts';
import { LDM_UNET_PREFIX } from './ldm-unet-keys.ts';

/** Families that single files come in. */
export type SingleFileFamily = Exclude<CheckpointFamily, 'custom'>;

/** A text encoder of the original layout. */
export interface TextPart {
  /** Where it lies. */
  readonly prefix: string;
  /** Whose names its tensors have. */
  readonly names: 'transformers' | 'openclip';
  readonly withProjection: boolean;
  readonly padToken: '!' | '<|endoftext|>';
  /** So many layers are used, whatever is stored behind them; left out: all. */
  readonly usedLayers?: number;
  /** What follows `text_encoder` and `tokenizer` in the names of a diffusers folder. */
  readonly suffix: '' | '_2';
}

const CLIP_L = { names: 'transformers', withProjection: false, padToken: '<|endoftext|>', suffix: '' } as const;
const OPEN_CLIP = { names: 'openclip', padToken: '!' } as const;

/** The text encoders of each family. SD 2 uses neither the last of its encoder's 24 layers, where that is stored, nor the projection. */
const TEXT_PARTS: Readonly<Record<SingleFileFamily, readonly TextPart[]>> = {
  sd15: [{ ...CLIP_L, prefix: 'cond_stage_model.transformer.' }],
  sd2: [{ ...OPEN_CLIP, prefix: 'cond_stage_model.model.', withProjection: false, usedLayers: 23, suffix: '' }],
  sdxl: [
    { ...CLIP_L, prefix: 'conditioner.embedders.0.transformer.' },
    { ...OPEN_CLIP, prefix: 'conditioner.embedders.1.model.', withProjection: true, suffix: '_2' },
  ],
  'sdxl-refiner': [{ ...OPEN_CLIP, prefix: 'conditioner.embedders.0.model.', withProjection: true, suffix: '_2' }],
};

/** SD 2 as Stability's later programs save it (SD Turbo): its encoder lies where the refiner's does, which its U-Net is not. */
const SD2_LATER = TEXT_PARTS.sd2.map((part) => ({ ...part, prefix: 'conditioner.embedders.0.model.' }));

/** The family that single files with these tensors belong to, and its text encoders; undefined: none is whole. */
export function findTextParts(
  has: (prefix: string) => boolean,
): { readonly family: SingleFileFamily; readonly parts: readonly TextPart[] } | undefined {
  const isSized = has(`${LDM_UNET_PREFIX}label_emb.`);
  const families: readonly SingleFileFamily[] = ['sdxl', 'sd2', 'sd15', ...(isSized ? (['sdxl-refiner'] as const) : [])];
  const layouts = families.map((family) => ({ family, parts: TEXT_PARTS[family] }));
  return [...layouts, { family: 'sd2' as const, parts: SD2_LATER }].find(({ parts }) => parts.every(({ prefix }) => has(prefix)));
}
