import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { buildUnet2dCondition } from '../../models/architectures/unet-2d-condition.ts';
import { parseUnet2dConditionConfig } from '../../models/architectures/unet-2d-condition-config.ts';
import { type FittedLora, fitLora } from '../../models/lora/fit-lora.ts';
import { strengthInputName } from '../../models/lora/lora-changes.ts';
import { openLora } from '../../models/lora/open-lora.ts';
import type { LoadingMode } from '../../models/onnx/session-options.ts';
import { type FixtureTensor, float32Of, readJsonLines, readSafetensorsFile } from '../fixtures-reader.ts';
import { unwrap } from '../unwrap.ts';
import { differenceOf, type Feed, OpenGraphs, weightsOf } from './run-graph.ts';

interface LoraCase {
  readonly id: string;
  readonly strengths: readonly number[];
}

interface LoraMix {
  readonly ids: readonly string[];
  readonly strengths: readonly number[];
}

const folder = fileURLToPath(new URL('./lora/', import.meta.url));
const config = unwrap(parseUnet2dConditionConfig(JSON.parse(readFileSync(`${folder}config.json`, 'utf8'))));
const recorded = readSafetensorsFile(`${folder}unet.safetensors`);
const cases = readJsonLines<LoraCase>(`${folder}cases.jsonl`);
const mixes = readJsonLines<LoraMix>(`${folder}mixes.jsonl`);

function feed(name: string): Feed {
  return { data: float32Of(recorded, `in/${name}`), shape: recorded.get(`in/${name}`)?.shape ?? [] };
}

const inputs = {
  sample: feed('sample'),
  timestep: feed('timestep'),
  encoder_hidden_states: feed('encoder_hidden_states'),
};

async function readLora(id: string): Promise<FittedLora> {
  const weights = await weightsOf(`${folder}unet.safetensors`);
  const lora = unwrap(await openLora(`${folder}${id}.safetensors`));
  return unwrap(fitLora(lora.networks.unet, { weights, title: 'the U-Net', loraName: lora.name }));
}

/** What the U-Net gives with these LoRAs at each of some sets of strengths, with one session. */
async function runAt(ids: readonly string[], strengths: readonly (readonly number[])[], mode: LoadingMode): Promise<Float32Array[]> {
  const graphs = new OpenGraphs();
  const weights = await weightsOf(`${folder}unet.safetensors`);
  const loras = await Promise.all(ids.map(readLora));
  const [, , height = 0, width = 0] = inputs.sample.shape;
  const build = () => unwrap(buildUnet2dCondition(config, weights, { height, width }, { device: 'cpu', loras }));
  try {
    const found: Float32Array[] = [];
    for (const set of strengths) {
      const own = set.map((strength, index) => [strengthInputName(index), { data: Float32Array.of(strength), shape: [] }]);
      const { out_sample } = await graphs.run('unet', build, { ...inputs, ...Object.fromEntries(own) }, mode);
      found.push(out_sample ?? new Float32Array());
    }
    return found;
  } finally {
    await graphs.release();
  }
}

describe('LoRAs and their relatives', () => {
  it.each(cases)('change a U-Net as LyCORIS, PEFT and diffusers do: $id', async ({ id, strengths }) => {
    const expected: Map<string, FixtureTensor> = readSafetensorsFile(`${folder}${id}.expected.safetensors`);
    for (const mode of ['streaming', 'resident'] as const) {
      const found = await runAt(
        [id],
        strengths.map((strength) => [strength]),
        mode,
      );
      for (const [index, got] of found.entries()) {
        expect(differenceOf(got, float32Of(expected, `out/${index}`)), `${mode}, strength ${strengths[index]}`).toBeLessThan(2e-5);
      }
    }
  });

  const plain = float32Of(recorded, 'out/sample');

  it.each(cases.filter(({ id }) => !id.includes('dora')))('do nothing at strength 0: $id', async ({ id }) => {
    const [found] = await runAt([id], [[0]], 'streaming');
    expect(differenceOf(found, plain)).toBeLessThan(2e-5);
  });

  it('add up, whichever comes first and whatever their formulas', async () => {
    const [one] = await runAt(['lora-conv', 'loha', 'lokr'], [[0.5, -0.4, 0.7]], 'streaming');
    const [other] = await runAt(['lokr', 'lora-conv', 'loha'], [[0.7, 0.5, -0.4]], 'streaming');
    expect(differenceOf(one, other ?? plain)).toBeLessThan(2e-5);
  });

  // PEFT's DoRA works on what the adapters before it have made of a layer, so the order counts.
  it.each(mixes.map((mix, index) => ({ ...mix, index })))(
    'work after one another as in PEFT: $ids at $strengths',
    async ({ ids, strengths, index }) => {
      const expected = float32Of(readSafetensorsFile(`${folder}mixes.expected.safetensors`), `out/${index}`);
      const [found] = await runAt(ids, [strengths], 'streaming');
      expect(differenceOf(found, expected)).toBeLessThan(2e-5);
    },
  );

  it('cancel out: the same LoRA at a strength and at its negative', async () => {
    const [found] = await runAt(['lokr', 'lokr', 'lora-conv', 'lora-conv'], [[0.8, -0.8, 1.5, -1.5]], 'streaming');
    expect(differenceOf(found, plain)).toBeLessThan(2e-5);
  });
});
