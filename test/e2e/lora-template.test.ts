import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { GraphDocument } from '../../graphs/document.ts';
import { parseTemplate } from '../../graphs/templates.ts';
import { findModelsRoot } from '../../models/models-root.ts';
import { registry } from '../../nodes/registry.ts';
import { unwrap } from '../unwrap.ts';
import { writeLora } from '../write-lora.ts';
import { openRealHost, type RealHost } from './open-real-host.ts';

const emoji = `${findModelsRoot()}/packs/emoji`;
const tiny = fileURLToPath(new URL('../fixtures/pipelines/lcm-tiny', import.meta.url));

let host: RealHost;
let folder = '';
let template: GraphDocument;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'emulsion-lora-template-'));
  host = await openRealHost([folder, tiny]);
  const text = await readFile(new URL('../../graphs/templates/lora.json', import.meta.url), 'utf8');
  template = unwrap(parseTemplate('lora', JSON.parse(text), registry)).document;
});
afterAll(async () => {
  await host.close();
  await rm(folder, { recursive: true });
});

/** The template with other parameters, four steps long. */
function withParams(changes: Readonly<Record<string, Readonly<Record<string, unknown>>>>): GraphDocument {
  const nodes = Object.entries(template.nodes).map(([id, node]) => [id, { ...node, params: { ...node.params, ...changes[id] } }]);
  return { ...template, nodes: Object.fromEntries(nodes) } as GraphDocument; // the same nodes by the same ids
}

async function draw(lora: Readonly<Record<string, unknown>>): Promise<Float32Array> {
  const { ended, values } = await host.run(withParams({ lora, sampler: { steps: 4 } }), ['decode.image']);
  expect(ended.problems).toEqual([]);
  return values.get('decode.image')?.data ?? new Float32Array();
}

describe('the LoRA template', () => {
  it('draws with a LoRA of the bundled model, which changes the picture by its strength', async () => {
    const file = await writeLora(folder, 'style', emoji, { text: /^$/ });
    const pictures = [
      await draw({}),
      await draw({ file, strength: 0 }),
      await draw({ file, strength: 0.5 }),
      await draw({ file, strength: -0.5 }),
    ];
    const [plain, off, some, other] = pictures;
    const distance = (a?: Float32Array, b?: Float32Array) =>
      Math.max(...(a ?? []).map((value, at) => Math.abs(value - (b?.[at] ?? Number.NaN))));
    expect(distance(off, plain)).toBeLessThan(1e-3);
    expect(distance(some, plain)).toBeGreaterThan(0.02);
    expect(distance(some, other)).toBeGreaterThan(0.02);
  });

  it('says before anything runs that a LoRA is of another family', async () => {
    const file = await writeLora(folder, 'xl', tiny, { text: /^$/, metadata: { ss_base_model_version: 'sdxl_base_v1-0' } });
    const { ended, events } = await host.run(withParams({ lora: { file }, checkpoint: { model: tiny } }));
    expect(ended.problems[0]).toMatchObject({
      nodeId: 'lora',
      socket: 'model',
      message:
        'Load LoRA “lora” has a LoRA for SDXL (xl), and Load Checkpoint “checkpoint” gives a model of the family SD 1.5. Choose a LoRA that was made for SD 1.5, or a checkpoint of SDXL.',
    });
    expect(events.some((event) => event.kind === 'state' && event.state.kind === 'running')).toBe(false);
  });
});
