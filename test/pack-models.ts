import { join } from 'node:path';
import { modelFactsOf } from '../host/model-facts.ts';
import { createModelRuntime } from '../host/runtime/create-model-runtime.ts';
import { openCheckpoint } from '../models/checkpoint/open-checkpoint.ts';
import { findModelsRoot } from '../models/models-root.ts';
import type { ModelRuntime } from '../nodes/context.ts';
import type { ModelFacts } from '../nodes/facts.ts';
import { ok, type Result } from '../nodes/problem.ts';
import type { ConditioningValue, LatentValue, ModelValue, TextEncoderValue, VaeValue } from '../nodes/socket-values.ts';
import { zeros } from '../nodes/tensor.ts';
import { unwrap } from './golden/run-graph.ts';

const pack = join(findModelsRoot(), 'packs', 'emoji');

/** What its runtime said to people, newest last. */
export const packNotes: string[] = [];

/** Real sessions over the bundled pack, for tests of the nodes that use models. Any reference means the pack. */
export const packRuntime: ModelRuntime = createModelRuntime({
  device: 'cpu',
  memory: 'streaming',
  locate: async () => ok(pack),
  note: (message) => packNotes.push(message),
});

/** The pack's three parts. */
export async function openPack(): Promise<{ model: ModelValue; textEncoder: TextEncoderValue; vae: VaeValue }> {
  return unwrap(await packRuntime.open('emoji', null));
}

/** A text as the pack's U-Net takes it. */
export async function encodeForPack(prompt: string): Promise<ConditioningValue> {
  return unwrap(await packRuntime.encodeText((await openPack()).textEncoder, { prompt, clipSkip: 0 }));
}

/** An empty latent for the pack, in pixels. */
export async function emptyForPack(widthPx: number, heightPx: number, batch = 1): Promise<LatentValue> {
  const { space } = (await openPack()).model;
  const samples = zeros([batch, space.channels, heightPx / space.factor, widthPx / space.factor]);
  return { kind: 'latent', samples, space };
}

/** What inference is told of the pack. */
export async function packFacts(): Promise<Result<ModelFacts>> {
  return ok(modelFactsOf(unwrap(await openCheckpoint(pack))));
}
