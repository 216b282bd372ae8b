import { fail, ok, type Problem, problem, type Result } from '../nodes/problem.ts';
import { MAX_DEPTH, RESERVED_KEYS } from './check-json.ts';
import { findDuplicateKeys } from './find-duplicate-keys.ts';
import { quote, shorten } from './node-name.ts';

/** How much a graph file may hold. */
export interface ReadLimits {
  readonly characters: number;
  readonly depth: number;
  readonly nodes: number;
  readonly edges: number;
  /** Sentences of one kind that are told one by one. */
  readonly problems: number;
}

/** Limits far above what people draw and below what would stop the process. */
export const READ_LIMITS: ReadLimits = { characters: 2 ** 27, depth: MAX_DEPTH, nodes: 500_000, edges: 2_000_000, problems: 1_000 };

/** Text to JSON, checked for what `JSON.parse` lets pass: size, depth, doubled keys, reserved keys. */
export function parseJson(text: string, limits: ReadLimits): Result<{ value: unknown; problems: Problem[] }> {
  if (text.length > limits.characters) {
    return refuse(`The file has ${text.length} characters; a graph may have ${limits.characters}. Is it really a graph?`);
  }
  // Editors on Windows put a byte order mark before the text; it is not part of it.
  const json = text.startsWith('\uFEFF') ? text.slice(1) : text;
  let value: unknown;
  try {
    value = JSON.parse(json);
  } catch (error) {
    return refuse(explainSyntax(json, error));
  }
  const problems = findDuplicateKeys(json).map((path) =>
    problem('graph.damaged', `The file says ${quote(path)} twice. The last one is used; remove the other.`, { path: shortPath(path) }),
  );
  const cleaned = dropReservedKeys(value, limits);
  if (!cleaned.ok) return cleaned;
  return ok({ value, problems: [...problems, ...cleaned.value] });
}

function refuse(message: string): Result<never> {
  return fail('graph.damaged', message);
}

function explainSyntax(json: string, error: unknown): string {
  if (json.trim() === '') return 'The file is empty; a graph file holds JSON.';
  if (/[:,[]\s*-?(?:NaN|Infinity)/.test(json)) {
    return 'The file is not a graph: it holds NaN or Infinity, which JSON has no place for. Write a number, or null.';
  }
  const reason = error instanceof Error ? error.message : String(error);
  const oneLine = reason.replace(/[\p{Cc}\p{Surrogate}]+/gu, ' ').slice(0, 160);
  return `The file is not a graph: it is not valid JSON (${oneLine}). It may have been cut off or edited by hand.`;
}

/** Removes keys that no document may hold, in place: the value was just parsed and is nobody else's. */
function dropReservedKeys(root: unknown, limits: ReadLimits): Result<Problem[]> {
  const problems: Problem[] = [];
  const waiting: { value: unknown; depth: number; path: string }[] = [{ value: root, depth: 0, path: '' }];
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    const { value, depth, path } = next;
    if (typeof value !== 'object' || value === null) continue;
    if (depth >= limits.depth) {
      return refuse(`The file nests values more than ${limits.depth} levels deep, which no graph does (at ${shortPath(path)}).`);
    }
    for (const key of Object.keys(value)) {
      const inner = path === '' ? key : `${path}.${key}`;
      if (!RESERVED_KEYS.has(key)) {
        const child = (value as Record<string, unknown>)[key]; // an own key of this very object
        if (typeof child === 'object' && child !== null) waiting.push({ value: child, depth: depth + 1, path: inner });
        continue;
      }
      delete (value as Record<string, unknown>)[key]; // an own key of this very object
      if (problems.length >= limits.problems) continue;
      const message = `The name ${quote(key)} is reserved and can't be used in a graph; what stood under it was left out. Choose another name.`;
      problems.push(problem('graph.damaged', message, { path: shortPath(inner) }));
    }
  }
  return ok(problems);
}

/** A path short enough for a report, however long the names in a damaged file are. */
function shortPath(path: string): string {
  return path.length > 200 ? `${shorten(path.slice(0, 100))}…` : path;
}
