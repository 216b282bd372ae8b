import type { CheckpointFamily } from './checkpoint.ts';

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
  /** Layers at the end that are stored and never used. */
  readonly unusedLayers: number;
  /** What follows `text_encoder` and `tokenizer` in the names of a diffusers folder. */
  readonly suffix: '' | '_2';
}

const CLIP_L = { names: 'transformers', withProjection: false, padToken: '<|endoftext|>', unusedLayers: 0, suffix: '' } as const;
const OPEN_CLIP = { names: 'openclip', padToken: '!' } as const;

/** The text encoders of each family. SD 2 uses neither the last layer of its encoder nor the projection. */
export const TEXT_PARTS: Readonly<Record<SingleFileFamily, readonly TextPart[]>> = {
  sd15: [{ ...CLIP_L, prefix: 'cond_stage_model.transformer.' }],
  sd2: [{ ...OPEN_CLIP, prefix: 'cond_stage_model.model.', withProjection: false, unusedLayers: 1, suffix: '' }],
  sdxl: [
    { ...CLIP_L, prefix: 'conditioner.embedders.0.transformer.' },
    { ...OPEN_CLIP, prefix: 'conditioner.embedders.1.model.', withProjection: true, unusedLayers: 0, suffix: '_2' },
  ],
  'sdxl-refiner': [{ ...OPEN_CLIP, prefix: 'conditioner.embedders.0.model.', withProjection: true, unusedLayers: 0, suffix: '_2' }],
};
