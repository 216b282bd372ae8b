import type { AnyNodeDefinition, NodeRegistry } from '../nodes/define-node.ts';
import { fail, ok, type Problem, problem, type Result } from '../nodes/problem.ts';
import { explainNotJson } from './check-json.ts';
import { FORMAT_VERSION, type GraphNode, type NodeId } from './document.ts';
import { nodeName } from './node-name.ts';

/** How a whole document of an older format version becomes the next. Must not change what it is given. */
export interface FormatMigration {
  readonly from: number;
  migrate(document: Readonly<Record<string, unknown>>): Record<string, unknown>;
}

/** Every step from the first format version to this one. Version 1 is the first. */
export const FORMAT_MIGRATIONS: readonly FormatMigration[] = [];

/** Brings a document of any older format version to the current one, step by step. */
export function migrateFormat(
  document: Readonly<Record<string, unknown>>,
  migrations: readonly FormatMigration[] = FORMAT_MIGRATIONS,
  current: number = FORMAT_VERSION,
): Result<Readonly<Record<string, unknown>>> {
  const given = document['version'];
  if (typeof given !== 'number' || !Number.isSafeInteger(given) || given < 1) {
    return fail('graph.damaged', 'The file does not say which version of the format it has: "version" must be a whole number from 1.', {
      path: 'version',
    });
  }
  if (given > current) {
    return fail(
      'graph.newerVersion',
      `The file was written by a newer Emulsion: it has format version ${given}, and this one reads up to ${current}. Update Emulsion to open it.`,
      { path: 'version' },
    );
  }
  let value = document;
  for (let version = given; version < current; version++) {
    const step = migrations.find((one) => one.from === version);
    if (step === undefined) {
      return fail('graph.damaged', `Format version ${version} can't be read any more: the step to ${version + 1} is missing.`, {
        path: 'version',
      });
    }
    try {
      value = { ...step.migrate(value), version: version + 1 };
    } catch (error) {
      return fail('graph.damaged', `The file could not be brought from format version ${version} to ${version + 1} (${reasonOf(error)}).`);
    }
  }
  return ok(value);
}

/** Nodes brought to the versions of their definitions, which ones, and what did not work. */
export interface MigratedNodes {
  readonly nodes: Readonly<Record<NodeId, GraphNode>>;
  readonly migrated: readonly NodeId[];
  readonly problems: readonly Problem[];
}

/** Brings every node that an older definition wrote to its definition's version; others, unknown ones too, stay untouched. */
export function migrateNodes(nodes: Readonly<Record<NodeId, GraphNode>>, registry: NodeRegistry): MigratedNodes {
  const changed: Record<NodeId, GraphNode> = {};
  const migrated: NodeId[] = [];
  const problems: Problem[] = [];
  for (const [id, node] of Object.entries(nodes) as [NodeId, GraphNode][]) {
    const definition = registry.get(node.type);
    if (definition === undefined || node.version >= definition.version) continue;
    const result = migrateNode(id, node, definition);
    if (result.ok) {
      changed[id] = result.value;
      migrated.push(id);
    } else {
      problems.push(result.problem);
    }
  }
  return { nodes: migrated.length === 0 ? nodes : { ...nodes, ...changed }, migrated, problems };
}

function migrateNode(id: NodeId, node: GraphNode, definition: AnyNodeDefinition): Result<GraphNode> {
  const refuse = (reason: string): Result<never> =>
    fail({
      ...problem('graph.damaged', `${nodeName(id, node, definition)} was saved by version ${node.version} and ${reason}. Add it anew.`),
      nodeId: id,
      path: `nodes.${id}.version`,
    });
  let params: Record<string, unknown> = { ...node.params };
  for (let version = node.version; version < definition.version; version++) {
    const step = definition.migrations?.find((one) => one.from === version);
    if (step === undefined) return refuse(`this Emulsion has no step from version ${version} to ${version + 1}`);
    try {
      params = step.migrate({ ...params });
    } catch (error) {
      return refuse(`could not be brought from version ${version} to ${version + 1} (${reasonOf(error)})`);
    }
    const notJson = explainNotJson(params);
    if (notJson) return refuse(`could not be brought to version ${version + 1}: what came out ${notJson}`);
  }
  return ok({ ...node, version: definition.version, params });
}

function reasonOf(error: unknown): string {
  return (error instanceof Error ? error.message : String(error)).slice(0, 160);
}
