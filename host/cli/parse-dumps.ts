import { resolve } from 'node:path';
import { findNode, type GraphDocument, nodeEntries } from '../../graphs/document.ts';
import { suggestNames } from '../../graphs/nearest-names.ts';
import { nodeName } from '../../graphs/node-name.ts';
import type { NodeRegistry } from '../../nodes/define-node.ts';
import { fail, ok, type Result } from '../../nodes/problem.ts';
import { refuseDumpPlace } from '../dump-place.ts';
import type { DumpOrder } from '../evaluator/protocol.ts';
import { isTensorless } from '../tensorless-kinds.ts';

/** Reads `--dump node.output=file.safetensors`; node and output must be in the graph, the output one that may hold a tensor, and nothing in the way where the file goes. */
export async function parseDumps(document: GraphDocument, registry: NodeRegistry, texts: readonly string[]): Promise<Result<DumpOrder[]>> {
  const dumps: DumpOrder[] = [];
  for (const text of texts) {
    const [, node, output, file] = /^([^=]+)\.([^.=]+)=(.+)$/.exec(text) ?? [];
    if (node === undefined || output === undefined || file === undefined) {
      return fail('graph.noSuchNode', `--dump takes node.output=file.safetensors, and got ${JSON.stringify(text)}.`);
    }
    const found = findNode(document, node);
    if (found === undefined) {
      const advice = suggestNames(
        node,
        nodeEntries(document).map(([id]) => id),
        'nodes',
      );
      return fail('graph.noSuchNode', `--dump: the graph has no node “${node}”. ${advice}`);
    }
    const definition = registry.get(found.type);
    if (definition !== undefined && !Object.hasOwn(definition.outputs, output)) {
      const advice = suggestNames(output, Object.keys(definition.outputs), 'outputs');
      return fail('graph.unknownSocket', `--dump: ${nodeName(node, found, definition)} has no output “${output}”. ${advice}`);
    }
    const kind = definition?.outputs[output]?.type;
    if (kind !== undefined && isTensorless(kind)) {
      const sentence = `--dump: ${nodeName(node, found, definition)} has no tensor to write in ${output}, which is of the kind ${kind}.`;
      return fail('graph.typeMismatch', `${sentence} Name an output of pictures, latents, conditioning, numbers or the like.`);
    }
    const path = resolve(file);
    if (dumps.some((one) => one.path === path))
      return fail('file.writeFailed', `--dump: two outputs would be written to ${path}. Name two files.`);
    const inTheWay = await refuseDumpPlace(path);
    if (inTheWay !== undefined) return { ok: false, problem: { ...inTheWay, message: `--dump: ${inTheWay.message}` } };
    dumps.push({ node, output, path });
  }
  return ok(dumps);
}
