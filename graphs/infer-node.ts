import type { InferenceContext } from '../nodes/define-node.ts';
import { type Problem, problem, type Result, warning } from '../nodes/problem.ts';
import { typeFromKind } from '../nodes/types/from-kind.ts';
import type { Interval, SocketType } from '../nodes/types/socket-type.ts';
import { askFingerprint, readsFile } from './ask-facts.ts';
import type { NodeId } from './document.ts';
import type { Facts } from './file-facts.ts';
import { type IndexedNode, nameOf } from './index-graph.ts';
import { explainUnequal, inferInput, inferParam, originType } from './infer-socket.ts';
import { wrapInLists, zipLengths } from './list-axes.ts';
import { socketTitle } from './node-name.ts';
import { ownValue } from './own-value.ts';
import type { SourceAdvice } from './source-advice.ts';

/** What inference knows of one node. */
export interface InferredNode {
  readonly outputs: Readonly<Record<string, SocketType>>;
  readonly inputs: Readonly<Record<string, SocketType>>;
  readonly params: Readonly<Record<string, unknown>>;
  readonly walks: Readonly<Record<string, number>> | undefined;
  readonly problems: readonly Problem[];
}

type TypesByOutput = ReadonlyMap<NodeId, Readonly<Record<string, SocketType>>>;

/** Infers one node from the outputs of the nodes before it. */
export function inferNode(entry: IndexedNode, known: TypesByOutput, facts: Facts, advice: SourceAdvice): InferredNode {
  const { schema } = entry;
  if (schema === undefined) return { outputs: {}, inputs: {}, params: {}, walks: undefined, problems: [] };
  if (entry.bypassed) return { outputs: passThrough(entry, known), inputs: {}, params: {}, walks: undefined, problems: [] };

  const problems: Problem[] = [];
  const inputs: Record<string, SocketType> = {};
  const params: Record<string, unknown> = {};
  const axes = new Map<string, readonly Interval[]>();
  for (const [name, spec] of Object.entries(schema.inputs)) {
    const found = inferInput(entry, name, spec, known, advice);
    if (found.problem !== undefined) problems.push(found.problem);
    if (found.type !== undefined) inputs[name] = found.type;
    if (found.lengths.length > 0) axes.set(name, found.lengths);
  }
  for (const [name, spec] of Object.entries(schema.params)) {
    const found = inferParam(entry, name, spec, known, advice);
    if (found.problem !== undefined) problems.push(found.problem);
    if (found.type !== undefined) inputs[name] = found.type;
    if (found.value !== undefined) params[name] = found.value;
    if (found.lengths.length > 0) axes.set(name, found.lengths);
  }
  const shared = shareAxes(entry, axes, problems);
  const single = callOutputTypes(entry, inputs, params, facts, problems);
  checkFiles(entry, params, facts, problems);
  const outputs: Record<string, SocketType> = {};
  for (const [name, spec] of Object.entries(schema.outputs)) {
    outputs[name] = wrapInLists(ownValue(single, name) ?? typeFromKind(spec.type), shared);
  }
  const walks = axes.size === 0 ? undefined : Object.fromEntries([...axes].map(([name, lengths]) => [name, lengths.length]));
  // What is muted does not run, so nothing about it is in the way.
  return { outputs, inputs, params, walks, problems: entry.muted ? [] : problems };
}

/** What a bypassed node gives: what it is given, or nothing. */
function passThrough(entry: IndexedNode, known: TypesByOutput): Record<string, SocketType> {
  const outputs: Record<string, SocketType> = {};
  for (const [name, spec] of Object.entries(entry.schema?.outputs ?? {})) {
    const origin = entry.passes?.get(name);
    outputs[name] = origin === undefined ? typeFromKind(spec.type) : originType(origin, known);
  }
  return outputs;
}

/** Inputs that get lists are walked side by side, outermost axes together; the shared axes come out again around every output. */
function shareAxes(entry: IndexedNode, axes: ReadonlyMap<string, readonly Interval[]>, problems: Problem[]): Interval[] {
  const shared: Interval[] = [];
  const first: string[] = [];
  for (const [name, lengths] of axes) {
    for (const [axis, length] of lengths.entries()) {
      const before = shared[axis];
      const both = before === undefined ? length : zipLengths(before, length);
      if (both !== undefined) {
        shared[axis] = both;
        first[axis] ??= name;
        continue;
      }
      const titles = [first[axis] ?? name, name].map((input) => socketTitle(entry.schema, 'inputs', input));
      problems.push(explainUnequal(entry, name, titles, before ?? length, length));
    }
  }
  return shared;
}

function callOutputTypes(
  entry: IndexedNode,
  inputs: Readonly<Record<string, SocketType>>,
  params: Readonly<Record<string, unknown>>,
  facts: Facts,
  problems: Problem[],
): Readonly<Record<string, SocketType | undefined>> {
  if (entry.schema?.outputTypes === undefined) return {};
  try {
    return entry.schema.outputTypes(inputs, params, createContext(entry, facts, problems));
  } catch (error) {
    // Types are inferred on every edit, and nodes come from packages too: one bad node must not take the graph down.
    const reason = error instanceof Error ? error.message.slice(0, 200) : String(error);
    const sentence = `${nameOf(entry)} could not say what it gives (${reason}). This is a mistake in the node's code; report it to its author.`;
    problems.push(problem('node.threw', sentence, { nodeId: entry.id, path: `nodes.${entry.id}` }));
    return {};
  }
}

/** A file that can't be used is a problem of the node that names it, whether its types depend on the file or not. */
function checkFiles(entry: IndexedNode, params: Readonly<Record<string, unknown>>, facts: Facts, problems: Problem[]): void {
  for (const [name, spec] of Object.entries(entry.schema?.params ?? {})) {
    const found = readsFile(spec) ? askFingerprint(entry, name, spec, params, facts) : undefined;
    if (found === undefined || found.ok || problems.some((one) => one.message === found.problem.message)) continue;
    problems.push({ ...found.problem, nodeId: entry.id, socket: name, path: `nodes.${entry.id}.params.${name}` });
  }
}

function createContext(entry: IndexedNode, facts: Facts, problems: Problem[]): InferenceContext {
  const where = (socket: string): { nodeId: string; socket: string; path: string } => ({
    nodeId: entry.id,
    socket,
    path: ownValue(entry.schema?.params, socket) ? `nodes.${entry.id}.params.${socket}` : `nodes.${entry.id}.inputs.${socket}`,
  });
  const addOnce = (found: Problem): void => {
    if (!problems.some((one) => one.message === found.message)) problems.push(found);
  };
  const tell = <T>(kind: 'model' | 'file', result: Result<T> | undefined): Result<T> | undefined => {
    if (result === undefined || result.ok) return result;
    const param = Object.entries(entry.schema?.params ?? {}).find(([, spec]) => spec.kind === kind)?.[0];
    addOnce({ ...result.problem, ...(param === undefined ? { nodeId: entry.id } : where(param)) });
    return result;
  };
  return {
    // Put together when a sentence needs it.
    get title() {
      return nameOf(entry);
    },
    sourceTitle(input) {
      const origin = entry.byInput.get(input)?.[0]?.origin;
      return origin === undefined ? socketTitle(entry.schema, 'inputs', input) : nameOf(origin.node);
    },
    refuse: (socket, message, code = 'graph.typeMismatch') => addOnce(problem(code, message, where(socket))),
    warn: (socket, message) => addOnce(warning('graph.typeMismatch', message, where(socket))),
    modelFacts: (reference, configPath) => tell('model', facts.modelFacts(reference, configPath)),
    imageFacts: (path) => tell('file', facts.imageFacts(path)),
    addOnFacts: (kind, reference) => tell('model', facts.addOnFacts(kind, reference)),
  };
}
