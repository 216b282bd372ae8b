import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readModelFacts } from '../../host/model-facts.ts';
import { nodeContract } from '../../test/contracts/node-contract.ts';
import { type NodeExample, runExample } from '../../test/contracts/run-example.ts';
import { openTestModels, type TestModels } from '../../test/open-test-models.ts';
import { loadCheckpoint } from './load-checkpoint.ts';

let models: TestModels;
beforeAll(() => {
  models = openTestModels();
});
afterAll(() => models.close());

async function example(name: 'tiny' | 'emoji'): Promise<NodeExample> {
  const { path, facts } = await models.open(name);
  return { params: { model: path }, models: models.runtime, facts: { modelFacts: () => facts } };
}

nodeContract(loadCheckpoint, {
  examples: {
    'a diffusers folder': () => example('tiny'),
    'the bundled model': () => example('emoji'),
    'a folder of ONNX graphs': async () => {
      const path = fileURLToPath(new URL('../../test/golden/onnx-folders/sdxl-onnx', import.meta.url));
      const facts = await readModelFacts(path, null);
      return { params: { model: path }, models: models.runtime, facts: { modelFacts: () => facts } };
    },
    'a model nothing is known of': async () => ({ ...(await example('tiny')), facts: {} }),
  },
});

describe('Load Checkpoint', () => {
  it('passes on why a model can not be opened', async () => {
    const { outcome } = await runExample(loadCheckpoint, { params: { model: '/nowhere/model' }, models: models.runtime });
    expect(outcome).toMatchObject({ ok: false, problem: { code: expect.stringMatching(/^(model|file)\./) } });
  });
});
