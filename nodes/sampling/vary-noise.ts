import type { SeedParam } from '../params.ts';
import { ok, type Result } from '../problem.ts';
import { createBatchGenerator } from './batch-generator.ts';

/** From here on two vectors point the same way, and a straight line between them is as good as an arc. */
const PARALLEL = 0.9995;

/** Turns the noise of a batch into noise beside it. */
export type VaryNoise = (noise: Float32Array) => Float32Array;

/**
 * A1111's variations: each picture's noise goes by `strength` (0…1) of the way along the arc to that of another seed (Shoemake 1985, slerp), so
 * that it stays as long as noise is. Undefined at 0, where nothing is varied.
 */
export function createVariation(seed: SeedParam, strength: number, batch: number): Result<VaryNoise | undefined> {
  if (strength === 0) return ok(undefined);
  const generator = createBatchGenerator(seed, batch);
  if (!generator.ok) return { ok: false, problem: { ...generator.problem, socket: 'variationSeed' } };
  return ok((noise) => {
    const other = generator.value.draw(noise.length);
    const varied = new Float32Array(noise.length);
    const size = noise.length / batch;
    for (let start = 0; start < noise.length; start += size) {
      varied.set(slerp(noise.subarray(start, start + size), other.subarray(start, start + size), strength), start);
    }
    return varied;
  });
}

/** The place at `share` on the arc between two vectors. */
function slerp(from: Float32Array, to: Float32Array, share: number): Float32Array {
  const dot = (a: Float32Array, b: Float32Array): number => a.reduce((sum, value, at) => sum + value * (b[at] ?? 0), 0);
  const cosine = dot(from, to) / Math.sqrt(dot(from, from) * dot(to, to));
  const [first, second] = Math.abs(cosine) > PARALLEL ? [1 - share, share] : arcWeights(Math.acos(cosine), share);
  return from.map((value, at) => first * value + second * (to[at] ?? 0));
}

function arcWeights(angle: number, share: number): readonly [number, number] {
  return [Math.sin((1 - share) * angle) / Math.sin(angle), Math.sin(share * angle) / Math.sin(angle)];
}
