import { afterAll, beforeAll, expect, it } from 'vitest';
import { nodeContract } from '../../test/contracts/node-contract.ts';
import { type NodeExample, outputsOf } from '../../test/contracts/run-example.ts';
import { openTestModels, type TestModels } from '../../test/open-test-models.ts';
import { createScheduler } from '../schedulers/create-scheduler.ts';
import { resolveScheduler } from '../schedulers/resolve-scheduler.ts';
import { noiseSchedule } from './noise-schedule.ts';

let models: TestModels;
beforeAll(() => {
  models = openTestModels();
});
afterAll(() => models.close());

const example = async (params: Readonly<Record<string, unknown>> = {}): Promise<NodeExample> => ({
  inputs: { model: (await models.open('emoji')).model },
  params: { steps: 12, ...params },
});

nodeContract(noiseSchedule, {
  examples: {
    sigmas: () => example({ scheduler: 'euler_karras' }),
    'alpha bar, a step marked': () => example({ shown: 'alphaBar', step: 5, width: 200, height: 160 }),
    'log SNR of the model’s own': () => example({ shown: 'logSnr' }),
    'one step': () => example({ steps: 1, shown: 'timestep' }),
  },
});

it('gives the sigmas that the scheduler works on', async () => {
  const given = await example({ scheduler: 'euler_karras' });
  const { model } = await models.open('emoji');
  const config = resolveScheduler('euler_karras', model.scheduler);
  const scheduler = config.ok ? createScheduler(config.value, 12) : config;
  const wanted = scheduler.ok ? (scheduler.value.sigmas ?? []) : [];
  const { sigmas } = await outputsOf(noiseSchedule, given);
  expect(wanted).toHaveLength(13);
  for (const [at, sigma] of wanted.entries()) expect((sigmas as Float32Array)[at]).toBeCloseTo(sigma, 3);
});
