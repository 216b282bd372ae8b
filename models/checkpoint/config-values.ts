import { fail, ok, type Result } from '../../nodes/problem.ts';
import type { JsonObject } from '../read-json.ts';

/** One config file and where it came from, for sentences. */
export interface ConfigFile {
  /** Path of the file; of a config told from tensors, the checkpoint's. */
  readonly path: string;
  readonly json: JsonObject;
}

/** A whole number from 1 up to far beyond any network that exists, or the default where the key is missing. */
export function readSize(config: ConfigFile, key: string, fallback?: number): Result<number> {
  const value = config.json[key] ?? fallback;
  if (typeof value === 'number' && Number.isInteger(value) && value >= 1 && value <= 1_000_000) return ok(value);
  return wrong(config, key, value, 'a whole number from 1 up is wanted');
}

/** A finite number, or the default where the key is missing. */
export function readNumber(config: ConfigFile, key: string, fallback: number): Result<number> {
  const value = config.json[key] ?? fallback;
  return typeof value === 'number' && Number.isFinite(value) ? ok(value) : wrong(config, key, value, 'a number is wanted');
}

/** A list of sizes, or the default where the key is missing. */
export function readSizes(config: ConfigFile, key: string, fallback: readonly number[]): Result<readonly number[]> {
  const value = config.json[key] ?? fallback;
  const isList = Array.isArray(value) && value.length >= 1 && value.length <= 16;
  return isList && value.every((size) => Number.isInteger(size) && size >= 1 && size <= 1_000_000)
    ? ok(value)
    : wrong(config, key, value, 'a list of whole numbers from 1 up is wanted');
}

/** One of a few words, or the default where the key is missing. */
export function readChoice<const T extends string>(config: ConfigFile, key: string, choices: readonly T[], fallback: T): Result<T> {
  const value = config.json[key] ?? fallback;
  const choice = choices.find((one) => one === value);
  return choice === undefined ? wrong(config, key, value, `supported: ${choices.join(', ')}`) : ok(choice);
}

/** A refusal that names file, key and value. */
export function wrong(config: ConfigFile, key: string, value: unknown, wanted: string): Result<never> {
  const text = JSON.stringify(value) ?? 'missing';
  const shown = text.length > 80 ? `${text.slice(0, 77)}…` : text;
  return fail('model.config', `In ${config.path}, "${key}" is ${shown}; ${wanted}. Correct it, or download the config again.`, {
    path: key,
  });
}
