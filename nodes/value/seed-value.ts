// Seed: one seed for several samplers.
import { defineNode } from '../define-node.ts';
import { parseSeed } from '../noise/parse-seed.ts';
import { ok } from '../problem.ts';

/** Gives a seed. */
export const seedValue = defineNode({
  id: 'value.seed',
  version: 1,
  title: 'Seed',
  category: 'value',
  summary: 'Gives a seed, or a list of seeds for the pictures of a batch.',
  docs: `
A whole number from −2⁶³ to 2⁶⁴ − 1, as torch takes it; negative ones count down from 2⁶⁴, so −1 is 18446744073709551615. The same seed
gives the same noise here and in torch's CPU generator. Graph files keep seeds as decimal text, since JSON's numbers lose digits
beyond 2⁵³. Several seeds give one to each picture of a batch.
`,
  inputs: {},
  outputs: { value: { type: 'seed', title: 'Value', doc: 'The seed, as decimal text from 0 to 2^64 - 1.' } },
  params: { value: { kind: 'seed', title: 'Value', doc: 'The seed to give.', default: '0' } },
  async evaluate(_inputs, { value }) {
    const isList = typeof value === 'object';
    const seeds: string[] = [];
    for (const one of isList ? value : [value]) {
      const seed = parseSeed(one);
      if (!seed.ok) return seed;
      seeds.push(String(seed.value));
    }
    return ok({ value: isList ? seeds : (seeds[0] ?? '0') });
  },
});
