import type { InferenceContext } from '../define-node.ts';
import type { AddOnFacts } from '../facts.ts';
import { describeInterval, labelOf } from '../types/describe.ts';
import { intersectFields } from '../types/intersect.ts';
import { namesField, type SocketType, sizeField } from '../types/socket-type.ts';

/** The families that an addition to a checkpoint may have been made for; null where nothing tells. */
export function familiesOf({ family }: AddOnFacts): readonly string[] | null {
  if (family === undefined) return null;
  return typeof family === 'string' ? [family] : family;
}

/** Says so where a LoRA was certainly made for another family than that of what is wired in, or for text of another width. */
export function refuseOtherLora(
  context: InferenceContext,
  facts: AddOnFacts,
  socket: 'model' | 'textEncoder',
  given: SocketType | undefined,
): void {
  const thing = socket === 'model' ? 'model' : 'text encoder';
  const source = context.sourceTitle(socket);
  const [made, found] = [familiesOf(facts), namesField(given, 'family')];
  if (made !== null && found !== null && !found.some((family) => fitsFamily(made, family))) {
    const remedy = `Choose a LoRA that was made for ${nameAll(found)}, or a checkpoint of ${nameAll(made)}.`;
    context.refuse(
      socket,
      `${context.title} has a LoRA for ${nameAll(made)} (${facts.name}), and ${source} gives a ${thing} of the family ${nameAll(found)}. ${remedy}`,
    );
    return;
  }
  const { conditioningWidth: width } = facts;
  if (socket !== 'model' || width === undefined) return;
  const dim = sizeField(given, 'dim');
  if (intersectFields({ kind: 'size', min: width, max: width }, { kind: 'size', ...dim }) !== undefined) return;
  context.refuse(
    socket,
    `${context.title} has a LoRA for text ${width} numbers wide (${facts.name}), and ${source} gives a model that attends to text ${describeInterval(dim)} wide. Choose a LoRA that was made for this kind of model.`,
  );
}

/** Says so where an embedding's vectors are certainly not as wide as the words of the text encoder that is wired in. */
export function refuseOtherEmbedding(context: InferenceContext, facts: AddOnFacts, given: SocketType | undefined): void {
  const source = context.sourceTitle('textEncoder');
  const [made, found] = [familiesOf(facts), namesField(given, 'family')];
  if (made !== null && found !== null && !found.some((family) => fitsFamily(made, family))) {
    context.refuse(
      'textEncoder',
      `${context.title} has an embedding for ${nameAll(made)} (${facts.name}), and ${source} gives a text encoder of the family ${nameAll(found)}. Choose an embedding that was made for ${nameAll(found)}.`,
    );
    return;
  }
  // Two encoders' states stand side by side, so their widths add up.
  const width = facts.encoderWidths?.reduce((sum, one) => sum + one, 0);
  const dim = sizeField(given, 'dim');
  if (width === undefined || intersectFields({ kind: 'size', min: width, max: width }, { kind: 'size', ...dim }) !== undefined) return;
  context.refuse(
    'textEncoder',
    `${context.title} has an embedding ${width} numbers wide (${facts.name}), and ${source} gives a text encoder ${describeInterval(dim)} wide. Choose an embedding that was made for this kind of model.`,
  );
}

/** Models of families that nobody else makes say nothing by their family; there only sizes decide. */
function fitsFamily(made: readonly string[], given: string): boolean {
  return given === 'custom' || made.includes(given);
}

function nameAll(families: readonly string[]): string {
  return families.map(labelOf).join(' or ');
}
