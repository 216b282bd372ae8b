import type { ElementType } from './element-type.ts';

/** An input or output of a model as its file declares it. */
export interface OnnxPort {
  readonly name: string;
  /** Undefined: no tensor, or of a type that nothing here can give. */
  readonly type: ElementType | undefined;
  /** A size; the name of one that is only known when it runs; null: nothing is said. Undefined: not even how many axes there are. */
  readonly shape: readonly (number | string | null)[] | undefined;
}

/** A constant tensor of a model. */
export interface OnnxConstant {
  readonly name: string;
  readonly shape: readonly number[];
}

/** Where an encoder draws by itself from the distribution that it finds: names of values inside. */
export interface OnnxDraw {
  readonly mean: string;
  readonly std: string;
}

/** An ONNX model opened by what it says of itself; no weight has been read. */
export interface OnnxFile {
  /** Absolute, with links resolved: what onnxruntime opens. */
  readonly path: string;
  readonly sizeBytes: number;
  /** Of the model and of the files beside it that hold its weights. */
  readonly totalBytes: number;
  /** Changes when any of these files does. */
  readonly fingerprint: string;
  /** What has to be given: constants that old files list as inputs are left out. */
  readonly inputs: readonly OnnxPort[];
  readonly outputs: readonly OnnxPort[];
  readonly constants: readonly OnnxConstant[];
  /** How often each operator of ai.onnx occurs. */
  readonly operators: ReadonlyMap<string, number>;
  readonly draw: OnnxDraw | undefined;
  /** Absolute paths of its weights by what the model calls them, where they do not lie beside the file itself. */
  readonly elsewhere?: ReadonlyMap<string, string>;
}
