import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import type { Component } from '../../models/checkpoint/checkpoint.ts';
import { openCheckpoint } from '../../models/checkpoint/open-checkpoint.ts';
import { zeros } from '../../nodes/tensor.ts';
import { unwrap } from '../../test/unwrap.ts';
import type { MemoryMode } from '../evaluator/protocol.ts';
import { autoencoderOf, decodeLatents } from './autoencoder.ts';
import { encodeText } from './encode-text.ts';
import { chooseLoadingMode } from './loading-mode.ts';
import { createAddOnFiles } from './open-add-ons.ts';
import { openDenoiser } from './open-denoiser.ts';
import { createSessionStore } from './session-store.ts';

const path = fileURLToPath(new URL('../../test/fixtures/pipelines/lcm-tiny', import.meta.url));

/** The networks that are built, in order, by the first word of what they are, over two pictures. */
async function buildsOfTwoPictures(memory: MemoryMode): Promise<string[]> {
  const built: string[] = [];
  const store = createSessionStore({ device: 'cpu', threads: 1, onSessionTime: () => undefined });
  const sessions: typeof store = {
    ...store,
    open: (request) =>
      store.open({
        ...request,
        build() {
          built.push(/ (text|unet|vae)/.exec(request.key)?.[1] ?? request.key);
          return request.build();
        },
      }),
  };
  const tools = { sessions, device: 'cpu', memory, tokenizers: new Map(), addOns: createAddOnFiles(), note: () => undefined } as const;
  const checkpoint = unwrap(await openCheckpoint(path));
  try {
    for (const prompt of ['a fox', 'an owl']) {
      const { states } = unwrap(await encodeText(checkpoint, {}, { prompt, clipSkip: 0 }, tools));
      const denoiser = unwrap(await openDenoiser(checkpoint, { width: 8, height: 8 }, tools));
      const sample = zeros([1, 4, 8, 8]);
      const guidanceEmbedding = zeros([1, Number(checkpoint.unet.config['time_cond_proj_dim'])]);
      unwrap(await denoiser.predict({ sample, timestep: 500, states, guidanceEmbedding }));
      unwrap(await decodeLatents(autoencoderOf(checkpoint), sample, tools));
    }
  } finally {
    await store.close();
  }
  return built;
}

it('networks whose weights stay in the file make room for the next one', async () => {
  expect(await buildsOfTwoPictures('streaming')).toEqual(['text', 'unet', 'vae', 'text', 'unet']);
});

it('networks that were widened stay open', async () => {
  expect(await buildsOfTwoPictures('resident')).toEqual(['text', 'unet', 'vae']);
});

it('networks are widened up to 64 million weights, unless something else is asked for', () => {
  const component = (rows: number): Component => ({
    config: {},
    weights: {
      names: () => ['weight'],
      get: () => ({ path: '/model', dtype: 'F16', shape: [rows, 2 ** 20], byteOffset: 0, byteLength: rows * 2 ** 21 }),
    },
  });
  expect(chooseLoadingMode('auto', component(64))).toBe('resident');
  expect(chooseLoadingMode('auto', component(65))).toBe('streaming');
  expect(chooseLoadingMode('streaming', component(1))).toBe('streaming');
  expect(chooseLoadingMode('resident', component(999))).toBe('resident');
});
