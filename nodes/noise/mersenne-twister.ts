const WORDS = 624;
const MIDDLE = 397;

/** mt19937 (Matsumoto and Nishimura 1998): the 32-bit stream under torch's CPU generator. */
export class MersenneTwister {
  #words = new Uint32Array(WORDS);
  #position = WORDS;

  /** Starts the stream of a 32-bit seed. */
  constructor(seed: number) {
    const words = this.#words;
    words[0] = seed >>> 0;
    for (let i = 1; i < WORDS; i++) {
      const previous = words[i - 1] ?? 0;
      words[i] = Math.imul(previous ^ (previous >>> 30), 1812433253) + i;
    }
  }

  /** The next 32 bits as a number from 0 to 2^32 - 1. */
  nextUint32(): number {
    if (this.#position === WORDS) this.#twist();
    let y = this.#words[this.#position++] ?? 0;
    y ^= y >>> 11;
    y ^= (y << 7) & 0x9d2c5680;
    y ^= (y << 15) & 0xefc60000;
    return (y ^ (y >>> 18)) >>> 0;
  }

  /** The state as data; `words` is a copy. */
  snapshot(): { readonly words: readonly number[]; readonly position: number } {
    return { words: [...this.#words], position: this.#position };
  }

  /** Continues from a state that `snapshot` gave. */
  restore(state: { readonly words: readonly number[]; readonly position: number }): void {
    if (state.words.length !== WORDS) throw new Error(`a state of mt19937 has ${WORDS} words, not ${state.words.length}`);
    this.#words = Uint32Array.from(state.words);
    this.#position = state.position;
  }

  #twist(): void {
    const words = this.#words;
    for (let i = 0; i < WORDS; i++) {
      const bits = ((words[i] ?? 0) & 0x80000000) | ((words[(i + 1) % WORDS] ?? 0) & 0x7fffffff);
      words[i] = (words[(i + MIDDLE) % WORDS] ?? 0) ^ (bits >>> 1) ^ (bits & 1 ? 0x9908b0df : 0);
    }
    this.#position = 0;
  }
}
