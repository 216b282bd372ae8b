import type { ElementType } from './element-type.ts';

/** One axis: a size, or the name of a size that is only known at run time. */
export type Dimension = number | string;

/** A tensor that flows through a graph. Only the builder that made it may use it. */
export interface Value {
  readonly name: string;
}

/** An attribute of a node: an integer, integers, a text, or `{ float }`, since JSON-like numbers do not say which they are. */
export type Attribute = number | readonly number[] | string | { readonly float: number };

/** One operator call. */
export interface GraphNode {
  readonly name: string;
  readonly operator: string;
  /** Empty for ai.onnx. */
  readonly domain: string;
  /** Names of values; the empty name leaves an optional input out. */
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  readonly attributes: Readonly<Record<string, Attribute>>;
}

/** Where an initializer's bytes are: in the model itself, or in another file that onnxruntime maps. */
export type InitializerData =
  | { readonly kind: 'inline'; readonly bytes: Uint8Array }
  | { readonly kind: 'external'; readonly location: string; readonly byteOffset: number; readonly byteLength: number };

/** A constant tensor, little-endian and row-major. */
export interface Initializer {
  readonly name: string;
  readonly type: ElementType;
  readonly shape: readonly number[];
  readonly data: InitializerData;
}

/** An input or output of a whole graph. */
export interface GraphPort {
  readonly name: string;
  readonly type: ElementType;
  /** Undefined where only onnxruntime knows. */
  readonly shape: readonly Dimension[] | undefined;
}

/** A whole model as plain data, in the order in which it is written. */
export interface Graph {
  readonly name: string;
  readonly nodes: readonly GraphNode[];
  readonly initializers: readonly Initializer[];
  readonly inputs: readonly GraphPort[];
  readonly outputs: readonly GraphPort[];
  /** Shapes of values in between, as far as they are known. */
  readonly shapes?: ReadonlyMap<string, readonly Dimension[]>;
}
