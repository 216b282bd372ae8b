import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { unwrap } from '../../test/unwrap.ts';
import { createCheckpointStore } from './checkpoint-store.ts';

const TINY = fileURLToPath(new URL('../../test/fixtures/pipelines/lcm-tiny', import.meta.url));

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'emulsion-checkpoint-'));
  cpSync(TINY, folder, { recursive: true });
});
afterEach(() => rmSync(folder, { recursive: true }));

function changeConfig(): void {
  const path = join(folder, 'unet/config.json');
  writeFileSync(path, `${readFileSync(path, 'utf8')}\n`);
}

describe('a store of checkpoints', () => {
  it('looks at the files anew, and says which fingerprint no longer holds', async () => {
    const gone: string[] = [];
    const store = createCheckpointStore(async (old) => void gone.push(old));
    const first = unwrap(await store.open(folder, null));
    expect(unwrap(await store.open(folder, null))).toBe(first);
    changeConfig();
    const second = unwrap(await store.open(folder, null));
    expect(second.fingerprint).not.toBe(first.fingerprint);
    expect(gone).toEqual([first.fingerprint]);
  });

  it('believes who has just seen the fingerprint that it knows, and nobody who has seen another', async () => {
    const store = createCheckpointStore(() => Promise.resolve());
    const first = unwrap(await store.open(folder, null, 'not known yet'));
    changeConfig();
    expect(unwrap(await store.open(folder, null, first.fingerprint))).toBe(first);
    const second = unwrap(await store.open(folder, null, 'another'));
    expect(second.fingerprint).not.toBe(first.fingerprint);
  });
});
