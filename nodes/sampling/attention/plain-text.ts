import { fail, ok, type Result } from '../../problem.ts';
import type { ConditioningValue, TextTokens } from '../../socket-values.ts';

/** Where the words of a conditioning stand, if it is one text that stays the same everywhere and in every step. */
export function tokensOfPlainText(title: string, socket: string, conditioning: ConditioningValue): Result<TextTokens> {
  const { joined, beside, region, schedule, tokens } = conditioning;
  const what =
    (joined?.length ?? 0) > 0
      ? 'texts joined with AND'
      : (beside?.length ?? 0) > 0 || region !== undefined
        ? 'texts for regions'
        : schedule !== undefined
          ? 'a text that changes from step to step'
          : undefined;
  if (what !== undefined) {
    return fail('node.invalidInput', `${title} looks at one text for the whole picture, and gets ${what}. Wire one Text Encoder to it.`, {
      socket,
    });
  }
  if (tokens === undefined) {
    return fail('node.invalidInput', `${title} does not know the words of its text. Wire a Text Encoder to it.`, { socket });
  }
  return ok(tokens);
}
