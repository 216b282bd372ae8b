import type { InferenceContext } from '../define-node.ts';
import { fail, type Result } from '../problem.ts';
import type { ConditioningValue, ControlNetValue } from '../socket-values.ts';
import { sizeAt } from '../tensor.ts';
import { describeInterval, labelOf } from '../types/describe.ts';
import { intersectFields } from '../types/intersect.ts';
import { namesField, type SocketType, sizeField } from '../types/socket-type.ts';

/** What goes along with a text, as it is called in a sentence. */
type AddOnTitle = 'a ControlNet' | 'an IP-Adapter';

function remedy(what: AddOnTitle): string {
  return `Choose ${what} that was made for the model’s family.`;
}

/** Says so where a ControlNet or IP-Adapter was certainly made for another family than the text, or for text of another width. */
export function refuseOtherAddOn(
  context: InferenceContext,
  what: AddOnTitle,
  addOn: SocketType | undefined,
  conditioning: SocketType | undefined,
): void {
  if (addOn === undefined || conditioning === undefined) return;
  const [wanted, given] = [namesField(addOn, 'family'), namesField(conditioning, 'family')];
  const [width, dim] = [sizeField(addOn, 'dim'), sizeField(conditioning, 'dim')];
  const source = context.sourceTitle('conditioning');
  if (wanted !== null && given !== null && !given.some((family) => fitsFamily(wanted, family))) {
    const names = (families: readonly string[]): string => families.map(labelOf).join(' or ');
    context.refuse(
      'conditioning',
      `${context.title} has ${what} for ${names(wanted)}, and ${source} gives text for ${names(given)}. ${remedy(what)}`,
    );
    return;
  }
  if (intersectFields({ kind: 'size', ...width }, { kind: 'size', ...dim }) === undefined) {
    context.refuse(
      'conditioning',
      `${context.title} has ${what} for text ${describeInterval(width)} numbers wide, and ${source} gives text ${describeInterval(dim)} wide. ${remedy(what)}`,
    );
  }
}

/** The refusal for a ControlNet or IP-Adapter and a text that do not fit after all; undefined where they do. */
export function checkAddOnFit(
  title: string,
  what: AddOnTitle,
  { family, conditioningWidth }: Pick<ControlNetValue, 'family' | 'conditioningWidth'>,
  conditioning: ConditioningValue,
): Result<never> | undefined {
  if (!fitsFamily([family], conditioning.family)) {
    const sentence = `${title} has ${what} for ${labelOf(family)}, and gets text for ${labelOf(conditioning.family)}. ${remedy(what)}`;
    return fail('node.invalidInput', sentence, { socket: 'conditioning' });
  }
  const width = sizeAt(conditioning.states, 2);
  if (conditioningWidth !== 0 && width !== conditioningWidth) {
    const sentence = `${title} has ${what} for text ${conditioningWidth} numbers wide, and gets text ${width} wide. ${remedy(what)}`;
    return fail('node.invalidInput', sentence, { socket: 'conditioning' });
  }
  return undefined;
}

/** Structure says nothing of families that are none of the usual ones; there only sizes decide. */
function fitsFamily(wanted: readonly string[], given: string): boolean {
  return given === 'custom' || wanted.includes('custom') || wanted.includes(given);
}
