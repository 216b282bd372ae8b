import { cp, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readAddOnFacts } from '../../host/add-on-facts.ts';
import { nodeContract } from '../../test/contracts/node-contract.ts';
import { type NodeExample, outputsOf, runExample } from '../../test/contracts/run-example.ts';
import { openTestModels, type TestModels } from '../../test/open-test-models.ts';
import { unwrap } from '../../test/unwrap.ts';
import type { IpAdapterValue } from '../socket-values.ts';
import { loadIpAdapter } from './load-ip-adapter.ts';

const golden = fileURLToPath(new URL('../../test/golden/ip-adapter/', import.meta.url));
let models: TestModels;
let folder = '';
beforeAll(async () => {
  models = openTestModels();
  folder = await mkdtemp(join(tmpdir(), 'emulsion-ip-adapter-'));
});
afterAll(async () => {
  await models.close();
  await rm(folder, { recursive: true });
});

async function example(file: string, params: Readonly<Record<string, unknown>> = {}): Promise<NodeExample> {
  const model = `${golden}${file}.safetensors`;
  const facts = await readAddOnFacts('ipAdapter', model);
  return { params: { model, ...params }, models: models.runtime, facts: { addOnFacts: () => facts } };
}

nodeContract(loadIpAdapter, {
  examples: {
    'a plain one': () => example('base-sd'),
    'a Plus with an encoder by name': () => example('plus-xl', { encoder: `${golden}image_encoder-gelu` }),
    'one that nothing is known of': async () => ({ ...(await example('full-sd')), facts: {} }),
  },
});

describe('Load IP-Adapter', () => {
  const refusal = async (params: Readonly<Record<string, unknown>>): Promise<string> => {
    const { outcome } = await runExample(loadIpAdapter, { params, models: models.runtime });
    return outcome.ok ? 'accepted' : outcome.problem.message;
  };

  it('takes the encoder beside the file, and the one that is named instead', async () => {
    const beside = (await outputsOf(loadIpAdapter, await example('plus-sd')))['ipAdapter'] as IpAdapterValue;
    expect(beside).toMatchObject({ encoder: { name: 'image_encoder' }, family: 'custom', conditioningWidth: 6 });
    const file = join(folder, 'encoder.safetensors');
    await cp(`${golden}image_encoder/model.safetensors`, file);
    // Twelve heads, as a file of this width has, do not divide the tiny one's sixteen numbers.
    expect(await refusal({ model: `${golden}plus-sd.safetensors`, encoder: file })).toContain('"num_attention_heads" is 12');
  });

  it('counts the encoder beside the file as a part of it', async () => {
    await cp(`${golden}base-sd.safetensors`, join(folder, 'alone', 'base-sd.safetensors'), { recursive: true });
    const alone = unwrap(await readAddOnFacts('ipAdapter', join(folder, 'alone', 'base-sd.safetensors')));
    await cp(`${golden}image_encoder`, join(folder, 'alone', 'image_encoder'), { recursive: true });
    const together = unwrap(await readAddOnFacts('ipAdapter', join(folder, 'alone', 'base-sd.safetensors')));
    expect(together.fingerprint).not.toBe(alone.fingerprint);
  });

  it('refuses what does not go together or is none', async () => {
    await cp(`${golden}base-sd.safetensors`, join(folder, 'lonely', 'base-sd.safetensors'), { recursive: true });
    expect(await refusal({ model: join(folder, 'lonely', 'base-sd.safetensors') })).toContain('Put the folder image_encoder there');
    const other = { model: `${golden}base-xl.safetensors`, encoder: `${golden}image_encoder` };
    expect(await refusal(other)).toContain('base-xl reads what a vision encoder gives 14 numbers wide, and image_encoder gives 10');
    expect(await refusal({})).toContain('has no IP-Adapter to open');
    expect(await refusal({ model: `${golden}networks.safetensors` })).toContain('is not an IP-Adapter');
    expect(await refusal({ model: `${golden}base-sd.safetensors`, encoder: golden })).toContain('has no config.json');
    const unet = fileURLToPath(new URL('../../models/packs/emoji/unet', import.meta.url));
    expect(await refusal({ model: `${golden}base-sd.safetensors`, encoder: unet })).toContain('describes a UNet2DConditionModel');
  });
});
