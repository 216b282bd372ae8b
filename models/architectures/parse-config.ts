import { z } from 'zod';
import { fail, ok, type Result } from '../../nodes/problem.ts';

/**
 * Reads a config of diffusers or transformers. What is not understood comes back as a sentence that names key, value and what is
 * supported; keys that the schema does not name are left alone, as both libraries do. `what` names the network.
 */
export function parseConfig<T>(schema: z.ZodType<T>, json: unknown, what: string): Result<T> {
  const parsed = schema.safeParse(json);
  if (parsed.success) return ok(parsed.data);
  const [issue] = parsed.error.issues;
  if (issue === undefined) throw new Error('a config was refused without a reason');
  const key = issue.path.map(String).join('.');
  const value = valueAt(json, issue.path);
  const subject = key === '' ? `The config of the ${what} is ${show(value)}` : `In the config of the ${what}, "${key}" is ${show(value)}`;
  return fail('model.config', `${subject}; ${wanted(issue)}. Choose a model of a supported kind, or correct its config.json.`, {
    path: key,
  });
}

/** A config key that must be one of a few words, or left out. */
export function oneOf<const T extends readonly (string | number | boolean | null)[]>(values: T): z.ZodType<T[number]> {
  return z.literal(values);
}

/** A size: a whole number from one up to far beyond any network that exists. */
export const size = z.int().min(1).max(1_000_000);

/** How many layers there are: far beyond any network that exists, and few enough that a wrong config is refused within seconds. */
export const depth = z.int().min(1).max(200);

/** How many layers there are, where there may be none. */
export const depthOrNone = z.int().min(0).max(200);

/** What keeps a norm from dividing by zero; the graph's float32 holds it. */
export const epsilon = z.number().min(0).max(1);

/** A factor or an offset of any sign, far below where float32 ends. */
export const factor = z.number().min(-1e6).max(1e6);

/** A factor that is divided by. */
export const divisor = factor.refine((value) => Math.abs(value) >= 1e-6, 'a number other than 0 is wanted');

/** Levels of a U-Net or autoencoder. */
export const MAX_LEVELS = 12;

/** A refusal by a rule that a schema cannot express. */
export function refuseConfig(what: string, key: string, value: unknown, want: string): Result<never> {
  return fail(
    'model.config',
    `In the config of the ${what}, "${key}" is ${show(value)}; ${want}. Choose a model of a supported kind, or correct its config.json.`,
    { path: key },
  );
}

function wanted(issue: z.core.$ZodIssue): string {
  if (issue.code === 'invalid_value') return `supported: ${issue.values.map((value) => show(value)).join(', ')}`;
  if (issue.code === 'invalid_union') {
    const options = issue.errors.flatMap(([first]) => (first === undefined ? [] : [wanted(first)]));
    return [...new Set(options)].join(', or ');
  }
  return issue.message.replace(/^Invalid input: /, '').replace(/^Too (small|big): /, '');
}

function valueAt(json: unknown, path: readonly PropertyKey[]): unknown {
  let value = json;
  for (const key of path) value = typeof value === 'object' && value !== null ? Reflect.get(value, key) : undefined;
  return value;
}

function show(value: unknown): string {
  const text = JSON.stringify(value === Number.POSITIVE_INFINITY ? 'Infinity' : value) ?? 'missing';
  return text.length > 80 ? `${text.slice(0, 77)}…` : text;
}
