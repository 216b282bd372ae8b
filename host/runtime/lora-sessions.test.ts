import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Checkpoint } from '../../models/checkpoint/checkpoint.ts';
import { openCheckpoint } from '../../models/checkpoint/open-checkpoint.ts';
import type { LoraUse } from '../../nodes/socket-values.ts';
import { type Tensor, tensor, zeros } from '../../nodes/tensor.ts';
import { unwrap } from '../../test/unwrap.ts';
import { writeLora } from '../../test/write-lora.ts';
import { encodeText, type TextEquipment } from './encode-text.ts';
import { createAddOnFiles } from './open-add-ons.ts';
import { openDenoiser } from './open-denoiser.ts';
import { createSessionStore } from './session-store.ts';

const path = fileURLToPath(new URL('../../test/fixtures/pipelines/lcm-tiny', import.meta.url));
let folder = '';
let checkpoint: Checkpoint;
let built = 0;
const sessions = createSessionStore({ device: 'cpu', threads: 1, onSessionTime: () => undefined });
const equipment: TextEquipment = {
  // Every network that is opened is built first.
  sessions: {
    ...sessions,
    open: (request) =>
      sessions.open({
        ...request,
        build() {
          built++;
          return request.build();
        },
      }),
  },
  device: 'cpu',
  memory: 'auto',
  tokenizers: new Map(),
  addOns: createAddOnFiles(),
  note: () => undefined,
};

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'emulsion-lora-sessions-'));
  checkpoint = unwrap(await openCheckpoint(path));
});
afterAll(async () => {
  await sessions.close();
  await rm(folder, { recursive: true });
});

async function useOf(name: string, plan: Parameters<typeof writeLora>[3] = {}): Promise<LoraUse> {
  const file = unwrap(await equipment.addOns.loras.open(await writeLora(folder, name, path, plan)));
  return { path: file.path, name: file.name, fingerprint: file.fingerprint, strength: 1 };
}

async function predict(loras: readonly LoraUse[]): Promise<Float32Array> {
  const denoiser = unwrap(await openDenoiser(checkpoint, { width: 8, height: 8 }, equipment, loras));
  const input = {
    sample: filled([1, 4, 8, 8]),
    timestep: 500,
    states: filled([1, 77, checkpoint.conditioningWidth]),
    guidanceEmbedding: zeros([1, Number(checkpoint.unet.config['time_cond_proj_dim'])]),
  };
  return unwrap(await denoiser.predict(input)).data;
}

async function encode(loras: readonly LoraUse[]): Promise<Float32Array> {
  return unwrap(await encodeText(checkpoint, { loras }, { prompt: 'a red apple', clipSkip: 0 }, equipment)).states.data;
}

/** How many networks are opened meanwhile. */
async function countOpened(work: () => Promise<unknown>): Promise<number> {
  const before = built;
  await work();
  return built - before;
}

describe('LoRAs and sessions', () => {
  it('another strength gives another result without opening a network', async () => {
    const lora = await useOf('style');
    for (const run of [predict, encode]) {
      let first = new Float32Array();
      const open = async () => {
        first = Float32Array.from(await run([{ ...lora, strength: 1 }]));
      };
      expect(await countOpened(open)).toBe(1);
      const strengths = [0.5, 0, -1, 1];
      const found: Float32Array[] = [];
      expect(
        await countOpened(async () => {
          for (const strength of strengths) found.push(Float32Array.from(await run([{ ...lora, strength }])));
        }),
      ).toBe(0);
      expect(new Set(found.map((values) => values.join())).size).toBe(strengths.length);
      expect(found.at(-1)).toEqual(first);
    }
  });

  it('at strength 0 it is the network without it', async () => {
    const lora = await useOf('style');
    const [off, plain] = [await predict([{ ...lora, strength: 0 }]), await predict([])];
    expect(Math.max(...off.map((value, at) => Math.abs(value - (plain[at] ?? Number.NaN))))).toBeLessThan(1e-6);
  });

  it('one more file opens a network, and only where it changes something', async () => {
    const [style, detail] = [await useOf('style'), await useOf('detail', { rank: 3, text: /^$/ })];
    await predict([style]);
    await encode([style]);
    expect(await countOpened(() => predict([style, detail]))).toBe(1);
    expect(await countOpened(() => encode([style, detail]))).toBe(0);
    expect(await countOpened(() => predict([style]))).toBe(0);
  });

  it('a file that was written anew is another LoRA', async () => {
    const old = await useOf('changing');
    await predict([old]);
    const now = await useOf('changing', { rank: 4 });
    expect(now.fingerprint).not.toBe(old.fingerprint);
    expect(await countOpened(() => predict([now]))).toBe(1);
    const stale = await openDenoiser(checkpoint, { width: 8, height: 8 }, equipment, [old]);
    expect(stale).toMatchObject({ ok: false, problem: { message: 'The files of changing changed while the run went on. Run again.' } });
  });
});

function filled(shape: readonly number[]): Tensor {
  const { data } = zeros(shape);
  return tensor(
    data.map((_, at) => Math.sin(1.7 * at)),
    shape,
  );
}
