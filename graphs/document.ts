import type { Draft } from 'immer';
import { ownValue } from './own-value.ts';

declare const brand: unique symbol;

/** Identity of a node within one document, for ever. */
export type NodeId = string & { readonly [brand]: 'NodeId' };

/** Identity of a wire within one document. */
export type EdgeId = string & { readonly [brand]: 'EdgeId' };

/** What every graph file says it is. */
export const FORMAT_NAME = 'emulsion';

/** The version of the file format that this code writes. */
export const FORMAT_VERSION = 1;

/** One node: which kind it is and how it is set. Fields this version does not know are kept as they came. */
export interface GraphNode {
  /** Id of the node's definition, `category.name`. */
  readonly type: string;
  /** Version of the definition that wrote `params`. */
  readonly version: number;
  /** JSON by parameter name; a parameter left out has its definition's default. */
  readonly params: Readonly<Record<string, unknown>>;
  readonly title?: string;
  /** Passes on what it is given instead of running. */
  readonly bypass?: boolean;
  /** Does not run, and neither does what depends on it. */
  readonly mute?: boolean;
  /** Seed parameters that a window gives a new value before each run. No part of what the graph computes. */
  readonly unlocked?: Readonly<Record<string, true>>;
  readonly [field: string]: unknown;
}

/** The output a wire starts from. */
export interface EdgeSource {
  readonly node: NodeId;
  readonly output: string;
  readonly [field: string]: unknown;
}

/** The input a wire ends in; `input` names an input of the node or one of its parameters. */
export interface EdgeTarget {
  readonly node: NodeId;
  readonly input: string;
  /** Place among the wires of an input that takes several; lower ones come first. */
  readonly index?: number;
  readonly [field: string]: unknown;
}

/** One wire. */
export interface GraphEdge {
  readonly from: EdgeSource;
  readonly to: EdgeTarget;
  readonly [field: string]: unknown;
}

/** A place on the canvas, in canvas units (pixels at zoom 1), y down. */
export interface Point {
  readonly x: number;
  readonly y: number;
  readonly [field: string]: unknown;
}

/** A titled rectangle behind nodes; what lies inside it belongs to it. */
export interface Frame {
  readonly title: string;
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
  readonly color?: string;
  readonly [field: string]: unknown;
}

/** A text on the canvas. */
export interface Note {
  readonly text: string;
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
  readonly [field: string]: unknown;
}

/** How the graph is laid out for people; has no influence on what it computes. */
export interface GraphLayout {
  readonly positions?: Readonly<Record<NodeId, Point>>;
  readonly collapsed?: Readonly<Record<NodeId, true>>;
  /** Nodes whose face shows all parameters; others fold advanced ones away. */
  readonly unfolded?: Readonly<Record<NodeId, true>>;
  readonly frames?: Readonly<Record<string, Frame>>;
  readonly notes?: Readonly<Record<string, Note>>;
  readonly [field: string]: unknown;
}

/** A graph as it is held, saved and sent: plain JSON, nothing derived. docs/data.md describes it field by field. */
export interface GraphDocument {
  readonly format: typeof FORMAT_NAME;
  readonly version: number;
  readonly nodes: Readonly<Record<NodeId, GraphNode>>;
  readonly edges: Readonly<Record<EdgeId, GraphEdge>>;
  readonly layout?: GraphLayout;
  readonly meta?: Readonly<Record<string, unknown>>;
  readonly [field: string]: unknown;
}

/** A document while a command changes it. */
export type GraphDraft = Draft<GraphDocument>;

/** Marks a text as a node's id. */
export function nodeId(text: string): NodeId {
  return text as NodeId; // a brand only: any text may be looked up as an id
}

/** Marks a text as a wire's id. */
export function edgeId(text: string): EdgeId {
  return text as EdgeId; // a brand only: any text may be looked up as an id
}

/** A document with nothing in it. */
export function emptyDocument(): GraphDocument {
  return { format: FORMAT_NAME, version: FORMAT_VERSION, nodes: {}, edges: {} };
}

/** The node of an id, if there is one. */
export function findNode(document: GraphDocument, id: string): GraphNode | undefined {
  return ownValue(document.nodes, nodeId(id));
}

/** Every node with its id. */
export function nodeEntries(document: GraphDocument): [NodeId, GraphNode][] {
  return Object.entries(document.nodes) as [NodeId, GraphNode][]; // Object.entries forgets the brand of the keys
}

/** Every wire with its id. */
export function edgeEntries(document: GraphDocument): [EdgeId, GraphEdge][] {
  return Object.entries(document.edges) as [EdgeId, GraphEdge][]; // Object.entries forgets the brand of the keys
}
