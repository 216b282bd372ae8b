import type { GuidingText, StepChoice, TextStates } from '../../socket-values.ts';

/** Which of the texts a step is given; `step` counts from 0, `steps` are all there are. */
export function chooseAt({ marks, period, picks }: StepChoice, step: number, steps: number): number {
  const isPassed = (when: number): boolean => step + 1 > Math.trunc(when < 1 ? when * steps : when);
  const shares = marks.filter((when) => when < 1);
  const others = marks.slice(shares.length);
  const passed = shares.filter(isPassed).length * (others.length + 1) + others.filter(isPassed).length;
  const pick = picks[passed * period + (step % period)];
  if (pick === undefined) throw new Error(`a choice of ${picks.length} places lacks the one for step ${step} of ${steps}`);
  return pick;
}

/** What a text says in a step. */
export function textAt(text: GuidingText, step: number, steps: number): TextStates {
  if (text.schedule === undefined) return text;
  const place = chooseAt(text.schedule.choice, step, steps);
  const found = place === 0 ? text : text.schedule.texts[place - 1];
  if (found === undefined) throw new Error(`a schedule of ${text.schedule.texts.length + 1} texts has none at ${place}`);
  return found;
}
