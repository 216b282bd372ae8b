import type { GraphDocument, GraphNode, NodeId } from '../../graphs/document.ts';
import { edgeEntries } from '../../graphs/document.ts';
import type { AnyNodeDefinition, InputSpec, NodeRegistry, OutputSpec } from '../../nodes/define-node.ts';
import type { ParamSpec } from '../../nodes/params.ts';

/** What is drawn of a node: its schema, or for a node that Emulsion does not have, the sockets its wires use. */
export interface NodeFace {
  readonly title: string;
  readonly inputs: Readonly<Record<string, InputSpec>>;
  readonly outputs: Readonly<Record<string, OutputSpec>>;
  readonly params: Readonly<Record<string, ParamSpec>>;
  /** It has parameters that may be folded away. */
  readonly canFold: boolean;
  /** It reads, shows or writes pictures, so there is room for one from the start. */
  readonly showsPicture: boolean;
  /** The parameter that names a picture file, which is shown as long as there is no other picture. */
  readonly pictureParam: string | undefined;
  /** Passes one value on and has nothing to set: drawn as a dot. */
  readonly isDot: boolean;
  readonly isUnknown: boolean;
}

/** Gives each node its face; the same face for the same schema. */
export interface FaceBook {
  faceOf(document: GraphDocument, id: NodeId, node: GraphNode): NodeFace;
}

/** Faces over a registry. */
export function createFaceBook(registry: NodeRegistry): FaceBook {
  const known = new Map<string, NodeFace>();
  const placeholders = new Map<string, NodeFace>();
  return {
    faceOf(document, id, node) {
      const definition = registry.get(node.type);
      if (definition?.version === node.version) {
        const face = known.get(node.type) ?? toFace(definition);
        known.set(node.type, face);
        return face;
      }
      const { inputs, outputs } = usedSockets(document, id);
      const key = JSON.stringify([node.type, inputs, outputs]);
      const face = placeholders.get(key) ?? toPlaceholder(definition?.title ?? node.type, inputs, outputs);
      placeholders.set(key, face);
      return face;
    },
  };
}

function toFace(definition: AnyNodeDefinition): NodeFace {
  const { title, inputs, outputs, params, effects = [] } = definition;
  const [input, ...moreInputs] = Object.values(inputs);
  const [output, ...moreOutputs] = Object.values(outputs);
  const isSingle = moreInputs.length + moreOutputs.length + Object.keys(params).length + effects.length === 0;
  const isDot = isSingle && input?.type === 'any' && output?.type === 'any';
  const pictureParam = Object.entries(params).find(([, spec]) => spec.kind === 'file' && spec.holds === 'image')?.[0];
  const showsPicture = pictureParam !== undefined || (effects.length > 0 && input?.type === 'image');
  const canFold = Object.values(params).some(({ advanced, onlyFor }) => advanced === true || onlyFor !== undefined);
  return { title, inputs, outputs, params, canFold, showsPicture, pictureParam, isDot, isUnknown: false };
}

function usedSockets(document: GraphDocument, id: NodeId): { inputs: string[]; outputs: string[] } {
  const inputs = new Set<string>();
  const outputs = new Set<string>();
  for (const [, { from, to }] of edgeEntries(document)) {
    if (to.node === id) inputs.add(to.input);
    if (from.node === id) outputs.add(from.output);
  }
  return { inputs: [...inputs].sort(), outputs: [...outputs].sort() };
}

function toPlaceholder(title: string, inputs: readonly string[], outputs: readonly string[]): NodeFace {
  const socket = (name: string): InputSpec => ({ type: 'any', title: name, doc: '' });
  const sockets = (names: readonly string[]): Record<string, InputSpec> => Object.fromEntries(names.map((name) => [name, socket(name)]));
  return {
    title,
    inputs: sockets(inputs),
    outputs: sockets(outputs),
    params: {},
    canFold: false,
    showsPicture: false,
    pictureParam: undefined,
    isDot: false,
    isUnknown: true,
  };
}
