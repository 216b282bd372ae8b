import type { EvaluateContext } from './context.ts';
import type { AddOnFacts, AddOnKind, ImageFacts, ModelFacts, ModelReference } from './facts.ts';
import type { ParamSpec, ParamValue } from './params.ts';
import type { ProblemCode, Result } from './problem.ts';
import type { SocketKind, SocketValues } from './socket-values.ts';
import type { SocketType } from './types/socket-type.ts';

/** One input of a node. */
export interface InputSpec {
  readonly type: SocketKind;
  readonly title: string;
  readonly doc: string;
  /** What it accepts, where the kind alone says too little. */
  readonly accepts?: SocketType;
  /** It may stay unwired; `evaluate` then gets undefined. */
  readonly optional?: true;
  /** It takes several wires; `evaluate` gets their values in order. */
  readonly list?: true;
}

/** One output of a node. */
export interface OutputSpec {
  readonly type: SocketKind;
  readonly title: string;
  readonly doc: string;
}

type Inputs = Readonly<Record<string, InputSpec>>;
type Outputs = Readonly<Record<string, OutputSpec>>;
type Params = Readonly<Record<string, ParamSpec>>;

type InputValue<S extends InputSpec> = S extends { list: true }
  ? readonly SocketValues[S['type']][]
  : S extends { optional: true }
    ? SocketValues[S['type']] | undefined
    : SocketValues[S['type']];

export type InputValues<I extends Inputs> = { readonly [K in keyof I]: InputValue<I[K]> };
export type OutputValues<O extends Outputs> = { readonly [K in keyof O]: SocketValues[O[K]['type']] };
export type ParamValues<P extends Params> = { readonly [K in keyof P]: ParamValue<P[K]> };

/** What `outputTypes` may ask and say. */
export interface InferenceContext {
  /** This node's title, for sentences. */
  readonly title: string;
  /** Title of the node wired into an input; for an unwired input, the input's own title. */
  sourceTitle(input: string): string;
  /** Says that the graph is certainly wrong here. */
  refuse(socket: string, message: string, code?: ProblemCode): void;
  /** Says something worth knowing that stops nothing. */
  warn(socket: string, message: string): void;
  /** Undefined: not known yet, nothing is wrong. */
  modelFacts(reference: ModelReference, configPath: string | null): Result<ModelFacts> | undefined;
  imageFacts(path: string): Result<ImageFacts> | undefined;
  addOnFacts(kind: AddOnKind, reference: ModelReference): Result<AddOnFacts> | undefined;
}

/** Something a node does to the world; nodes with effects run every time they are asked for and are never cached. */
export type Effect = 'writesFile' | 'shows';

/** How parameters of an older version become those of the next. */
export interface ParamMigration {
  readonly from: number;
  migrate(params: Record<string, unknown>): Record<string, unknown>;
}

/** A node: schema, documentation, types and behaviour in one object. */
export interface NodeDefinition<I extends Inputs = Inputs, O extends Outputs = Outputs, P extends Params = Params> {
  /** `category.name`; an identity for ever. */
  readonly id: string;
  readonly version: number;
  readonly title: string;
  readonly category: string;
  /** One sentence. */
  readonly summary: string;
  /** Markdown: what it does, in which units, after which paper. */
  readonly docs: string;
  readonly inputs: I;
  readonly outputs: O;
  readonly params: P;
  readonly effects?: readonly Effect[];
  /** False: its outputs only point at files, so they are made anew in each run; what depends on them can still be kept. */
  readonly keeps?: false;
  /** It begins or ends a part of the graph that the engine runs several times (graphs/zones.ts). */
  readonly zone?: 'start' | 'end';
  readonly migrations?: readonly ParamMigration[];
  /**
   * Types of the outputs from types of the inputs (undefined: unwired or unknown) and parameters (undefined: wired, value not known).
   * A plain function, called on every edit. Outputs left out have their kind's most general type.
   */
  outputTypes?(
    inputs: { readonly [K in keyof I]: SocketType | undefined },
    params: { readonly [K in keyof P]: ParamValue<P[K]> | undefined },
    context: InferenceContext,
  ): { readonly [K in keyof O]?: SocketType };
  /** Pure: inputs untouched, no clock, no chance but the seed parameter. Expected trouble is returned, cancelling is thrown. */
  evaluate(inputs: InputValues<I>, params: ParamValues<P>, context: EvaluateContext): Promise<Result<OutputValues<O>>>;
}

/** A node whose sockets are only known at run time: what registries, graphs and evaluators hold. */
export interface AnyNodeDefinition extends Omit<NodeDefinition, 'outputTypes' | 'evaluate'> {
  outputTypes?(
    inputs: Readonly<Record<string, SocketType | undefined>>,
    params: Readonly<Record<string, unknown>>,
    context: InferenceContext,
  ): Readonly<Record<string, SocketType | undefined>>;
  evaluate(
    inputs: Readonly<Record<string, unknown>>,
    params: Readonly<Record<string, unknown>>,
    context: EvaluateContext,
  ): Promise<Result<Readonly<Record<string, unknown>>>>;
}

/** Declares a node; the types of `evaluate` follow from its sockets and parameters. */
export function defineNode<const I extends Inputs, const O extends Outputs, const P extends Params>(
  definition: NodeDefinition<I, O, P>,
): AnyNodeDefinition {
  // The registry calls nodes only with inputs and parameters checked against this very schema.
  return definition as unknown as AnyNodeDefinition;
}

/** The nodes there are, by id. */
export interface NodeRegistry {
  get(id: string): AnyNodeDefinition | undefined;
  all(): readonly AnyNodeDefinition[];
}

/** A registry over a list of nodes; a doubled id is a bug and throws. */
export function createRegistry(definitions: readonly AnyNodeDefinition[]): NodeRegistry {
  const byId = new Map<string, AnyNodeDefinition>();
  for (const definition of definitions) {
    if (byId.has(definition.id)) throw new Error(`two nodes have the id ${definition.id}`);
    byId.set(definition.id, definition);
  }
  return { get: (id) => byId.get(id), all: () => definitions };
}
