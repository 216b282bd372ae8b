import { inferTypes } from '../../graphs/infer.ts';
import { planRun } from '../../graphs/plan.ts';
import { readGraph } from '../../graphs/read-graph.ts';
import { writeGraph } from '../../graphs/write-graph.ts';
import { exampleFacts, largeGraph, sketch, textToImage } from '../../test/example-graphs.ts';
import { exampleRegistry } from '../../test/example-nodes.ts';

/*
 * Throws damaged graph files at the reader, and at everything that is done with a file once it is open. Nothing may throw, and what
 * opens must write and read back the same. `node graphs.mjs [count] [seed]`; the same seed gives the same files.
 */

const count = Number(process.argv[2] ?? 100_000);
const seed = Number(process.argv[3] ?? 1);

/** Mulberry32: a small generator with 32 bits of state, uniform in 0…1. */
function createRandom(start: number): () => number {
  let state = start >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

const random = createRandom(seed);
const below = (limit: number): number => Math.floor(random() * limit);
const pick = <T>(list: readonly T[]): T => list[below(list.length)] as T; // lists here are never empty

const samples = [
  textToImage().document(),
  largeGraph(20),
  sketch()
    .node('a', 'blur', { radius: 1e300 })
    .node('b', 'blur')
    .node('j', 'joinImages')
    .node('old', 'crop', { pixels: '3' }, { version: 1 })
    .wire('a.image', 'b.image')
    .wire('b.image', 'a.image')
    .wire('a.image', 'j.images', 1)
    .wire('old.image', 'j.images', 0)
    .wire('gone.x', 'j.mask')
    .document(),
].map(writeGraph);

const SNIPPETS = [
  '{',
  '}',
  '[',
  ']',
  '"',
  ',',
  ':',
  'null',
  '-1',
  '1e999',
  '-0',
  '0',
  'true',
  '"__proto__"',
  '"constructor"',
  '\\',
  '\\ud800',
  'NaN',
  '\uFEFF',
  '\0',
  '\n',
];

/** Characters changed, cut, doubled, or swapped for pieces of JSON. */
function damageText(text: string): string {
  let damaged = text;
  for (let times = 1 + below(5); times > 0; times--) {
    const at = below(damaged.length + 1);
    const end = Math.min(damaged.length, at + below(12));
    const kind = below(5);
    if (kind === 0) damaged = damaged.slice(0, at) + damaged.slice(end);
    else if (kind === 1) damaged = damaged.slice(0, at) + pick(SNIPPETS) + damaged.slice(at);
    else if (kind === 2) damaged = damaged.slice(0, at) + String.fromCharCode(below(0x10000)) + damaged.slice(at + 1);
    else if (kind === 3) damaged = damaged.slice(0, end) + damaged.slice(at);
    else damaged = below(10) === 0 ? damaged.slice(0, at) : damaged.slice(0, at) + pick(SNIPPETS) + damaged.slice(end);
  }
  return damaged;
}

const NAMES = ['a', 'b', 'image', 'images', 'sampler', 'decode', 'latent', 'steps', 'seed', 'toString', '', 'x'.repeat(300), '\ud800', 'é'];

function randomJson(depth: number): unknown {
  switch (below(depth > 3 ? 5 : 7)) {
    case 0:
      return null;
    case 1:
      return pick([0, 1, -1, 2.5, 1e21, -0, 2 ** 60]);
    case 2:
      return pick(NAMES);
    case 3:
      return random() < 0.5;
    case 4:
      return String(below(1e9));
    case 5:
      return Array.from({ length: below(4) }, () => randomJson(depth + 1));
    default:
      return Object.fromEntries(Array.from({ length: below(4) }, () => [pick(NAMES), randomJson(depth + 1)]));
  }
}

/** One value somewhere in a sound graph replaced, removed, or put under another name. */
function damageValues(text: string): string {
  const value = JSON.parse(text) as Record<string, unknown>;
  for (let times = 1 + below(4); times > 0; times--) {
    let at = value;
    for (let depth = below(5); depth > 0; depth--) {
      const inner = at[pick(Object.keys(at).length > 0 ? Object.keys(at) : ['none'])];
      if (typeof inner !== 'object' || inner === null || Array.isArray(inner)) break;
      at = inner as Record<string, unknown>;
    }
    const keys = Object.keys(at);
    const key = keys.length > 0 ? pick(keys) : 'none';
    const kind = below(4);
    if (kind === 0) delete at[key];
    else if (kind === 1) at[key] = randomJson(0);
    else if (kind === 2) at[pick(NAMES)] = at[key];
    else at[key] = at[pick(keys.length > 0 ? keys : ['none'])];
  }
  return JSON.stringify(value);
}

let opened = 0;
let silent = 0;
let blocked = 0;
const start = performance.now();
for (let round = 0; round < count; round++) {
  const sample = pick(samples);
  const text = random() < 0.5 ? damageText(sample) : damageValues(sample);
  try {
    const { document, problems } = readGraph(text, exampleRegistry);
    if (document === undefined) {
      if (problems.length === 0) throw new Error('refused without a word');
      continue;
    }
    opened++;
    if (problems.length === 0) silent++;
    const written = writeGraph(document);
    const again = readGraph(written, exampleRegistry).document;
    if (again === undefined || writeGraph(again) !== written) throw new Error('does not read back the same');
    inferTypes(document, exampleRegistry, exampleFacts);
    const plan = planRun({
      document,
      registry: exampleRegistry,
      facts: exampleFacts,
      hash: (key) => String(key.length),
      isCached: () => false,
    });
    if (!plan.ok) throw new Error(plan.problem.message);
    if (plan.value.blocked.size > 0) blocked++;
  } catch (error) {
    console.error(`round ${round} of seed ${seed} threw on:\n${text}`);
    throw error;
  }
}
const seconds = (performance.now() - start) / 1000;
console.log(
  `${count} damaged graphs (seed ${seed}): ${count - opened} refused, ${opened} opened (${silent} without a word, ${blocked} with nodes that can't run), ` +
    `none threw; ${seconds.toFixed(1)} s, ${Math.round(count / seconds)} a second`,
);
