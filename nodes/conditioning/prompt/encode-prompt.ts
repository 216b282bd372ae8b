import type { EvaluateContext, TextRequest } from '../../context.ts';
import { ok, type Result } from '../../problem.ts';
import type { ConditioningValue, GuidingText, TextEncoderValue, TextStates } from '../../socket-values.ts';
import { type PlannedText, planPrompt, type TextPair } from './plan-prompt.ts';

/** A prompt in A1111's syntax as conditioning: every text that it ever says, encoded. `title`: whose sentences the refusals are. */
export async function encodePrompt(
  title: string,
  encoder: TextEncoderValue,
  { prompt, prompt2 = null, clipSkip }: TextRequest & { readonly prompt: string },
  context: EvaluateContext,
): Promise<Result<ConditioningValue>> {
  const plan = planPrompt(title, prompt, prompt2);
  if (!plan.ok) return plan;
  const total = plan.value.reduce((sum, { texts }) => sum + texts.length, 0);
  let done = 0;
  const encode = async (pair: TextPair): Promise<Result<ConditioningValue>> => {
    context.signal.throwIfCancelled();
    const encoded = await context.models.encodeText(encoder, { ...pair, clipSkip, syntax: 'weights' });
    if (total > 1) context.progress(++done, total);
    return encoded;
  };
  const texts: GuidingText[] = [];
  for (const planned of plan.value) {
    const text = await encodeSchedule(planned, encode);
    if (!text.ok) return text;
    texts.push(text.value);
  }
  const [first, ...joined] = texts;
  if (first === undefined) throw new Error('a prompt has at least one text');
  return ok({ kind: 'conditioning', family: encoder.family, ...first, ...(joined.length === 0 ? {} : { joined }) });
}

async function encodeSchedule(
  { texts: [first, ...more], choice, weight }: PlannedText,
  encode: (pair: TextPair) => Promise<Result<ConditioningValue>>,
): Promise<Result<GuidingText>> {
  const own = await encode(first);
  if (!own.ok) return own;
  const texts: TextStates[] = [];
  for (const pair of more) {
    const encoded = await encode(pair);
    if (!encoded.ok) return encoded;
    texts.push(statesOf(encoded.value));
  }
  return ok({
    ...statesOf(own.value),
    ...(choice === undefined ? {} : { schedule: { choice, texts } }),
    ...(weight === 1 ? {} : { weight }),
  });
}

function statesOf({ states, pooled, tokens }: ConditioningValue): TextStates {
  return { states, ...(pooled === undefined ? {} : { pooled }), ...(tokens === undefined ? {} : { tokens }) };
}
