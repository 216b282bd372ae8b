import type { ModelRuntime } from '../../nodes/context.ts';
import type { ModelValue, TextEncoderValue } from '../../nodes/socket-values.ts';
import type { makeDocument } from '../e2e/open-test-host.ts';
import { unwrap } from '../unwrap.ts';

/** What a recorded case puts on its checkpoint. */
export interface CaseAddOns {
  readonly loras?: readonly { readonly file: string; readonly scale: number }[];
  readonly embeddings?: readonly { readonly file: string; readonly token: string }[];
}

/** The nodes that put them on `checkpoint`, their wires, and where the model and the text encoder then come out. */
export function addOnNodes(
  { loras = [], embeddings = [] }: CaseAddOns,
  root: string,
): {
  readonly nodes: Parameters<typeof makeDocument>[0];
  readonly wires: readonly string[];
  readonly model: string;
  readonly textEncoder: string;
} {
  const nodes: Parameters<typeof makeDocument>[0] = {};
  const wires: string[] = [];
  let [model, textEncoder] = ['checkpoint.model', 'checkpoint.textEncoder'];
  for (const [index, { file, scale }] of loras.entries()) {
    nodes[`lora${index}`] = ['model.loadLora', { file: root + file, strength: scale }];
    wires.push(`${model} > lora${index}.model`, `${textEncoder} > lora${index}.textEncoder`);
    [model, textEncoder] = [`lora${index}.model`, `lora${index}.textEncoder`];
  }
  for (const [index, { file, token }] of embeddings.entries()) {
    nodes[`embedding${index}`] = ['model.loadEmbedding', { file: root + file, token }];
    wires.push(`${textEncoder} > embedding${index}.textEncoder`);
    textEncoder = `embedding${index}.textEncoder`;
  }
  return { nodes, wires, model, textEncoder };
}

/** The values with everything put on them that a case has. */
export async function putOnAddOns(
  { loras = [], embeddings = [] }: CaseAddOns,
  root: string,
  runtime: ModelRuntime,
  to: { readonly model: ModelValue; readonly textEncoder: TextEncoderValue },
): Promise<{ model: ModelValue; textEncoder: TextEncoderValue }> {
  let { model, textEncoder } = to;
  for (const { file, scale } of loras) {
    const lora = { reference: root + file, strength: scale, textStrength: scale };
    ({ model, textEncoder } = unwrap(await runtime.applyLora(lora, { model, textEncoder })));
  }
  for (const { file, token } of embeddings)
    textEncoder = unwrap(await runtime.addEmbedding({ reference: root + file, token }, textEncoder));
  return { model, textEncoder };
}
