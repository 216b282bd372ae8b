import { cp, mkdtemp, readFile, rename, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { registry } from '../nodes/registry.ts';
import { makeDocument } from '../test/e2e/open-test-host.ts';
import { testRegistry } from '../test/e2e/test-nodes.ts';
import { fixturesRoot } from '../test/fixtures-reader.ts';
import { createFactFinder } from './facts.ts';
import { modelFactsKey } from './facts-table.ts';
import type { FilePolicy } from './file-access.ts';
import { readModelFacts } from './model-facts.ts';

let folder: string;
let policy: FilePolicy;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'emulsion-facts-'));
  policy = { baseFolders: [folder], readFolders: [], modelFolders: [], packsRoot: join(folder, 'packs'), trusted: [] };
});
afterAll(() => rm(folder, { recursive: true, force: true }));

describe('a model', () => {
  const finder = createFactFinder({ registry, readModelFacts });
  const document = makeDocument({ c: ['model.loadCheckpoint', { model: 'pipe' }] });
  const fingerprint = async (): Promise<string> => {
    const found = (await finder.find(document, policy)).models[modelFactsKey('pipe', null)];
    if (found === undefined) throw new Error('nobody asked');
    return found.ok ? found.value.fingerprint : found.problem.code;
  };

  it('has another fingerprint when its weights or configs change, and the same when nothing does', async () => {
    expect(await fingerprint()).toBe('model.missing');
    await cp(join(fixturesRoot(), 'pipelines/lcm-tiny'), join(folder, 'pipe'), { recursive: true });
    const seen = [await fingerprint()];
    expect(seen[0]).toMatch(/^[0-9a-f]{64}$/);
    expect(await fingerprint()).toBe(seen[0]);

    const config = join(folder, 'pipe/scheduler/scheduler_config.json');
    await writeFile(config, (await readFile(config, 'utf8')).replace(/"beta_start": [\d.e-]+/, '"beta_start": 0.002'));
    seen.push(await fingerprint());

    const weights = join(folder, 'pipe/unet/diffusion_pytorch_model.safetensors');
    const bytes = await readFile(weights);
    bytes[bytes.length - 1] = (bytes.at(-1) ?? 0) ^ 1;
    await writeFile(weights, bytes);
    seen.push(await fingerprint());
    await utimes(weights, new Date(1e12), new Date(1e12));
    seen.push(await fingerprint());
    expect(new Set(seen).size).toBe(4);
  });

  it('is read once while nothing changes, and again when a file does', async () => {
    const copy = join(folder, 'settled');
    await cp(join(fixturesRoot(), 'pipelines/lcm-tiny'), copy, { recursive: true });
    // What has only just been written is never taken for settled.
    vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + 60_000 });
    try {
      const read: string[] = [];
      const counting = createFactFinder({
        registry,
        readModelFacts(path, configPath) {
          read.push(path);
          return readModelFacts(path, configPath);
        },
      });
      const find = () => counting.find(makeDocument({ c: ['model.loadCheckpoint', { model: 'settled' }] }), policy);
      expect(await find()).toEqual(await find());
      expect(read).toEqual([copy]);
      await writeFile(join(copy, 'added.txt'), '');
      await find();
      expect(read).toEqual([copy, copy]);
    } finally {
      vi.useRealTimers();
    }
  });
});

describe('a picture', () => {
  const finder = createFactFinder({ registry: testRegistry, readModelFacts });
  const find = async (file: string) => (await finder.find(makeDocument({ l: ['test.load', { file }] }), policy)).images[file];
  const paint = (red: number): Promise<Buffer> =>
    sharp({ create: { width: 4, height: 2, channels: 3, background: { r: red, g: 0, b: 0 } } })
      .png({ compressionLevel: 0 })
      .withMetadata({ orientation: 6 })
      .toBuffer();

  it('is known by its content and its upright size', async () => {
    await writeFile(join(folder, 'a.png'), await paint(1));
    await writeFile(join(folder, 'b.png'), await paint(1));
    const found = await find('a.png');
    expect(found).toMatchObject({ ok: true, value: { widthPx: 2, heightPx: 4, channels: 3 } });
    expect(await find('b.png')).toEqual(found);
  });

  it('is looked at again when another takes its place, of the same size and time', async () => {
    const time = new Date(1e12);
    const fingerprints: unknown[] = [];
    for (const red of [1, 2, 3]) {
      await writeFile(join(folder, 'new.png'), await paint(red));
      await utimes(join(folder, 'new.png'), time, time);
      await rename(join(folder, 'new.png'), join(folder, 'a.png'));
      const found = await find('a.png');
      fingerprints.push(found?.ok ? found.value.fingerprint : found);
    }
    expect(new Set(fingerprints).size).toBe(3);
  });

  it('by any name is only a picture', async () => {
    await writeFile(join(folder, '__proto__'), await paint(1));
    expect(await find('constructor')).toMatchObject({ ok: false, problem: { code: 'file.missing' } });
    const table = await finder.find(makeDocument({ l: ['test.load', { file: '__proto__' }] }), policy);
    expect(Object.hasOwn(table.images, '__proto__')).toBe(true);
    expect(Object.hasOwn(structuredClone(table).images, '__proto__')).toBe(true);
  });
});
