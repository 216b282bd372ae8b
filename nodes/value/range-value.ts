// Several numbers, to run what they are wired to once for each.
import { defineNode } from '../define-node.ts';
import { ok } from '../problem.ts';
import { list, number } from '../types/socket-type.ts';

export const rangeValue = defineNode({
  id: 'value.range',
  version: 1,
  title: 'Number Range',
  category: 'value',
  summary: 'A list of evenly spaced numbers.',
  docs: `
Gives **Count** numbers from **From** to **To**, both included, as a list. Wired into a parameter or an input that takes one number, it runs
that node once for each, and what the node gives becomes a list: a row of pictures for a row of guidance scales. With **Whole** the numbers are
rounded to whole ones (half away from zero), as parameters such as Step need them.`,
  inputs: {},
  outputs: { numbers: { type: 'number', title: 'Numbers', doc: 'A list.' } },
  params: {
    from: { kind: 'number', title: 'From', doc: 'The first number.', default: 0, min: -1e9, max: 1e9 },
    to: { kind: 'number', title: 'To', doc: 'The last number.', default: 1, min: -1e9, max: 1e9 },
    count: { kind: 'int', title: 'Count', doc: 'How many numbers.', default: 5, min: 1, max: 10_000 },
    whole: { kind: 'boolean', title: 'Whole', doc: 'Rounds to whole numbers.', default: false },
  },
  outputTypes(_inputs, { from, to, count }) {
    const range =
      from === undefined || to === undefined ? undefined : ([Math.floor(Math.min(from, to)), Math.ceil(Math.max(from, to))] as const);
    return { numbers: list(number(range), count === undefined ? undefined : { min: count, max: count }) };
  },
  async evaluate(_inputs, { from, to, count, whole }) {
    const values = Array.from({ length: count }, (_, at) => (count === 1 ? from : from + ((to - from) * at) / (count - 1)));
    // By rounding it could lie beyond, where a parameter's range may end.
    if (count > 1) values[count - 1] = to;
    const numbers = whole ? values.map((value) => Math.sign(value) * Math.round(Math.abs(value))) : values;
    // A list where the socket names one number: whatever it is wired to walks through it.
    return ok({ numbers: numbers as unknown as number });
  },
});
