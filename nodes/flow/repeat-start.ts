// Where a repetition begins.
import { defineNode } from '../define-node.ts';
import { ok } from '../problem.ts';
import { number } from '../types/socket-type.ts';
import { carriedInputs, carriedOutputs, passCarried } from './repeat-sockets.ts';

export const repeatStart = defineNode({
  id: 'flow.repeatStart',
  version: 1,
  title: 'Repeat Start',
  category: 'flow',
  summary: 'Begins a part of the graph that runs several times.',
  docs: `
Everything between this node and the Repeat End that its **Zone** is wired to runs **Count** times. In the first turn the outputs give
what is wired here; in every later one they give what the last turn carried to the Repeat End. **Index** is the number of the turn,
beginning with 0, so that a parameter can depend on it (a step of a sampler). Values from outside the zone may be wired into it; out of it only
what goes through the Repeat End comes. Zones can lie inside of each other.`,
  inputs: carriedInputs('What the first turn begins with.'),
  outputs: {
    ...carriedOutputs('What this turn begins with.'),
    index: { type: 'number', title: 'Index', doc: 'The number of the turn, from 0.' },
    zone: { type: 'number', title: 'Zone', doc: 'To the Repeat End that ends this repetition.' },
  },
  params: { count: { kind: 'int', title: 'Count', doc: 'How many turns.', default: 2, min: 1, max: 10_000 } },
  zone: 'start',
  outputTypes(inputs, { count }) {
    const { first, second, third, fourth } = inputs;
    return {
      ...(first === undefined ? {} : { first }),
      ...(second === undefined ? {} : { second }),
      ...(third === undefined ? {} : { third }),
      ...(fourth === undefined ? {} : { fourth }),
      index: number([0, count === undefined ? Number.POSITIVE_INFINITY : count - 1]),
      zone: number(count ?? [1, Number.POSITIVE_INFINITY]),
    };
  },
  // The engine runs the zone; alone, the node gives what its first turn would.
  async evaluate(inputs, { count }) {
    return ok({ ...passCarried(inputs), index: 0, zone: count });
  },
});
