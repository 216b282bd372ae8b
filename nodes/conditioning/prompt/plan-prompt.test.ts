import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { chooseAt } from './choose-text.ts';
import { type PlannedText, planPrompt } from './plan-prompt.ts';

function plan(prompt: string, prompt2: string | null = null): PlannedText[] {
  const planned = planPrompt('Text Encoder', prompt, prompt2);
  if (!planned.ok) throw new Error(planned.problem.message);
  return planned.value;
}

/** What the first text reads in each of `steps` steps. */
function readAll(prompt: string, steps: number): (string | undefined)[] {
  const [{ texts, choice } = plan('')[0]!] = plan(prompt); // a plan has at least one part
  return Array.from({ length: steps }, (_, step) => texts[choice === undefined ? 0 : chooseAt(choice, step, steps)]?.prompt);
}

describe('planPrompt', () => {
  it('takes a text without markup as it is', () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        fc.pre(!/[[(\\]|AND/.test(text));
        expect(plan(text)).toEqual([{ weight: 1, texts: [{ prompt: text, prompt2: null }], choice: undefined }]);
      }),
    );
  });

  it('follows shares of the steps, numbers of steps and alternations, for any number of steps', () => {
    const prompt = 'a [b:c:0.5] [d:12] [e|f|g]';
    for (const steps of [1, 4, 10, 20, 50]) {
      const expected = Array.from({ length: steps }, (_, step) => {
        const change = step + 1 > Math.trunc(steps / 2) ? 'c' : 'b';
        return `a ${change} ${step + 1 > 12 ? 'd' : ''} ${'efg'[step % 3]}`;
      });
      expect(readAll(prompt, steps)).toEqual(expected);
    }
  });

  it('encodes what reads alike once', () => {
    const [text] = plan('[a|b|a] [c:c:0.5]');
    expect(text?.texts.map(({ prompt }) => prompt)).toEqual(['a c', 'b c']);
  });

  it('pairs the texts of both encoders', () => {
    expect(plan('a :2 AND b', '[c:d:3]')).toMatchObject([
      { weight: 2, texts: [{ prompt: 'a', prompt2: 'c' }, { prompt: 'a', prompt2: 'd' }] }, // biome-ignore format: pairs
      { weight: 1, texts: [{ prompt: 'b', prompt2: 'c' }, { prompt: 'b', prompt2: 'd' }] }, // biome-ignore format: pairs
    ]);
    expect(plan('a AND b', 'c AND d').map(({ texts }) => texts)).toEqual([
      [{ prompt: 'a', prompt2: 'c' }],
      [{ prompt: 'b', prompt2: 'd' }],
    ]);
  });

  it.each([
    ['a AND b', 'c AND d AND e', 'AND joins 2 texts in the prompt and 3 in the second one'],
    ['(a:5000)', null, '“a” has the weight 5000, and weights go from −1000 to 1000'],
    [`${'('.repeat(9000)}a`, null, 'has the weight Infinity'],
    ['a :1001 AND b', null, '“a” has the weight 1001'],
    [[2, 3, 5, 7, 11].map((count) => `[${'x|'.repeat(count - 1)}y]`).join(), null, 'make 2310 cases to tell apart; at most 1000'],
    [`[${Array.from({ length: 200 }, (_, at) => at).join('|')}]`, null, 'reads in more than 128 different ways'],
    [Array.from({ length: 400 }, (_, at) => `[${'x|'.repeat(at)}y]`).join(''), null, 'cases to tell apart'],
  ])('refuses %s', (prompt, prompt2, sentence) => {
    const planned = planPrompt('Text Encoder', prompt, prompt2);
    expect(planned).toMatchObject({ ok: false, problem: { code: 'node.invalidInput' } });
    if (!planned.ok) expect(planned.problem.message).toContain(sentence);
  });
});
