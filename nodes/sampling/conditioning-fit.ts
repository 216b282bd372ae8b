import type { InferenceContext } from '../define-node.ts';
import { fail, type Result } from '../problem.ts';
import type { ConditioningValue, ModelValue } from '../socket-values.ts';
import { sizeAt } from '../tensor.ts';
import { describeInterval, labelOf } from '../types/describe.ts';
import { intersectFields } from '../types/intersect.ts';
import { namesField, type SocketType, sizeField } from '../types/socket-type.ts';

const REMEDY = 'Encode the text with the text encoder of the same checkpoint.';

/** Says so where text was certainly encoded for another family, or to another width than the model attends to. */
export function refuseOtherFamily(
  context: InferenceContext,
  model: SocketType | undefined,
  socket: string,
  conditioning: SocketType | undefined,
): void {
  if (model === undefined || conditioning === undefined) return;
  const [wanted, given] = [namesField(model, 'family'), namesField(conditioning, 'family')];
  const [width, dim] = [sizeField(model, 'dim'), sizeField(conditioning, 'dim')];
  const source = context.sourceTitle(socket);
  if (intersectFields({ kind: 'size', ...width }, { kind: 'size', ...dim }) === undefined) {
    context.refuse(
      socket,
      `${context.title} has a model that attends to text ${describeInterval(width)} numbers wide, and ${source} gives text ${describeInterval(dim)} wide. ${REMEDY}`,
    );
    return;
  }
  if (wanted === null || given === null || wanted.some((name) => given.includes(name))) return;
  const names = (families: readonly string[]): string => families.map(labelOf).join(' or ');
  context.refuse(
    socket,
    `${context.title} has a model of the family ${names(wanted)}, and ${source} gives text for ${names(given)}. ${REMEDY}`,
  );
}

/** The refusal for values that do not fit after all; undefined where they do. `title`: whose sentence it is. */
export function checkConditioning(
  model: ModelValue,
  socket: string,
  { states, pooled, family }: ConditioningValue,
  title = 'Sampler',
): Result<never> | undefined {
  const width = sizeAt(states, 2);
  if (width !== model.conditioningWidth) {
    const sentence = `${title} has a model that attends to text ${model.conditioningWidth} numbers wide, and gets text ${width} wide. ${REMEDY}`;
    return fail('node.invalidInput', sentence, { socket });
  }
  if (family !== model.family) {
    const sentence = `${title} has a model of the family ${labelOf(model.family)}, and gets text for ${labelOf(family)}. ${REMEDY}`;
    return fail('node.invalidInput', sentence, { socket });
  }
  if (model.timeIds > 0 && pooled === undefined) {
    return fail('node.invalidInput', `${title} has a model that needs pooled text, and gets none. ${REMEDY}`, { socket });
  }
  return undefined;
}
