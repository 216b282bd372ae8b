import { hash as digest } from 'node:crypto';
import { inferTypes } from '../graphs/infer.ts';
import { planRun } from '../graphs/plan.ts';
import { readGraph } from '../graphs/read-graph.ts';
import { writeGraph } from '../graphs/write-graph.ts';
import { exampleFacts, largeGraph } from '../test/example-graphs.ts';
import { exampleRegistry } from '../test/example-nodes.ts';
import { printMachine } from './measure/machine.ts';
import { median, showTarget } from './measure/statistics.ts';

/*
 * How long it takes to plan, to infer types, to read and to write graphs of 100 to 100,000 nodes, and how that grows. Planning is
 * done as the editor does it after every edit: from the whole document, with every result but the saved file in the cache.
 */

const SIZES = [100, 1_000, 10_000, 100_000];
const MOST_MS: Readonly<Record<number, number>> = { 100: 1, 1000: 10 };
const ROUNDS: Readonly<Record<number, number>> = { 100: 300, 1000: 60, 10000: 9, 100000: 5 };

function time(rounds: number, work: () => unknown): number {
  const times: number[] = [];
  for (let round = 0; round < rounds; round++) {
    const start = performance.now();
    work();
    times.push(performance.now() - start);
  }
  return median(times);
}

/** Slope of log(time) over log(size): 1 is linear. */
function exponent(points: readonly { size: number; ms: number }[]): number {
  const xs = points.map((one) => Math.log(one.size));
  const ys = points.map((one) => Math.log(one.ms));
  const mean = (values: readonly number[]): number => values.reduce((sum, one) => sum + one, 0) / values.length;
  const [mx, my] = [mean(xs), mean(ys)];
  const top = xs.reduce((sum, x, at) => sum + (x - mx) * ((ys[at] ?? 0) - my), 0);
  return top / xs.reduce((sum, x) => sum + (x - mx) ** 2, 0);
}

const hash = (text: string): string => digest('sha256', text);
const kinds = {
  'plan, first time': (size: number) => {
    const document = largeGraph(size);
    return time(ROUNDS[size] ?? 1, () =>
      planRun({ document: { ...document }, registry: exampleRegistry, facts: exampleFacts, hash, isCached: () => false }),
    );
  },
  'plan again, nothing changed': (size: number) => {
    const document = largeGraph(size);
    return time(ROUNDS[size] ?? 1, () => planRun({ document, registry: exampleRegistry, facts: exampleFacts, hash, isCached: () => true }));
  },
  'infer types': (size: number) => {
    const document = largeGraph(size);
    return time(ROUNDS[size] ?? 1, () => inferTypes(document, exampleRegistry, exampleFacts));
  },
  'write file': (size: number) => {
    const document = largeGraph(size);
    return time(Math.min(ROUNDS[size] ?? 1, 20), () => writeGraph(document));
  },
  'read file': (size: number) => {
    const text = writeGraph(largeGraph(size));
    return time(Math.min(ROUNDS[size] ?? 1, 20), () => readGraph(text, exampleRegistry));
  },
};

await printMachine();
console.log('\nmedians, milliseconds');
const targets: string[] = [];
for (const [name, measure] of Object.entries(kinds)) {
  const points = SIZES.map((size) => ({ size, ms: measure(size) }));
  const shown = points.map(({ size, ms }) => `${size}: ${ms.toFixed(ms < 10 ? 2 : 0)}`).join('   ');
  for (const { size, ms } of points) {
    const most = MOST_MS[size];
    if (name.startsWith('plan') && most !== undefined) targets.push(`${name}, ${size} nodes: ${showTarget(ms, most, 2, ' ms')}`);
  }
  console.log(`${name.padEnd(28)} ${shown}   time ~ n^${exponent(points).toFixed(2)}`);
}
console.log(`\n${targets.join('\n')}`);

const deep = largeGraph(1_000);
const plan = planRun({ document: deep, registry: exampleRegistry, facts: exampleFacts, hash, isCached: () => false });
if (!plan.ok || plan.value.blocked.size > 0 || plan.value.steps.length !== Object.keys(deep.nodes).length) {
  throw new Error('the graph that was measured does not plan');
}
