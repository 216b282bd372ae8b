import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { nodeContract } from '../../test/contracts/node-contract.ts';
import { type NodeExample, outputsOf, runExample } from '../../test/contracts/run-example.ts';
import { gradientPicture } from '../../test/gradient-picture.ts';
import { openTestModels, type TestModels } from '../../test/open-test-models.ts';
import { type TinyControlNet, writeTinyControlNet } from '../../test/write-controlnet.ts';
import type { InferenceContext } from '../define-node.ts';
import { ok } from '../problem.ts';
import type { ConditioningValue, ControlNetValue } from '../socket-values.ts';
import { zeros } from '../tensor.ts';
import { type SocketType, struct } from '../types/socket-type.ts';
import { applyControlNet } from './apply-controlnet.ts';

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

const conditioning: ConditioningValue = { kind: 'conditioning', family: 'sd15', states: zeros([1, 3, 6]) };
const image = gradientPicture(1, 3, 20, 30);

async function load(id: TinyControlNet): Promise<ControlNetValue> {
  const loaded = await models.runtime.loadControlNet(await writeTinyControlNet(folder, id));
  if (!loaded.ok) throw new Error(loaded.problem.message);
  return loaded.value;
}

async function example(params: Readonly<Record<string, unknown>> = {}): Promise<NodeExample> {
  return { inputs: { conditioning, controlNet: await load('controlnet-sd'), image }, params, models: models.runtime };
}

nodeContract(applyControlNet, {
  examples: {
    'a wired ControlNet': () => example({ strength: 0.5, end: 0.8 }),
    'one of its own': async () => ({
      inputs: { conditioning, image },
      params: { model: await writeTinyControlNet(folder, 'controlnet-sd'), guess: true },
      models: models.runtime,
    }),
  },
});

describe('Apply ControlNet', () => {
  it('adds a control to those that there are, and leaves the text as it is', async () => {
    const first = await outputsOf(applyControlNet, await example({ strength: 0.5, start: 0.1, end: 0.9 }));
    const again = await example({ guess: true });
    const both = await outputsOf(applyControlNet, { ...again, inputs: { ...again.inputs, conditioning: first['conditioning'] } });
    const { controls, ...text } = both['conditioning'] as ConditioningValue; // what the node declares
    expect(text).toEqual(conditioning);
    expect(controls).toMatchObject([
      { strength: 0.5, start: 0.1, end: 0.9, guess: false, controlNet: { handle: { name: 'controlnet-sd' } } },
      { strength: 1, start: 0, end: 1, guess: true },
    ]);
  });

  it('refuses what does not fit', async () => {
    const refusal = async (change: Readonly<Record<string, unknown>>, params: Readonly<Record<string, unknown>> = {}): Promise<string> => {
      const one = await example(params);
      const { outcome } = await runExample(applyControlNet, { ...one, inputs: { ...one.inputs, ...change } });
      return outcome.ok ? 'accepted' : outcome.problem.message;
    };
    expect(await refusal({ conditioning: { ...conditioning, family: 'sdxl' } })).toContain('for SD 1.5, and gets text for SDXL');
    expect(await refusal({ conditioning: { ...conditioning, family: 'custom' } })).toBe('accepted');
    expect(await refusal({ conditioning: { ...conditioning, states: zeros([1, 3, 8]) } })).toContain(
      'text 6 numbers wide, and gets text 8 wide',
    );
    expect(await refusal({ image: gradientPicture(1, 4, 8, 8) })).toContain('a picture with transparency');
    expect(await refusal({}, { start: 0.5, end: 0.5 })).toContain('it would never act');
    expect(await refusal({ controlNet: undefined })).toContain('has no ControlNet. Wire a Load ControlNet to it');
    expect(await refusal({ controlNet: await load('t2i-full') }, { guess: true })).toContain('T2I-Adapter, which has no guess mode');
    expect(await refusal({ controlNet: await load('t2i-full'), conditioning: { ...conditioning, states: zeros([1, 3, 8]) } })).toBe(
      'accepted',
    );
    expect(await refusal({}, { model: '/some/where' })).toContain('and another in its parameter Model');
  });
});

describe('what Apply ControlNet says before a run', () => {
  const refusals = (inputs: Readonly<Record<string, SocketType>>, params: Readonly<Record<string, unknown>>): string[] => {
    const said: string[] = [];
    const context: InferenceContext = {
      title: 'Apply ControlNet',
      sourceTitle: () => 'Text Encoder',
      refuse: (socket, message) => said.push(`${socket}: ${message}`),
      warn: () => undefined,
      modelFacts: () => undefined,
      imageFacts: () => undefined,
      addOnFacts: () => ok({ name: 'canny', family: 'sdxl', conditioningWidth: 2048, fingerprint: '1' }),
    };
    applyControlNet.outputTypes?.(inputs, params, context);
    return said;
  };

  it('names families and widths that differ', () => {
    const text = struct('conditioning', { family: 'sd15', dim: 768 });
    expect(refusals({ conditioning: text }, { model: 'canny' })).toEqual([
      'conditioning: Apply ControlNet has a ControlNet for SDXL, and Text Encoder gives text for SD 1.5. Choose a ControlNet that was made for the model’s family.',
    ]);
    const custom = struct('conditioning', { family: 'custom', dim: 384 });
    expect(refusals({ conditioning: custom }, { model: 'canny' })[0]).toContain('2048 numbers wide, and Text Encoder gives text 384 wide');
    expect(refusals({ conditioning: struct('conditioning', { family: 'sdxl', dim: 2048 }) }, { model: 'canny' })).toEqual([]);
    expect(refusals({ conditioning: struct('conditioning') }, { model: 'canny' })).toEqual([]);
  });

  it('names a missing ControlNet and a window without steps', () => {
    expect(refusals({}, { model: null, start: 0.9, end: 0.2 })).toEqual([
      expect.stringMatching(/^model: Apply ControlNet has no ControlNet/),
      expect.stringMatching(/^start: Apply ControlNet starts at 0.9 and ends at 0.2/),
    ]);
  });
});
