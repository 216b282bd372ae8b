import type { ControlResiduals } from '../context.ts';
import { fail, type Result } from '../problem.ts';
import type { ConditioningValue, ImagePromptValue, ModelValue } from '../socket-values.ts';
import { concatBatch, repeatBatch, sizeAt } from '../tensor.ts';
import type { RowKinds, StepPlace } from './apply-controls.ts';

/** The refusal for image prompts that cannot go with a model or the other text; undefined where they can. */
export function checkImagePrompts(
  title: string,
  prompts: readonly ImagePromptValue[],
  negative: ConditioningValue | undefined,
  { checkpoint, conditioningWidth }: ModelValue,
): Result<never> | undefined {
  if (prompts.length < (negative?.imagePrompts?.length ?? 0)) {
    return fail(
      'node.invalidInput',
      `${title} gets image prompts with its negative text that the positive one lacks. Those of the positive text act on both: wire Apply IP-Adapter to Positive.`,
      { socket: 'negative' },
    );
  }
  for (const { ipAdapter, tokens } of prompts) {
    const width = sizeAt(tokens, 2);
    if (width === conditioningWidth) continue;
    return fail(
      'model.wrongFamily',
      `${title}: ${ipAdapter.name} makes tokens ${width} numbers wide, and ${checkpoint.name} looks at ${conditioningWidth}. Choose an IP-Adapter that was made for this kind of model.`,
      { socket: 'positive' },
    );
  }
  return undefined;
}

/** What the rows of an input look at, and how much it counts in this step. */
export function lookAt(
  { tokens, without, strength, start, end }: ImagePromptValue,
  kinds: RowKinds,
  rows: number,
  place: StepPlace,
): NonNullable<ControlResiduals['images']>[number] {
  const scale = actsIn({ start, end }, place) ? strength : 0;
  if (kinds === 'both') return { tokens: concatBatch([repeatBatch(without, rows / 2), repeatBatch(tokens, rows / 2)]), scale };
  return { tokens: repeatBatch(kinds === 'withText' ? tokens : without, rows), scale };
}

/** diffusers' rule for the step `index` of `total`. */
export function actsIn({ start, end }: { readonly start: number; readonly end: number }, { index, total }: StepPlace): boolean {
  return !(index / total < start || (index + 1) / total > end);
}
