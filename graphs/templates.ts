import type { NodeRegistry } from '../nodes/define-node.ts';
import { fail, ok, type Problem, type Result } from '../nodes/problem.ts';
import type { GraphDocument } from './document.ts';
import { quote } from './node-name.ts';
import { readGraph } from './read-graph.ts';

/** A graph that people start from. */
export interface GraphTemplate {
  /** Its file's name without `.json`. */
  readonly name: string;
  readonly title: string;
  readonly description: string;
  readonly document: GraphDocument;
  /** What `readGraph` said about it. */
  readonly problems: readonly Problem[];
}

/**
 * A template from the JSON of its file: a graph whose `meta` says `title` and `description`. It goes through the very same reader as
 * every other graph.
 */
export function parseTemplate(name: string, json: unknown, registry: NodeRegistry): Result<GraphTemplate> {
  const { document, problems } = readGraph(JSON.stringify(json) ?? '', registry);
  if (document === undefined) return fail(problems[0] ?? { code: 'graph.damaged', severity: 'error', message: 'It is empty.' });
  const { title, description } = document.meta ?? {};
  if (typeof title !== 'string' || typeof description !== 'string') {
    return fail('graph.damaged', `The template ${quote(name)} must say "title" and "description" as text in its "meta".`, { path: 'meta' });
  }
  return ok({ name, title, description, document, problems });
}
