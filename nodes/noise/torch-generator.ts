import { BLOCK, boxMullerBlock, boxMullerBlockDouble } from './box-muller.ts';
import { MersenneTwister } from './mersenne-twister.ts';
import { roundToBfloat16, roundToFloat16 } from './round-to-half.ts';

/** Everything a generator remembers; plain JSON. */
export interface TorchGeneratorState {
  /** mt19937's 624 words and how many of them are used up. */
  readonly words: readonly number[];
  readonly position: number;
  /** The second value of the last pair of a small draw, waiting for the next small draw. */
  readonly kept: number | null;
}

const TWO_24 = 2 ** 24;
const TWO_32 = 2 ** 32;
const TWO_53 = 2 ** 53;

/**
 * torch's CPU generator: the same seed and the same draws in the same order give torch's numbers (checked against torch 2.15
 * on AVX2 and AVX-512; without vector instructions torch itself differs by up to 2e-6).
 */
export class TorchGenerator {
  readonly #twister: MersenneTwister;
  #kept: number | null = null;

  /** `seed` as `parseSeed` gives it; mt19937 takes its low 32 bits only. */
  constructor(seed: bigint) {
    this.#twister = new MersenneTwister(Number(BigInt.asUintN(32, seed)));
  }

  /** `torch.randn(count)`: float32 values of N(0, 1). */
  randn(count: number): Float32Array {
    const data = new Float32Array(count);
    if (count < BLOCK) return data.map(() => this.#normal());
    for (let i = 0; i < count; i++) data[i] = this.#uniform24();
    for (let start = 0; start + BLOCK <= count; start += BLOCK) boxMullerBlock(data, start);
    this.#redrawTail(data);
    return data;
  }

  /** `torch.randn(count, dtype=float16 | bfloat16)`, as float32 that hold the rounded values. */
  randnHalf(count: number, dtype: 'float16' | 'bfloat16'): Float32Array {
    const data = new Float32Array(count);
    const whole = count - (count % BLOCK);
    // Unlike in float32, no uniforms are drawn for the tail that is drawn anew anyway.
    if (count < BLOCK) data.set(this.randn(count));
    else data.set(this.randn(whole));
    if (count > BLOCK) this.#redrawTail(data);
    if (dtype === 'float16') roundToFloat16(data);
    else roundToBfloat16(data);
    return data;
  }

  /** `torch.randn(count, dtype=float64)`: from 16 values on other numbers than float32's. */
  randnDouble(count: number): Float64Array {
    const data = new Float64Array(count);
    if (count < BLOCK) return data.map(() => this.#normal());
    for (let i = 0; i < count; i++) data[i] = this.#uniform53();
    for (let start = 0; start + BLOCK <= count; start += BLOCK) boxMullerBlockDouble(data, start);
    if (count % BLOCK !== 0) {
      for (let i = count - BLOCK; i < count; i++) data[i] = this.#uniform53();
      boxMullerBlockDouble(data, count - BLOCK);
    }
    return data;
  }

  /** `torch.rand(count)`: float32 values in [0, 1). */
  rand(count: number): Float32Array {
    return new Float32Array(count).map(() => this.#uniform24());
  }

  /** `torch.randint(low, high, [count])` for ranges below 2^32. */
  randint(low: number, high: number, count: number): number[] {
    const range = high - low;
    if (!(range >= 1 && range < TWO_32)) throw new Error(`randint needs a range from 1 to 2^32 - 1, not ${range}`);
    return Array.from({ length: count }, () => low + (this.#twister.nextUint32() % range));
  }

  /** `torch.randperm(count)`: the numbers 0 … count - 1 in random order. */
  randperm(count: number): number[] {
    const order = Array.from({ length: count }, (_, i) => i);
    for (let i = 0; i < count - 1; i++) {
      const other = i + (this.#twister.nextUint32() % (count - i));
      const value = order[i] ?? 0;
      order[i] = order[other] ?? 0;
      order[other] = value;
    }
    return order;
  }

  /** The state as plain data. */
  snapshot(): TorchGeneratorState {
    return { ...this.#twister.snapshot(), kept: this.#kept };
  }

  /** Continues from a state that `snapshot` gave. */
  restore(state: TorchGeneratorState): void {
    this.#twister.restore(state);
    this.#kept = state.kept;
  }

  /** A count that is no multiple of 16 gets its last 16 values from new uniforms. */
  #redrawTail(data: Float32Array): void {
    if (data.length % BLOCK === 0) return;
    for (let i = data.length - BLOCK; i < data.length; i++) data[i] = this.#uniform24();
    boxMullerBlock(data, data.length - BLOCK);
  }

  /** One value of N(0, 1) in double precision; every second one is the sine kept from the pair before. */
  #normal(): number {
    if (this.#kept !== null) {
      const kept = this.#kept;
      this.#kept = null;
      return kept;
    }
    const angle = 2 * Math.PI * this.#uniform53();
    const radius = Math.sqrt(-2 * Math.log1p(-this.#uniform53()));
    this.#kept = radius * Math.sin(angle);
    return radius * Math.cos(angle);
  }

  #uniform24(): number {
    return (this.#twister.nextUint32() & (TWO_24 - 1)) / TWO_24;
  }

  /** 53 of 64 bits, high word first: its low 21 bits, then all of the second word. */
  #uniform53(): number {
    const high = this.#twister.nextUint32() & 0x1fffff;
    return (high * TWO_32 + this.#twister.nextUint32()) / TWO_53;
  }
}
