import { fail, ok, type Result } from '../problem.ts';

const STRING_OR_BARE_WORD = /"(?:[^"\\]|\\.)*"|-?\bInfinity\b|\bNaN\b/gs;

/**
 * JSON as Python writes it: `Infinity`, `-Infinity` and `NaN` may stand bare (diffusers' own files have such a
 * `lambda_min_clipped`) and come back as text of the same name.
 */
export function parsePythonJson(text: string): Result<unknown> {
  const strict = text.replace(STRING_OR_BARE_WORD, (token) => (token.startsWith('"') ? token : `"${token}"`));
  try {
    return ok(JSON.parse(strict));
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    return fail('scheduler.option', `The scheduler configuration is not JSON: ${reason}.`);
  }
}
