import { freeze } from 'immer';
import type { NodeRegistry } from '../nodes/define-node.ts';
import { show } from '../nodes/params.ts';
import { fail, ok, type Problem, problem, type Result, warning } from '../nodes/problem.ts';
import { type EdgeId, FORMAT_NAME, FORMAT_VERSION, type GraphDocument, type GraphEdge, type GraphNode, type NodeId } from './document.ts';
import { explainForeign } from './explain-foreign.ts';
import { explainShape, fileSchema } from './file-schema.ts';
import { migrateFormat, migrateNodes } from './migrate.ts';
import { quote, shorten } from './node-name.ts';
import { ownValue } from './own-value.ts';
import { parseJson, READ_LIMITS, type ReadLimits } from './parse-json.ts';
import { createProblemList } from './problem-list.ts';
import { validateGraph } from './validate.ts';

/** What came of reading a graph file. */
export interface ReadGraph {
  /** Frozen; missing only when nothing of the file can be used. */
  readonly document?: GraphDocument;
  readonly problems: readonly Problem[];
  /** Nodes that an older version of their definition wrote and that have been brought up to date. */
  readonly migrated: readonly NodeId[];
}

/**
 * Reads a graph file: parse, migrate, validate, report. Never throws, whatever the text. What cannot be used at all (wires that
 * lead nowhere, entries of the wrong shape) is left out with a sentence; what is only wrong (values out of range, unknown nodes,
 * cycles, two wires in one place) stays as it is with a sentence, and planning refuses to run it.
 */
export function readGraph(text: string, registry: NodeRegistry, limits: ReadLimits = READ_LIMITS): ReadGraph {
  const parsed = parseJson(text, limits);
  if (!parsed.ok) return { problems: [parsed.problem], migrated: [] };
  const read = readGraphValue(parsed.value.value, registry, limits);
  return { ...read, problems: [...parsed.value.problems, ...read.problems] };
}

/** As `readGraph`, of what a graph file's text holds: a document that is held already, say. */
export function readGraphValue(value: unknown, registry: NodeRegistry, limits: ReadLimits = READ_LIMITS): ReadGraph {
  const current = checkEnvelope(value);
  if (!current.ok) return { problems: [current.problem], migrated: [] };
  const shaped = shapeDocument(current.value, limits);
  if (!shaped.ok) return { problems: [shaped.problem], migrated: [] };

  const moved = migrateNodes(shaped.value.document.nodes, registry);
  const whole: GraphDocument = { ...shaped.value.document, nodes: moved.nodes };
  const validation = validateGraph(whole, registry, limits.problems);
  const document = validation.refusedEdges.size === 0 ? whole : { ...whole, edges: withoutEdges(whole.edges, validation.refusedEdges) };
  // Where a migration failed, its own sentence says more than that the version is still old.
  const explained = new Set(moved.problems.map((one) => one.path));
  const problems = [...shaped.value.problems, ...moved.problems, ...validation.problems.filter((one) => !explained.has(one.path))];
  return { document: freeze(document, true), problems, migrated: moved.migrated };
}

function checkEnvelope(value: unknown): Result<Readonly<Record<string, unknown>>> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    return fail('graph.damaged', `A graph file holds one JSON object, and this one holds ${show(value)}.`);
  }
  const given = (value as Record<string, unknown>)['format']; // any object may be asked for a key
  if (given !== FORMAT_NAME) {
    const foreign = explainForeign(value as Record<string, unknown>); // an object, as checked above
    const other = `This is not an Emulsion graph: its "format" must be "${FORMAT_NAME}", and is ${show(given)}.`;
    return fail('graph.damaged', foreign ?? other, { path: 'format' });
  }
  return migrateFormat(value as Record<string, unknown>); // an object, as checked above
}

/** Takes a file of the current format version apart and keeps every entry that has the right shape. */
function shapeDocument(
  file: Readonly<Record<string, unknown>>,
  limits: ReadLimits,
): Result<{ document: GraphDocument; problems: Problem[] }> {
  for (const key of ['nodes', 'edges'] as const) {
    const wrong = explainShape(fileSchema.record, file[key], key);
    if (wrong) return fail('graph.damaged', `The file is damaged: ${wrong.sentence}.`, { path: key });
    const count = Object.keys(file[key] as object).length; // a record, as checked above
    if (count > limits[key]) {
      return fail('graph.damaged', `The file has ${count} ${key}; a graph may have ${limits[key]}.`, { path: key });
    }
  }
  const list = createProblemList(limits.problems);
  const nodes: Record<NodeId, GraphNode> = {};
  for (const [id, given] of Object.entries(file['nodes'] as Record<string, unknown>)) {
    const damage = explainEntry(fileSchema.node, id, given, 'nodes');
    const value = damage === undefined ? given : withoutDamage(id, given, list.add);
    const wrong = value === given ? damage : explainEntry(fileSchema.node, id, value, 'nodes');
    if (wrong) list.add(wrong);
    else nodes[id as NodeId] = withParams(value as Omit<GraphNode, 'params'> & Partial<GraphNode>); // the schema checked this shape
  }
  const edges: Record<EdgeId, GraphEdge> = {};
  for (const [id, value] of Object.entries(file['edges'] as Record<string, unknown>)) {
    const wrong = explainEntry(fileSchema.edge, id, value, 'edges');
    if (wrong) list.add(wrong);
    else edges[id as EdgeId] = value as GraphEdge; // the schema checked this shape
  }
  const { layout, meta, ...rest } = file;
  const document: Record<string, unknown> = { ...rest, format: FORMAT_NAME, version: FORMAT_VERSION, nodes, edges };
  if (layout !== undefined) {
    const shaped = shapeLayout(layout, list.add);
    if (shaped !== undefined) document['layout'] = shaped;
  }
  if (meta !== undefined) {
    const wrong = explainShape(fileSchema.record, meta, 'meta');
    if (wrong) list.add(warning('graph.damaged', `The file's description is left out: ${wrong.sentence}.`, { path: 'meta' }));
    else document['meta'] = meta;
  }
  return ok({ document: document as unknown as GraphDocument, problems: list.finish() }); // every field was put in or checked above
}

/** What a node can be without: each is left out by itself where it is damaged. */
const SPARABLE = ['params', 'title', 'bypass', 'mute', 'unlocked'] as const;

function withoutDamage(id: string, given: unknown, report: (problem: Problem) => void): unknown {
  if (typeof given !== 'object' || given === null) return given;
  let left = given as Readonly<Record<string, unknown>>; // any object may be asked for a key
  for (const part of SPARABLE) {
    const value = ownValue(left, part);
    const wrong = value === undefined ? undefined : explainShape(fileSchema.node.shape[part], value, `nodes.${shorten(id)}.${part}`);
    if (wrong === undefined) continue;
    const { [part]: _damaged, ...rest } = left;
    left = rest;
    const message = `Part of the node ${quote(id)} is damaged and left out: ${wrong.sentence}. Mend it in the file, or set it anew.`;
    report(problem('graph.damaged', message, { path: wrong.path }));
  }
  return left;
}

function explainEntry(
  schema: typeof fileSchema.node | typeof fileSchema.edge,
  id: string,
  value: unknown,
  under: 'nodes' | 'edges',
): Problem | undefined {
  const what = under === 'nodes' ? 'node' : 'wire';
  const badId = fileSchema.id.safeParse(id);
  const wrong = badId.success ? explainShape(schema, value, `${under}.${id}`) : undefined;
  if (badId.success && wrong === undefined) return undefined;
  const reason = wrong?.sentence ?? `its id ${badId.error?.issues[0]?.message ?? 'is wrong'}`;
  const message = `The ${what} ${quote(id)} is damaged and left out: ${reason}. Mend it in the file, or add it anew.`;
  return problem('graph.damaged', message, {
    ...(under === 'nodes' ? { nodeId: id } : {}),
    path: wrong?.path ?? `${under}.${shorten(id)}`,
  });
}

function withParams(node: Omit<GraphNode, 'params'> & Partial<GraphNode>): GraphNode {
  return node.params === undefined ? ({ ...node, params: {} } as GraphNode) : (node as GraphNode); // with params, it is whole
}

/** Layout is for people only: what has the wrong shape is left out with a warning, the rest is kept, unknown parts too. */
function shapeLayout(layout: unknown, report: (problem: Problem) => void): Record<string, unknown> | undefined {
  const leaveOut = (wrong: { sentence: string; path: string }): void =>
    report(warning('graph.damaged', `Part of the layout is left out: ${wrong.sentence}.`, { path: wrong.path }));
  const wrong = explainShape(fileSchema.record, layout, 'layout');
  if (wrong) {
    leaveOut(wrong);
    return undefined;
  }
  const shaped: Record<string, unknown> = { ...(layout as Record<string, unknown>) }; // a record, as checked above
  for (const [part, schema] of Object.entries(fileSchema.layout)) {
    const entries = shaped[part];
    if (entries === undefined) continue;
    const notRecord = explainShape(fileSchema.record, entries, `layout.${part}`);
    if (notRecord) {
      leaveOut(notRecord);
      delete shaped[part];
      continue;
    }
    const kept: Record<string, unknown> = {};
    for (const [id, value] of Object.entries(entries as Record<string, unknown>)) {
      const bad = explainShape(schema, value, `layout.${part}.${shorten(id)}`);
      if (bad) leaveOut(bad);
      else kept[id] = value;
    }
    shaped[part] = kept;
  }
  return shaped;
}

function withoutEdges(edges: Readonly<Record<EdgeId, GraphEdge>>, refused: ReadonlyMap<EdgeId, Problem>): Record<EdgeId, GraphEdge> {
  const entries = Object.entries(edges).filter(([id]) => !refused.has(id as EdgeId)); // Object.entries forgets the brand of the keys
  return Object.fromEntries(entries) as Record<EdgeId, GraphEdge>; // the very same keys
}
