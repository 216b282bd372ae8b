// Where a repetition ends.
import { defineNode } from '../define-node.ts';
import { ok } from '../problem.ts';
import { carriedInputs, carriedOutputs, passCarried } from './repeat-sockets.ts';

export const repeatEnd = defineNode({
  id: 'flow.repeatEnd',
  version: 1,
  title: 'Repeat End',
  category: 'flow',
  summary: 'Ends a part of the graph that runs several times, and gives what the last turn came to.',
  docs: `
Wire **Zone** to the Repeat Start of the same repetition. What is wired to **First** to **Fourth** is carried to the next turn, and after
the last turn it is what this node gives. A value that changes its kind from turn to turn is refused by whatever reads it.`,
  inputs: {
    zone: { type: 'number', title: 'Zone', doc: 'From the Repeat Start of this repetition.' },
    ...carriedInputs('What is carried to the next turn.'),
  },
  outputs: carriedOutputs('What the last turn came to.'),
  params: {},
  zone: 'end',
  outputTypes({ first, second, third, fourth }) {
    return {
      ...(first === undefined ? {} : { first }),
      ...(second === undefined ? {} : { second }),
      ...(third === undefined ? {} : { third }),
      ...(fourth === undefined ? {} : { fourth }),
    };
  },
  async evaluate(inputs) {
    return ok(passCarried(inputs));
  },
});
