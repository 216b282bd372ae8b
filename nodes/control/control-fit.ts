import type { InferenceContext } from '../define-node.ts';
import { fail, type Result } from '../problem.ts';
import type { ConditioningValue, ControlNetValue } from '../socket-values.ts';
import { sizeAt } from '../tensor.ts';
import { describeInterval, labelOf } from '../types/describe.ts';
import { intersectFields } from '../types/intersect.ts';
import { namesField, type SocketType, sizeField } from '../types/socket-type.ts';

const REMEDY = 'Choose a ControlNet that was made for the model’s family.';

/** Says so where a ControlNet was certainly made for another family than the text, or for text of another width. */
export function refuseOtherControlNet(
  context: InferenceContext,
  controlNet: SocketType | undefined,
  conditioning: SocketType | undefined,
): void {
  if (controlNet === undefined || conditioning === undefined) return;
  const [wanted, given] = [namesField(controlNet, 'family'), namesField(conditioning, 'family')];
  const [width, dim] = [sizeField(controlNet, 'dim'), sizeField(conditioning, 'dim')];
  const source = context.sourceTitle('conditioning');
  if (wanted !== null && given !== null && !given.some((family) => fitsFamily(wanted, family))) {
    const names = (families: readonly string[]): string => families.map(labelOf).join(' or ');
    context.refuse(
      'conditioning',
      `${context.title} has a ControlNet for ${names(wanted)}, and ${source} gives text for ${names(given)}. ${REMEDY}`,
    );
    return;
  }
  if (intersectFields({ kind: 'size', ...width }, { kind: 'size', ...dim }) === undefined) {
    context.refuse(
      'conditioning',
      `${context.title} has a ControlNet for text ${describeInterval(width)} numbers wide, and ${source} gives text ${describeInterval(dim)} wide. ${REMEDY}`,
    );
  }
}

/** The refusal for a ControlNet and a text that do not fit after all; undefined where they do. */
export function checkControlNet(
  title: string,
  { family, conditioningWidth }: ControlNetValue,
  conditioning: ConditioningValue,
): Result<never> | undefined {
  if (!fitsFamily([family], conditioning.family)) {
    const sentence = `${title} has a ControlNet for ${labelOf(family)}, and gets text for ${labelOf(conditioning.family)}. ${REMEDY}`;
    return fail('node.invalidInput', sentence, { socket: 'conditioning' });
  }
  const width = sizeAt(conditioning.states, 2);
  if (conditioningWidth !== 0 && width !== conditioningWidth) {
    const sentence = `${title} has a ControlNet for text ${conditioningWidth} numbers wide, and gets text ${width} wide. ${REMEDY}`;
    return fail('node.invalidInput', sentence, { socket: 'conditioning' });
  }
  return undefined;
}

/** A ControlNet's structure says nothing of families that are none of the usual ones; there only sizes decide. */
function fitsFamily(wanted: readonly string[], given: string): boolean {
  return given === 'custom' || wanted.includes(given);
}
