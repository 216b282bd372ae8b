import { parseSeed } from '../noise/parse-seed.ts';
import { TorchGenerator, type TorchGeneratorState } from '../noise/torch-generator.ts';
import type { SeedParam } from '../params.ts';
import { fail, ok, type Result } from '../problem.ts';
import type { DrawNoise } from '../schedulers/scheduler.ts';

/** One generator for a whole batch, or one for each picture of it, as torch pipelines take a list of generators. */
export interface BatchGenerator {
  /** N(0, 1) for `count` values of the whole batch, picture by picture where each has its own generator. */
  readonly draw: DrawNoise;
  /** The seeds, modulo 2^64: one, or one for each picture. */
  readonly seeds: readonly bigint[];
  /** Where every generator stands; plain data. */
  snapshot(): readonly TorchGeneratorState[];
  /** Continues from a snapshot of generators for the same seeds. */
  restore(states: readonly TorchGeneratorState[]): void;
}

/**
 * Generators for a seed, or for a list with one seed a picture. With `copies`, the batch is drawn so many times over from the same numbers;
 * `batch` then counts the pictures of one copy.
 */
export function createBatchGenerator(seed: SeedParam, batch: number, copies = 1): Result<BatchGenerator> {
  const seeds = Array.isArray(seed) ? seed : [seed];
  if (Array.isArray(seed) && seed.length !== batch) {
    return fail(
      'node.invalidInput',
      `Seed has ${seed.length} seeds for a batch of ${batch} pictures. Give one seed, or one for each picture.`,
      {
        socket: 'seed',
      },
    );
  }
  const generators: TorchGenerator[] = [];
  const parsedSeeds: bigint[] = [];
  for (const one of seeds) {
    const parsed = parseSeed(one);
    if (!parsed.ok) return parsed;
    generators.push(new TorchGenerator(parsed.value));
    parsedSeeds.push(BigInt.asUintN(64, parsed.value));
  }
  const [only] = generators;
  const memory = {
    seeds: parsedSeeds,
    snapshot: () => generators.map((generator) => generator.snapshot()),
    restore(states: readonly TorchGeneratorState[]) {
      for (const [index, state] of states.entries()) generators[index]?.restore(state);
    },
  };
  if (generators.length === 1 && only !== undefined)
    return ok({ draw: (count) => repeatNoise(only.randn(count / copies), copies), ...memory });
  return ok({
    ...memory,
    draw(count) {
      const data = new Float32Array(count / copies);
      const share = data.length / generators.length;
      for (const [index, generator] of generators.entries()) data.set(generator.randn(share), index * share);
      return repeatNoise(data, copies);
    },
  });
}

/** Values so many times over. */
export function repeatNoise(values: Float32Array, copies: number): Float32Array {
  if (copies === 1) return values;
  const data = new Float32Array(values.length * copies);
  for (let copy = 0; copy < copies; copy++) data.set(values, copy * values.length);
  return data;
}
