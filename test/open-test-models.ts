import { fileURLToPath } from 'node:url';
import { readModelFacts } from '../host/model-facts.ts';
import { createModelRuntime } from '../host/runtime/create-model-runtime.ts';
import type { ModelRuntime } from '../nodes/context.ts';
import type { ModelFacts } from '../nodes/facts.ts';
import { ok, type Result } from '../nodes/problem.ts';
import type { ConditioningValue, ModelValue, TextEncoderValue, VaeValue } from '../nodes/socket-values.ts';
import { unwrap } from './unwrap.ts';

/** The checkpoints that lie in every clone: a latent consistency model made tiny, and the bundled one. */
const FOLDERS = {
  tiny: fileURLToPath(new URL('./fixtures/pipelines/lcm-tiny', import.meta.url)),
  emoji: fileURLToPath(new URL('../models/packs/emoji', import.meta.url)),
} as const;

/** One opened checkpoint. */
export interface TestModel {
  readonly path: string;
  readonly facts: Result<ModelFacts>;
  readonly model: ModelValue;
  readonly textEncoder: TextEncoderValue;
  readonly vae: VaeValue;
}

/** Checkpoints on a real runtime on the processor. */
export interface TestModels {
  readonly runtime: ModelRuntime;
  /** What the runtime has said to people so far. */
  readonly notes: readonly string[];
  open(name: keyof typeof FOLDERS): Promise<TestModel>;
  encode(name: keyof typeof FOLDERS, prompt: string): Promise<ConditioningValue>;
  close(): Promise<void>;
}

/** A runtime on the processor for tests in one process; nothing is opened yet. */
export function openTestModels(): TestModels {
  const notes: string[] = [];
  const runtime = createModelRuntime({
    device: 'cpu',
    memory: 'streaming',
    locate: async (reference) => ok(typeof reference === 'string' ? reference : reference.name),
    note: (message) => notes.push(message),
  });
  const open = async (name: keyof typeof FOLDERS): Promise<TestModel> => {
    const path = FOLDERS[name];
    return { path, facts: await readModelFacts(path, null), ...unwrap(await runtime.open(path, null)) };
  };
  return {
    runtime,
    notes,
    open,
    async encode(name, prompt) {
      const { textEncoder } = await open(name);
      return unwrap(await runtime.encodeText(textEncoder, { prompt, clipSkip: 0 }));
    },
    close: () => runtime.close(),
  };
}
