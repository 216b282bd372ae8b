import { isRecord } from '../nodes/is-record.ts';

/** What to say of ComfyUI's graphs, wherever they are found. */
export const COMFY_WORKFLOW =
  'a ComfyUI workflow, which Emulsion does not open. Begin with a template that does the like instead: emulsion templates lists them';

/** Says which program a graph that is not Emulsion's comes from, and what to do; undefined where nothing tells. */
export function explainForeign(file: Readonly<Record<string, unknown>>): string | undefined {
  return isSavedWorkflow(file) || isApiWorkflow(file) ? `This is ${COMFY_WORKFLOW}.` : undefined;
}

/** As ComfyUI's editor saves it. */
function isSavedWorkflow({ nodes, links }: Readonly<Record<string, unknown>>): boolean {
  return Array.isArray(nodes) && Array.isArray(links);
}

/** As ComfyUI exports it for its API: nodes by their numbers. */
function isApiWorkflow(file: Readonly<Record<string, unknown>>): boolean {
  const nodes = Object.values(file);
  return nodes.length > 0 && nodes.every((node) => isRecord(node) && typeof node['class_type'] === 'string');
}
