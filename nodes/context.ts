import type { CancelSignal } from './cancelled.ts';
import type { ModelReference } from './facts.ts';
import type { Result } from './problem.ts';
import type {
  AddOnHandle,
  ConditioningValue,
  ControlNetValue,
  EncodedPicture,
  ImagePromptValue,
  IpAdapterValue,
  ModelValue,
  TextEncoderValue,
  VaeSpaceChoice,
  VaeValue,
} from './socket-values.ts';
import type { Tensor } from './tensor.ts';

/** A small picture of work in progress. */
export interface PreviewPicture {
  /** float32 NCHW [1, 3, height, width] in 0…1; made small by the caller. */
  readonly image: Tensor;
}

/** Something a run leaves behind for the person who started it. */
export type RunResult =
  | { readonly kind: 'file'; readonly path: string; readonly widthPx: number; readonly heightPx: number }
  | { readonly kind: 'preview'; readonly image: Tensor };

/** One call of a denoising network. */
export interface DenoiserInput {
  /** float32 NCHW [batch, in channels, latent height, latent width], already scaled for the timestep. */
  readonly sample: Tensor;
  readonly timestep: number;
  /** float32 [batch, tokens, width]. */
  readonly states: Tensor;
  /** float32 [batch, width], for families with pooled text. */
  readonly pooled?: Tensor | undefined;
  /** float32 [batch, 6 or 5]: SDXL's sizes and crops. */
  readonly timeIds?: Tensor | undefined;
  /** float32 [1, guidance embedding width]: one guidance for all rows. */
  readonly guidanceEmbedding?: Tensor | undefined;
  /** Of a denoiser opened for them; left out, nothing is added. */
  readonly residuals?: ControlResiduals;
  /** Of a denoiser opened for injection; left out, all rows keep their own attention. */
  readonly injection?: AttentionInjection;
  /** Told what the rows looked at, by a denoiser opened for that. */
  readonly onAttention?: (maps: AttentionMaps) => void;
}

/** What ControlNets, T2I-Adapters and IP-Adapters add inside a denoising network; what is left out is not added to. */
export interface ControlResiduals {
  /** float32 NCHW, to each of the feature maps that go over to the way up, the shallowest first. */
  readonly down?: readonly Tensor[];
  /** float32 NCHW, to what the middle block gives. */
  readonly mid?: Tensor;
  /** T2I-Adapters', float32 NCHW: to what each level on the way down gives, the shallowest first; one more: to the middle block's. */
  readonly features?: readonly Tensor[];
  /** IP-Adapters', in the order in which the denoiser was opened for them; float32 [rows, tokens, width]. */
  readonly images?: readonly { readonly tokens: Tensor; readonly scale: number }[];
}

/** One attention of a denoising network to the text. */
export interface AttentionLayer {
  /** As diffusers names it: `down_blocks.0.attentions.1.transformer_blocks.0.attn2`. */
  readonly name: string;
  /** The feature maps whose cells look at the text. */
  readonly height: number;
  readonly width: number;
}

/** What a denoiser's attention is opened for. */
export interface AttentionUse {
  /** Names of layers whose attention is told. */
  readonly maps: readonly string[];
  /** Rows may take over attention from others; the picture's attention to itself only where it has so many cells at most. */
  readonly injection?: { readonly mostCells: number };
}

/** What rows of a batch look at, by layer: float32 [rows, tokens, height, width], shares of 1 over the tokens, the mean of all heads. */
export type AttentionMaps = ReadonlyMap<string, Tensor>;

/** What each row of a batch takes over from the attention of another: A becomes A[source] · map + A · keep. */
export interface AttentionInjection {
  /** The row whose attention to the text is taken; its own number: none is needed. */
  readonly source: readonly number[];
  /** float32 [rows, tokens, tokens]: how much of what the source gives to the first token goes to the second. */
  readonly map: Tensor;
  /** float32 [rows, tokens]: how much of its own attention to a token is kept. */
  readonly keep: Tensor;
  /** The row whose attention of the picture to itself is taken. */
  readonly selfSource: readonly number[];
}

/** What a denoiser is given beside its inputs. */
export interface ControlKinds {
  readonly residuals: boolean;
  readonly features: boolean;
  /** IP-Adapters; `images` then has one for each. */
  readonly images?: readonly AddOnHandle[];
}

/** One call of a ControlNet. */
export interface ControlInput extends Omit<DenoiserInput, 'guidanceEmbedding' | 'residuals' | 'injection' | 'onAttention'> {
  /** float32 NCHW [1 or batch, channels, factor · latent height, factor · latent width] in 0…1. */
  readonly picture: Tensor;
}

/** A ControlNet opened for one latent size. */
export interface OpenControlNet {
  /** What it adds at strength 1; of a T2I-Adapter, which sees nothing but the picture, with as many rows as that. */
  predict(input: ControlInput): Promise<Result<ControlResiduals>>;
}

/** A denoising network opened for one latent size. */
export interface Denoiser {
  /** float32 NCHW like the sample: what the network predicts (noise, velocity or clean sample). */
  predict(input: DenoiserInput): Promise<Result<Tensor>>;
}

/** A network that enlarges pictures. */
export interface Upscaler {
  /** How many times larger both sides become. */
  readonly scale: number;
  /** float32 NCHW [batch, 3, h, w] in 0…1 to [batch, 3, scale · h, scale · w], about 0…1, not clamped. */
  upscale(image: Tensor): Promise<Result<Tensor>>;
}

/** A network of somebody else's that makes a picture of a picture, as its file describes it; undefined sizes are open. */
export interface PictureNetwork {
  readonly channels: number | undefined;
  readonly widthPx: number | undefined;
  readonly heightPx: number | undefined;
  /** Its numbers are whole ones from 0 to 255. */
  readonly takesBytes: boolean;
  readonly givesBytes: boolean;
  /** float32 NCHW [1, channels, h, w] to float32 NCHW [1, 1, 3 or 4, h, w], both in the network's own range. */
  run(picture: Tensor): Promise<Result<Tensor>>;
}

/** How a text is encoded. */
export interface TextRequest {
  /** `null`: no text at all; SDXL then gives zeros, others the empty text's states. */
  readonly prompt: string | null;
  /** For families with two encoders: the second one's text, if it differs. */
  readonly prompt2?: string | null;
  /** How many of the last layers are left out. */
  readonly clipSkip: number;
  /**
   * Left out, every character is text. `weights`: the texts have A1111's weights and BREAK in them, and may be of any length; the states
   * then have as many rows as their chunks take together.
   */
  readonly syntax?: 'weights';
}

/** Everything nodes may ask of models. The process that owns the sessions answers. */
export interface ModelRuntime {
  open(
    reference: ModelReference,
    configPath: string | null,
  ): Promise<Result<{ model: ModelValue; textEncoder: TextEncoderValue; vae: VaeValue }>>;
  encodeText(encoder: TextEncoderValue, request: TextRequest): Promise<Result<ConditioningValue>>;
  /**
   * `batch` rows at once, at most; `width` and `height` in latent cells. `controlled`: what is added inside of it. `attention`: what is told
   * of its attention, and taken over.
   */
  openDenoiser(
    model: ModelValue,
    size: {
      readonly batch: number;
      readonly width: number;
      readonly height: number;
      readonly controlled?: ControlKinds;
      readonly attention?: AttentionUse;
    },
  ): Promise<Result<Denoiser>>;
  /** Every attention to the text of a model's denoiser, for latents of a size, in the order in which they run. */
  attentionLayers(model: ModelValue, size: { readonly width: number; readonly height: number }): Promise<Result<readonly AttentionLayer[]>>;
  /**
   * The same model and text encoder, changed by a LoRA; without a text encoder, that of the model's own checkpoint. Refused where the
   * LoRA was made for other layers.
   */
  applyLora(
    lora: { readonly reference: ModelReference; readonly strength: number; readonly textStrength: number },
    to: { readonly model: ModelValue; readonly textEncoder: TextEncoderValue | undefined },
  ): Promise<Result<{ model: ModelValue; textEncoder: TextEncoderValue }>>;
  /** The same text encoder with one more word; `token` null: the word that the file names. */
  addEmbedding(
    embedding: { readonly reference: ModelReference; readonly token: string | null },
    to: TextEncoderValue,
  ): Promise<Result<TextEncoderValue>>;
  /** The text encoder of a model's own checkpoint. */
  textEncoderOf(model: ModelValue): Promise<Result<TextEncoderValue>>;
  loadControlNet(reference: ModelReference): Promise<Result<ControlNetValue>>;
  /** For use beside this model; refused where it adds other feature maps than the model has. */
  openControlNet(
    controlNet: ControlNetValue,
    model: ModelValue,
    size: { readonly width: number; readonly height: number },
  ): Promise<Result<OpenControlNet>>;
  /** `encoder` null: the folder image_encoder beside the file. */
  loadIpAdapter(reference: ModelReference, encoder: ModelReference | null): Promise<Result<IpAdapterValue>>;
  /** Pictures float32 NCHW [n, 3, h, w] in 0…1 as tokens to look at, those of all pictures one after the other. */
  encodeImagePrompt(ipAdapter: IpAdapterValue, image: Tensor): Promise<Result<Pick<ImagePromptValue, 'tokens' | 'without'>>>;
  /** Scaled latents float32 NCHW to pictures float32 NCHW [batch, 3, h, w] in 0…1. */
  decode(vae: VaeValue, latents: Tensor): Promise<Result<Tensor>>;
  /** Pictures float32 NCHW [batch, 3, h, w] in 0…1 to the posterior's mean and standard deviation, both times the scaling factor. */
  encode(vae: VaeValue, image: Tensor): Promise<Result<EncodedPicture>>;
  /** An autoencoder in a file or folder of its own. */
  loadVae(reference: ModelReference, space: VaeSpaceChoice): Promise<Result<VaeValue>>;
  openUpscaler(reference: ModelReference): Promise<Result<Upscaler>>;
  /** `output`: which of several; null: the first that is a picture. */
  openPictureNetwork(reference: ModelReference, output: string | null): Promise<Result<PictureNetwork>>;
  /** How latents of a space look without an autoencoder: RGB in −1…1 is `latent · factors + bias`. */
  previewFactors(
    spaceId: string,
  ): { readonly factors: readonly (readonly [number, number, number])[]; readonly bias: readonly [number, number, number] } | undefined;
}

/** Reading and writing pictures. Paths are checked against the folders this run may use. */
export interface PictureFiles {
  /** float32 NCHW [1, 3 or 4, h, w] in 0…1, turned upright; `alpha` false drops transparency over white. */
  load(path: string, alpha: boolean): Promise<Result<Tensor>>;
  /** Writes one picture [1, 1, 3 or 4, h, w] with the run's graph inside and returns its path. Never overwrites. */
  save(
    image: Tensor,
    request: { readonly name: string; readonly format: 'png' | 'webp' | 'jpeg'; readonly embedGraph: boolean },
  ): Promise<Result<string>>;
  /** The same for pictures [n, 1, 3 or 4, h, w] that follow one another for ever, as one WebP file. */
  saveAnimation(
    images: Tensor,
    request: { readonly name: string; readonly framesPerSecond: number; readonly embedGraph: boolean },
  ): Promise<Result<string>>;
}

/** What a node's `evaluate` is given beside its inputs and parameters. */
export interface EvaluateContext {
  readonly nodeId: string;
  readonly signal: CancelSignal;
  readonly models: ModelRuntime;
  readonly pictures: PictureFiles;
  /** What `saveState` was given when the same work was last cancelled before it was finished; undefined: begin at the beginning. */
  readonly savedState: unknown;
  /** Where the work is, as plain data with Float32Arrays in it; only asked for when the work is cancelled. */
  saveState(make: () => unknown): void;
  /** Step `done` of `total` is finished. */
  progress(done: number, total: number): void;
  /** Shows work in progress. The picture is only made when somebody wants one now. */
  preview(make: () => PreviewPicture): void;
  /**
   * The same for a picture that a network makes because somebody chose it: it may take a fifth of the time, and the node waits for it.
   * `isLast`: the work ends with it, so it is worth seeing whatever the others cost.
   */
  previewDecoded(make: () => Promise<Result<PreviewPicture>>, isLast: boolean): Promise<Result<void>>;
  result(result: RunResult): void;
}
