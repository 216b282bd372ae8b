import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readAddOnFacts } from '../../host/add-on-facts.ts';
import { nodeContract } from '../../test/contracts/node-contract.ts';
import { type NodeExample, runExample } from '../../test/contracts/run-example.ts';
import { openTestModels, type TestModels } from '../../test/open-test-models.ts';
import { type TinyControlNet, writeTinyControlNet } from '../../test/write-controlnet.ts';
import { loadControlNet } from './load-controlnet.ts';

let models: TestModels;
let folder = '';
beforeAll(async () => {
  models = openTestModels();
  folder = await mkdtemp(join(tmpdir(), 'emulsion-controlnet-'));
});
afterAll(async () => {
  await models.close();
  await rm(folder, { recursive: true });
});

async function example(id: TinyControlNet): Promise<NodeExample> {
  const model = await writeTinyControlNet(folder, id);
  const facts = await readAddOnFacts('controlNet', model);
  return { params: { model }, models: models.runtime, facts: { addOnFacts: () => facts } };
}

nodeContract(loadControlNet, {
  examples: {
    'one for SD 1.5': () => example('controlnet-sd'),
    'a T2I-Adapter for SDXL': () => example('t2i-xl'),
    'one for SDXL': () => example('controlnet-sdxl'),
    'one that nothing is known of': async () => ({ ...(await example('controlnet-sd')), facts: {} }),
  },
});

describe('Load ControlNet', () => {
  it('says what is missing', async () => {
    const open = await runExample(loadControlNet, { models: models.runtime });
    expect(open.outcome).toMatchObject({ ok: false, problem: { code: 'graph.invalidParam', socket: 'model' } });
    const lost = await runExample(loadControlNet, { params: { model: '/nowhere/canny' }, models: models.runtime });
    expect(lost.outcome).toMatchObject({ ok: false, problem: { code: 'file.missing' } });
  });
});
