// Several texts, to run what they are wired to once for each.
import { defineNode } from '../define-node.ts';
import { fail, ok } from '../problem.ts';
import { list, text } from '../types/socket-type.ts';

const PLACE = '{}';
const MOST_LINES = 10_000;

export const textList = defineNode({
  id: 'value.textList',
  version: 1,
  title: 'Text List',
  category: 'value',
  summary: 'A list of texts, one a line, put into a pattern.',
  docs: `
Gives each line of **Lines** that is not empty as a text of its own, with ${PLACE} in **Pattern** replaced by it. Wired to a prompt, it runs the text encoder and
all that follows once for each, so that one graph draws a row of styles or subjects; several lists side by side must be equally long.`,
  inputs: {},
  outputs: { texts: { type: 'text', title: 'Texts', doc: 'A list.' } },
  params: {
    pattern: { kind: 'text', title: 'Pattern', doc: `What each line is put into, at ${PLACE}.`, default: PLACE, maxLength: 10_000 },
    lines: { kind: 'text', title: 'Lines', doc: 'One text a line.', default: 'one\ntwo', multiline: true, maxLength: 100_000 },
  },
  outputTypes(_inputs, { pattern, lines }, context) {
    if (pattern === undefined || lines === undefined) return { texts: list(text()) };
    const texts = fillPattern(pattern, lines);
    if (texts.length === 0) context.refuse('lines', `${context.title} has no lines. Write at least one.`, 'graph.invalidParam');
    return { texts: list(text(texts), { min: texts.length, max: texts.length }) };
  },
  async evaluate(_inputs, { pattern, lines }) {
    const texts = fillPattern(pattern, lines);
    if (texts.length === 0) return fail('node.invalidInput', 'Text List has no lines. Write at least one.', { socket: 'lines' });
    // A list where the socket names one text: whatever it is wired to walks through it.
    return ok({ texts: texts as unknown as string });
  },
});

function fillPattern(pattern: string, lines: string): string[] {
  const written = lines.split(/\r?\n/).filter((line) => line.trim() !== '');
  return written.slice(0, MOST_LINES).map((line) => pattern.replaceAll(PLACE, () => line.trim()));
}
