import { describe, expect, it } from 'vitest';
import { fixturesRoot, float32Of, readJsonLines, readSafetensorsFile } from '../../test/fixtures-reader.ts';
import { parseSeed } from './parse-seed.ts';
import { TorchGenerator } from './torch-generator.ts';

interface Draw {
  readonly op: 'randn' | 'rand' | 'randint' | 'randperm';
  readonly shape?: number[];
  readonly dtype?: 'float16' | 'bfloat16' | 'float64';
  readonly low?: number;
  readonly high?: number;
  readonly n?: number;
  readonly sum?: number;
  readonly sum_of_squares?: number;
}
interface NoiseCase {
  readonly id: string;
  readonly seed: string;
  readonly draws: Draw[];
  readonly initial_seed?: string;
  readonly error?: string;
}

const folder = `${fixturesRoot()}noise/`;
const tensors = readSafetensorsFile(`${folder}noise.safetensors`);

function draw(generator: TorchGenerator, what: Draw): ArrayLike<number> {
  const count = (what.shape ?? []).reduce((product, size) => product * size, 1);
  switch (what.op) {
    case 'randn':
      if (what.dtype === 'float64') return generator.randnDouble(count);
      return what.dtype ? generator.randnHalf(count, what.dtype) : generator.randn(count);
    case 'rand':
      return generator.rand(count);
    case 'randint':
      return generator.randint(what.low!, what.high!, count);
    case 'randperm':
      return generator.randperm(what.n!);
  }
}

function largestDifference(got: ArrayLike<number>, wanted: Float32Array): number {
  expect(got.length).toBe(wanted.length);
  let largest = 0;
  wanted.forEach((value, i) => {
    largest = Math.max(largest, Math.abs(value - got[i]!));
  });
  return largest;
}

describe("torch's recorded draws", () => {
  it.each(readJsonLines<NoiseCase>(`${folder}cases.jsonl`).map((row) => [row.id, row] as const))('%s', (_, row) => {
    const seed = parseSeed(row.seed);
    if (row.error) {
      expect(seed.ok).toBe(false);
      return;
    }
    if (!seed.ok) throw new Error(seed.problem.message);
    expect(String(seed.value)).toBe(row.initial_seed);
    const generator = new TorchGenerator(seed.value);
    row.draws.forEach((what, i) => {
      const got = draw(generator, what);
      const key = `${row.id}/${i}`;
      // float16 and bfloat16 may round the other way where float32 differs in its last bits.
      const tolerance = what.dtype === 'float16' ? 2e-3 : what.dtype === 'bfloat16' ? 1.6e-2 : 3e-6;
      if (what.sum === undefined) {
        expect(largestDifference(got, float32Of(tensors, key))).toBeLessThanOrEqual(tolerance);
        return;
      }
      const all = Float64Array.from(got);
      expect(largestDifference(all.subarray(0, 512), float32Of(tensors, `${key}.first`))).toBeLessThanOrEqual(3e-6);
      expect(largestDifference(all.subarray(-512), float32Of(tensors, `${key}.last`))).toBeLessThanOrEqual(3e-6);
      expect(all.reduce((sum, value) => sum + value, 0)).toBeCloseTo(what.sum, 2);
      expect(all.reduce((sum, value) => sum + value * value, 0)).toBeCloseTo(what.sum_of_squares!, 1);
    });
  });
});

describe('TorchGenerator', () => {
  it('continues from a snapshot that went through JSON, kept value included', () => {
    const first = new TorchGenerator(7n);
    first.randn(3);
    first.randn(700);
    const state = JSON.parse(JSON.stringify(first.snapshot()));
    const wanted = [...first.randn(5), ...first.randn(64), ...first.rand(4)];
    const second = new TorchGenerator(0n);
    second.restore(state);
    expect([...second.randn(5), ...second.randn(64), ...second.rand(4)]).toEqual(wanted);
  });

  it('refuses a state of another size', () => {
    expect(() => new TorchGenerator(0n).restore({ words: [1, 2], position: 0, kept: null })).toThrow(/624 words/);
  });

  it('takes the low 32 bits of a seed only', () => {
    expect(new TorchGenerator(2n ** 32n + 5n).randn(16)).toEqual(new TorchGenerator(5n).randn(16));
  });
});
