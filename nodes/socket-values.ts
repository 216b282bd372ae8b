import type { Tensor } from './tensor.ts';

/** The coordinate system of a latent: which autoencoders read it, and how it relates to pixels. */
export interface LatentSpace {
  /** `sd`, `sdxl`, or a name made of channels, factor and scaling for autoencoders of their own. */
  readonly id: string;
  readonly label: string;
  readonly channels: number;
  /** Pixels per latent cell along one side. */
  readonly factor: number;
}

/** Which checkpoint on disk a value belongs to. Plain data: the runtime opens it when it is needed. */
export interface CheckpointHandle {
  /** Absolute path of a diffusers folder or a single file. */
  readonly path: string;
  /** Absolute path of the folder whose configs go with a single file. */
  readonly configPath?: string;
  readonly name: string;
  readonly fingerprint: string;
}

/** Which LoRA on disk changes a network, and how much. */
export interface LoraUse {
  /** Absolute path of the file. */
  readonly path: string;
  readonly name: string;
  readonly fingerprint: string;
  /** Any number; what several do adds up. */
  readonly strength: number;
}

/** Which textual inversion on disk a word stands for. */
export interface EmbeddingUse {
  /** Absolute path of the file. */
  readonly path: string;
  readonly name: string;
  readonly fingerprint: string;
  /** The word in prompts. */
  readonly token: string;
}

/** A denoising network and what a sampler must know of it. */
export interface ModelValue {
  readonly kind: 'model';
  readonly checkpoint: CheckpointHandle;
  /** What changes the network's layers. */
  readonly loras?: readonly LoraUse[];
  readonly family: string;
  readonly prediction: string;
  readonly space: LatentSpace;
  /** What shows work in progress; left out: a linear map, which costs nothing. */
  readonly preview?: VaeValue;
  /** Channels of the network's input: those of the latent, or more for inpainting models. */
  readonly inChannels: number;
  /** Width of the text states it attends to. */
  readonly conditioningWidth: number;
  /** `scheduler_config.json` as the checkpoint has it, with `_class_name`. */
  readonly scheduler: Readonly<Record<string, unknown>>;
  /** SDXL's size conditioning is wanted, with this many numbers (base 6, refiner 5); 0: none. */
  readonly timeIds: number;
  /** Width of the embedding by which distilled models (LCM) take the guidance scale; 0: none. */
  readonly guidanceEmbeddingWidth: number;
  readonly nativeWidthPx: number;
  readonly nativeHeightPx: number;
}

/** One or two text encoders that make conditioning for one family. */
export interface TextEncoderValue {
  readonly kind: 'textEncoder';
  readonly checkpoint: CheckpointHandle;
  /** What changes the encoders' layers. */
  readonly loras?: readonly LoraUse[];
  /** Words beside the vocabulary. */
  readonly embeddings?: readonly EmbeddingUse[];
  readonly family: string;
  readonly tokens: number;
  readonly dim: number;
}

/** Whose latents an autoencoder in a file of its own reads: as it seems, or as it is said by hand. */
export type VaeSpaceChoice = 'auto' | 'sd' | 'sdxl';

/** An autoencoder. */
export interface VaeValue {
  readonly kind: 'vae';
  /** Where it lies: in a checkpoint, or where `own` is given in a file or folder of its own. */
  readonly checkpoint: CheckpointHandle;
  readonly own?: VaeSpaceChoice;
  readonly space: LatentSpace;
}

/** Latents as diffusers' pipelines hold them between steps: already multiplied by the autoencoder's scaling factor. */
export interface LatentValue {
  readonly kind: 'latent';
  /** float32 NCHW [batch, channels, height/factor, width/factor]. */
  readonly samples: Tensor;
  readonly space: LatentSpace;
  /**
   * Where `samples` encode pictures: the posterior they are the mean of, scaled like them; float32 NCHW, like `samples` or, where those
   * repeat, of the first of them. A sampler draws from it before it adds noise, as diffusers does.
   */
  readonly posterior?: { readonly mean: Tensor; readonly std: Tensor };
  /** Only a part of it is to be drawn anew. */
  readonly inpaint?: InpaintPart;
}

/** What an encoder gives, scaled; float32 NCHW. Encoders that give no distribution (TAESD) leave the deviation out. */
export interface EncodedPicture {
  readonly mean: Tensor;
  readonly std?: Tensor;
}

/** Which part of a latent is drawn anew, in latent cells. */
export interface InpaintPart {
  /** float32 NCHW [batch, 1, height, width]: 1 is painted, 0 is kept. */
  readonly mask: Tensor;
  /** The posterior of the picture with a grey hole where it is painted, scaled; float32 NCHW, rows as in `posterior`. Without `std`: its latent. */
  readonly masked: EncodedPicture;
}

/** SDXL's size conditioning, in pixels. */
export interface PictureSizes {
  readonly originalHeight: number;
  readonly originalWidth: number;
  readonly cropTop: number;
  readonly cropLeft: number;
  readonly targetHeight: number;
  readonly targetWidth: number;
}

/** A network by which a picture steers a denoising network (Zhang et al. 2023). */
export interface ControlNetValue {
  readonly kind: 'controlNet';
  readonly handle: ControlNetHandle;
  readonly family: string;
  /** It is a T2I-Adapter (Mou et al. 2023): it sees the picture alone, and once. */
  readonly isAdapter: boolean;
  /** Width of the text states it was made for; 0: it reads none. */
  readonly conditioningWidth: number;
  /** Channels of the latents it takes; 0: none. */
  readonly inChannels: number;
  /** Channels of the picture. */
  readonly pictureChannels: number;
  /** Pixels of the picture for one latent cell along a side. */
  readonly factor: number;
  /** It says how much of each feature there is and not where (Shuffle); diffusers then leaves the rows without text alone. */
  readonly poolsGlobally: boolean;
}

/** Which ControlNet on disk a value belongs to. */
export interface ControlNetHandle {
  /** Absolute path of a diffusers folder or a single file. */
  readonly path: string;
  readonly name: string;
  readonly fingerprint: string;
}

/** Which file a value belongs to. */
export interface AddOnHandle {
  /** Absolute path. */
  readonly path: string;
  readonly name: string;
  readonly fingerprint: string;
}

/** A network by which a picture says what is drawn, beside the text (Ye et al. 2023, IP-Adapter), with the encoder that looks at it. */
export interface IpAdapterValue {
  readonly kind: 'ipAdapter';
  readonly handle: AddOnHandle;
  readonly encoder: AddOnHandle;
  /** `custom` where the width of its tokens is nobody's. */
  readonly family: string;
  /** Width of its tokens, which stand beside the text's. */
  readonly conditioningWidth: number;
}

/** One or several pictures as a denoiser looks at them. */
export interface ImagePromptValue {
  readonly ipAdapter: AddOnHandle;
  /** float32 [1, tokens, width]. */
  readonly tokens: Tensor;
  /** The same for no picture: what is drawn without the text looks at it. */
  readonly without: Tensor;
  readonly strength: number;
  /** Shares of the steps between which it acts. */
  readonly start: number;
  readonly end: number;
}

/** One picture that steers what is drawn. */
export interface ControlValue {
  readonly controlNet: ControlNetValue;
  /** float32 NCHW [1 or batch, 1 or 3, height, width] in 0…1, of any size. */
  readonly image: Tensor;
  readonly strength: number;
  /** Shares of the steps between which it acts. */
  readonly start: number;
  readonly end: number;
  /** Only what is drawn with the text is steered, and shallow layers less: the picture guides without a prompt. */
  readonly guess: boolean;
}

/** A word of a text, or what stands between words. */
export interface TextWord {
  readonly text: string;
  /** The tokens it was made into, by their places among the states. */
  readonly rows: readonly number[];
}

/** Where the words of a text stand among its tokens. */
export interface TextTokens {
  /** One a row of the states: start, text, end, padding. */
  readonly ids: readonly number[];
  /** Rows from here on are padding alone. */
  readonly used: number;
  readonly words: readonly TextWord[];
}

/** One text as a denoiser takes it. */
export interface TextStates {
  /** float32 [batch, tokens, width]. */
  readonly states: Tensor;
  /** float32 [batch, width]: the pooled text of SDXL's second encoder. */
  readonly pooled?: Tensor;
  /** Of the first encoder, which all others' rows stand beside. */
  readonly tokens?: TextTokens;
}

/** Which of several texts each step is given. */
export interface StepChoice {
  /** Marks behind which the text changes, rising: shares of all steps below 1, else numbers of steps, counted from 1. */
  readonly marks: readonly number[];
  /** After so many steps alternating parts begin again. */
  readonly period: number;
  /** Places in the list of texts, [marks below 1 that are passed, other marks that are passed, step in the period], row-major. */
  readonly picks: readonly number[];
}

/** A text that may change from step to step, and how much it counts beside others. */
export interface GuidingText extends TextStates {
  /** `texts` follow the one in `states`, which is the first. */
  readonly schedule?: { readonly choice: StepChoice; readonly texts: readonly TextStates[] };
  /** Left out: 1. */
  readonly weight?: number;
}

/** Where a text acts. */
export interface TextRegion {
  /** float32 NCHW [1, 1, height, width] in 0…1, of any size: it is resized to what is drawn. */
  readonly mask: Tensor;
  /** How much it counts where several overlap. */
  readonly strength: number;
}

/** What the text says, as a denoiser takes it. */
export interface ConditioningValue extends GuidingText {
  readonly kind: 'conditioning';
  readonly family: string;
  /** Texts that guide together with it in the same place (AND). */
  readonly joined?: readonly GuidingText[];
  /** Left out: everywhere. */
  readonly region?: TextRegion;
  /** What is said beside it, usually in other regions. They have none beside them, no controls and no image prompts. */
  readonly beside?: readonly ConditioningValue[];
  /** Left out: the picture's own size, nothing cropped. */
  readonly sizes?: PictureSizes;
  /** Pictures that steer what is drawn; what they do adds up. */
  readonly controls?: readonly ControlValue[];
  /** Pictures that say what is drawn; what they do adds up. */
  readonly imagePrompts?: readonly ImagePromptValue[];
}

/** What a denoiser looked at in the text while it drew. */
export interface AttentionValue {
  readonly kind: 'attention';
  readonly tokens: TextTokens;
  /** The steps whose maps there are, counted from 0; where `isMean`, one map stands for all of them. */
  readonly steps: readonly number[];
  readonly isMean: boolean;
  readonly layers: readonly AttentionLayerMaps[];
}

/** What one layer looked at. */
export interface AttentionLayerMaps {
  /** As diffusers names it. */
  readonly name: string;
  /** float32 [batch, steps or 1, tokens, height, width]: shares of 1 over the tokens, the mean of all heads. */
  readonly maps: Tensor;
}

/** Runtime value for each kind of socket. */
export interface SocketValues {
  number: number;
  text: string;
  boolean: boolean;
  /** Decimal, 64 bit. */
  seed: string | readonly string[];
  /** float32 NCHW [batch, channels 1, 3 or 4, height, width], sRGB values in 0…1. */
  image: Tensor;
  /** float32 NCHW [batch, 1, height, width] in 0…1; 1 is painted. */
  mask: Tensor;
  latent: LatentValue;
  conditioning: ConditioningValue;
  model: ModelValue;
  textEncoder: TextEncoderValue;
  vae: VaeValue;
  controlNet: ControlNetValue;
  ipAdapter: IpAdapterValue;
  attention: AttentionValue;
  /** Noise levels, falling. */
  sigmas: Float32Array;
  any: unknown;
}

export type SocketKind = keyof SocketValues;
