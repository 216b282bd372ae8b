import type { NetworkTime } from './schedulers/network-time.ts';
import type { LatentSpace } from './socket-values.ts';

/** How a document names a model: a pack's name, a path, or a record that finds a moved file again by its hash. */
export type ModelReference = string | { readonly name: string; readonly sha256?: string; readonly family?: string };

/** What is known of a checkpoint from its headers and configs alone, before any weight is read. Plain JSON. */
export interface ModelFacts {
  readonly name: string;
  readonly label: string;
  readonly family: string;
  readonly prediction: string;
  /** What noise levels and times its network was trained on, by its own scheduler configuration; left out: it has none. */
  readonly networkTime?: NetworkTime;
  readonly space: LatentSpace;
  readonly inChannels: number;
  /** Width and number of the text states its U-Net attends to. */
  readonly conditioningWidth: number;
  readonly tokens: number;
  /** Width of the states its own text encoders give. */
  readonly encoderWidth: number;
  readonly nativeWidthPx: number;
  readonly nativeHeightPx: number;
  /** Changes whenever a file of the checkpoint changes. */
  readonly fingerprint: string;
}

/** Kinds of files that add to a checkpoint. */
export type AddOnKind = 'controlNet' | 'lora' | 'embedding' | 'vae' | 'upscaler' | 'onnx' | 'ipAdapter' | 'clipVision';

/** What is known of a file that adds to a checkpoint, from its header and config alone. Plain JSON. */
export interface AddOnFacts {
  readonly name: string;
  /** Which models it was made for, as far as its structure tells: a family, or one of several. */
  readonly family?: string | readonly string[];
  /** Width of the text states that it was made for, where it reads any. */
  readonly conditioningWidth?: number;
  /** Of an embedding: width of its vectors for each text encoder. */
  readonly encoderWidths?: readonly number[];
  /** Of an autoencoder: whose latents it reads, as far as it tells. */
  readonly space?: LatentSpace;
  /** Of an upscaler: how many times larger both sides become, where that shows without running it. */
  readonly scale?: number;
  /** Of a network in ONNX: what its file says of the picture it takes and of the one it gives. */
  readonly picture?: PictureFacts;
  readonly fingerprint: string;
}

/** What an ONNX file says of pictures; what is left out is only known when it runs. */
export interface PictureFacts {
  readonly input: { readonly channels?: number; readonly widthPx?: number; readonly heightPx?: number };
  readonly output: {
    readonly channels?: number;
    readonly widthPx?: number;
    readonly heightPx?: number;
    /** As wide, as high as the picture it takes. */
    readonly keepsWidth: boolean;
    readonly keepsHeight: boolean;
  };
}

/** What is known of a picture file from its header, and a hash of its bytes. */
export interface ImageFacts {
  readonly widthPx: number;
  readonly heightPx: number;
  readonly channels: number;
  readonly fingerprint: string;
}
