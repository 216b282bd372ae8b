import { describe, expect, it } from 'vitest';
import { sentenceOf } from '../test/contracts/command-contract.ts';
import { FORMAT_VERSION } from './document.ts';
import { FORMAT_MIGRATIONS, migrateFormat } from './migrate.ts';

const steps = [
  { from: 1, migrate: (old: Readonly<Record<string, unknown>>) => ({ ...old, nodes: old['blocks'] }) },
  { from: 2, migrate: (old: Readonly<Record<string, unknown>>) => ({ ...old, tidy: true }) },
];

describe('format versions', () => {
  it('has a step from every older version to this one', () => {
    expect(FORMAT_MIGRATIONS.map((one) => one.from)).toEqual(Array.from({ length: FORMAT_VERSION - 1 }, (_, at) => at + 1));
  });

  it('takes every step, and leaves the current version alone', () => {
    const old = { version: 1, blocks: { a: 1 } };
    expect(migrateFormat(old, steps, 3)).toEqual({ ok: true, value: { version: 3, blocks: { a: 1 }, nodes: { a: 1 }, tidy: true } });
    expect(old).toEqual({ version: 1, blocks: { a: 1 } });
    expect(migrateFormat({ version: 3 }, steps, 3)).toEqual({ ok: true, value: { version: 3 } });
  });

  it('says so where a step is missing or fails', () => {
    expect(sentenceOf(migrateFormat({ version: 1 }, steps.slice(1), 3))).toBe(
      "Format version 1 can't be read any more: the step to 2 is missing.",
    );
    const broken = {
      from: 1,
      migrate() {
        throw new Error('odd file');
      },
    };
    expect(sentenceOf(migrateFormat({ version: 1 }, [broken], 2))).toBe(
      'The file could not be brought from format version 1 to 2 (odd file).',
    );
    expect(sentenceOf(migrateFormat({ version: 0 }, steps, 3))).toContain('must be a whole number from 1');
  });
});
