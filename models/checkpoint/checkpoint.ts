import type { LatentSpace } from '../../nodes/socket-values.ts';
import type { OnnxFile } from '../onnx/onnx-file.ts';
import type { JsonObject } from '../read-json.ts';
import type { TokenizerFiles } from '../tokenizers/tokenizer-files.ts';
import type { WeightSource } from '../weights.ts';

/** Which kind of model a checkpoint is: what its LoRAs, ControlNets and conditionings have to fit. */
export type CheckpointFamily = 'sd15' | 'sd2' | 'sdxl' | 'sdxl-refiner' | 'custom';

/** What the U-Net's output means. */
export type PredictionType = 'epsilon' | 'v_prediction' | 'sample';

/** A network: its config as diffusers or transformers writes it, and where its weights lie. */
export interface Component {
  readonly config: JsonObject;
  /** Empty where `onnx` is given. */
  readonly weights: WeightSource;
  /** The network comes as a graph that somebody else wrote; nothing in it can be changed. */
  readonly onnx?: OnnxNetwork;
}

/** The graphs of one network: an autoencoder has two, any other one. */
export interface OnnxNetwork {
  readonly model?: OnnxFile;
  readonly encoder?: OnnxFile;
  readonly decoder?: OnnxFile;
}

/** One text encoder with its tokenizer. */
export interface TextEncoderComponent extends Component {
  readonly kind: 'clip-text' | 'bert';
  /** It also gives a pooled, projected vector. */
  readonly withProjection: boolean;
  readonly tokenizer: TokenizerFiles;
}

/** How the text reaches the U-Net where it is not CLIP's way. */
export interface TextConditioning {
  /** Rows of text states, whatever the text's length. */
  readonly maxLength: number;
  /** Rows after the last token are zeros, instead of what the encoder gives for padding tokens. */
  readonly zeroPadded: boolean;
}

/** A linear map from latents to RGB in −1…1, for previews: `latent · factors + bias`. */
export interface LatentPreview {
  /** One row a channel. */
  readonly factors: readonly (readonly [number, number, number])[];
  readonly bias: readonly [number, number, number];
}

/** What model_index.json says beside the list of components. */
export interface ModelIndex {
  readonly className: string | undefined;
  /** SDXL: no negative prompt means zeros, not the empty text. */
  readonly forceZerosForEmptyPrompt: boolean;
  /** SDXL refiner: sizes come with an aesthetic score. */
  readonly requiresAestheticsScore: boolean;
  readonly textConditioning: TextConditioning | undefined;
  readonly latentPreview: LatentPreview | undefined;
}

/** The coordinate system of a checkpoint's latents, and how they are scaled for the U-Net. */
export interface CheckpointLatentSpace extends LatentSpace {
  /** What diffusers multiplies encoded latents by. */
  readonly scalingFactor: number;
  /** Subtracted before scaling; null where there is none. */
  readonly shiftFactor: number | null;
}

/** A checkpoint opened by its headers and configs; no weight has been read. */
export interface Checkpoint {
  /** Absolute path of the folder or file, as it was asked for. */
  readonly path: string;
  readonly name: string;
  readonly layout: 'diffusers' | 'single-file' | 'onnx';
  /** Changes when any file it uses changes. */
  readonly fingerprint: string;
  readonly family: CheckpointFamily;
  /** The family in words: `SD 1.5`, `SDXL inpainting`, `Emoji`. */
  readonly label: string;
  readonly predictionType: PredictionType;
  readonly unet: Component;
  readonly vae: Component;
  readonly textEncoders: readonly TextEncoderComponent[];
  /** scheduler_config.json as it is, with `_class_name`; of a single file without configs what diffusers gives its family. */
  readonly scheduler: JsonObject | undefined;
  readonly modelIndex: ModelIndex;
  readonly latentSpace: CheckpointLatentSpace;
  /** The picture size it was trained on, in pixels. */
  readonly nativeSize: { readonly width: number; readonly height: number };
  /** Width of the states that the text encoders give together. */
  readonly encoderWidth: number;
  /** Width of the text states that the U-Net attends to. */
  readonly conditioningWidth: number;
  /** Width of the pooled text that goes with SDXL's size conditioning. */
  readonly pooledWidth: number | undefined;
  /** Rows of text states. */
  readonly tokens: number;
}
