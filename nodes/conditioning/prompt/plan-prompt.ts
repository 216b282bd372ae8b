import { fail, ok, type Result } from '../../problem.ts';
import type { StepChoice } from '../../socket-values.ts';
import { type PromptNode, parsePromptSchedule, readMarks, readPromptAt } from './prompt-schedule.ts';
import { readWeights } from './read-weights.ts';
import { type PromptPart, splitAnd } from './split-and.ts';

/** More texts than this take longer to encode than anybody waits; a sampler has at most 1000 steps. */
const MOST_TEXTS = 128;
const MOST_CELLS = 1000;

/** Beyond this a weight gives noise at best, and numbers beyond float32 at worst. */
const LARGEST_WEIGHT = 1000;

/** Both encoders' texts, with weights and BREAK still in them. */
export interface TextPair {
  readonly prompt: string;
  /** `null`: the second encoder reads the first text. */
  readonly prompt2: string | null;
}

/** One of the texts that guide together, and how it changes from step to step. */
export interface PlannedText {
  readonly weight: number;
  /** All that it ever says. */
  readonly texts: readonly [TextPair, ...TextPair[]];
  /** Which of them a step is given; undefined where there is one. */
  readonly choice: StepChoice | undefined;
}

/** What must be encoded for a prompt in A1111's syntax. `title`: whose sentences the refusals are. */
export function planPrompt(title: string, prompt: string, prompt2: string | null): Result<PlannedText[]> {
  const parts = splitAnd(prompt);
  const seconds: readonly (PromptPart | undefined)[] = prompt2 === null ? [undefined] : splitAnd(prompt2);
  if (seconds.length > 1 && seconds.length !== parts.length) {
    return fail(
      'node.invalidInput',
      `${title}: AND joins ${parts.length} texts in the prompt and ${seconds.length} in the second one. Join equally many, or write the second prompt without AND.`,
      { socket: 'prompt2' },
    );
  }
  const planned: PlannedText[] = [];
  for (const [index, { text, weight }] of parts.entries()) {
    if (Math.abs(weight) > LARGEST_WEIGHT) return refuseWeight(title, text, weight);
    const second = seconds.length === 1 ? seconds[0] : seconds[index];
    const one = planText(title, text, second?.text ?? null);
    if (!one.ok) return one;
    planned.push({ ...one.value, weight });
  }
  return ok(planned);
}

/** Every way a text reads, and which steps read it so. */
function planText(title: string, prompt: string, prompt2: string | null): Result<Omit<PlannedText, 'weight'>> {
  const trees = [prompt, ...(prompt2 === null ? [] : [prompt2])].map(parsePromptSchedule);
  const { marks, period } = readMarks({ kind: 'group', nodes: trees });
  const shares = marks.filter((when) => when < 1).length;
  const cells = (shares + 1) * (marks.length - shares + 1) * period;
  if (cells > MOST_CELLS) {
    const sentence = `${title}: the changes and alternations of the prompt make ${cells} cases to tell apart; at most ${MOST_CELLS} can be. Use fewer, or alternations of equal length.`;
    return fail('node.invalidInput', sentence, { socket: 'prompt' });
  }
  const texts = new Map<string, { readonly place: number; readonly pair: TextPair }>();
  const picks: number[] = [];
  for (let cell = 0; cell < cells; cell++) {
    const pair = readCell(trees, prompt2 !== null, marks, shares, period, cell);
    const key = JSON.stringify(pair);
    const { place } = texts.get(key) ?? { place: texts.size };
    texts.set(key, { place, pair });
    picks.push(place);
    if (texts.size > MOST_TEXTS) {
      const sentence = `${title}: the prompt reads in more than ${MOST_TEXTS} different ways in the course of the steps, which is more than can be encoded. Use fewer changes and alternations.`;
      return fail('node.invalidInput', sentence, { socket: 'prompt' });
    }
  }
  const [first, ...more] = [...texts.values()].map(({ pair }) => pair);
  if (first === undefined) throw new Error('there is always one case');
  for (const pair of [first, ...more]) {
    const wild = findWildWeight(pair.prompt) ?? findWildWeight(pair.prompt2 ?? '');
    if (wild !== undefined) return refuseWeight(title, wild.text, wild.weight);
  }
  return ok({ texts: [first, ...more], choice: more.length === 0 ? undefined : { marks, period, picks } });
}

function readCell(
  trees: readonly PromptNode[],
  hasSecond: boolean,
  marks: readonly number[],
  shares: number,
  period: number,
  cell: number,
): TextPair {
  const passed = Math.floor(cell / period);
  const others = marks.length - shares + 1;
  const [passedShares, passedSteps] = [Math.floor(passed / others), passed % others];
  const isAfter = (when: number): boolean => {
    const place = marks.indexOf(when);
    return when < 1 ? place < passedShares : place - shares < passedSteps;
  };
  const [prompt = '', second = ''] = trees.map((tree) => readPromptAt(tree, { isAfter, turn: cell % period }));
  return { prompt, prompt2: hasSecond ? second : null };
}

function findWildWeight(prompt: string): { readonly text: string; readonly weight: number } | undefined {
  return readWeights(prompt)
    .flat()
    .find(({ weight }) => !(Math.abs(weight) <= LARGEST_WEIGHT));
}

function refuseWeight(title: string, text: string, weight: number): Result<never> {
  const shown = text.length > 60 ? `${text.slice(0, 57)}…` : text;
  const sentence = `${title}: “${shown}” has the weight ${weight}, and weights go from −${LARGEST_WEIGHT} to ${LARGEST_WEIGHT}. Give it a smaller one; 0.5 to 1.5 is usual.`;
  return fail('node.invalidInput', sentence, { socket: 'prompt' });
}
