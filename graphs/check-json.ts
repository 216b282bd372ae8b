import { shorten } from './node-name.ts';

/** How deep values may be nested, in files and in memory: everything below may walk them by recursion. */
export const MAX_DEPTH = 64;

/** Keys with a meaning of their own for every JavaScript object; no document may hold them. */
export const RESERVED_KEYS: ReadonlySet<string> = new Set(['__proto__', 'constructor', 'prototype']);

/** Half of a surrogate pair: a text that cannot be written as UTF-8. */
const LONE_SURROGATE = /\p{Surrogate}/u;

/** True for text that UTF-8 can hold. */
export function isWellFormedText(text: string): boolean {
  return !LONE_SURROGATE.test(text);
}

/**
 * Why a value cannot stand in a document, as the end of a sentence ("holds a function"); undefined when it is JSON. Walks
 * without recursion, so that no nesting is too deep to be refused.
 */
export function explainNotJson(value: unknown, maxDepth = MAX_DEPTH): string | undefined {
  const waiting: { value: unknown; depth: number }[] = [{ value, depth: 0 }];
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    const { value: one, depth } = next;
    if (one === null || typeof one === 'string' || typeof one === 'boolean') continue;
    if (typeof one === 'number') {
      if (Number.isNaN(one)) return 'holds NaN, which JSON has no place for';
      continue;
    }
    if (typeof one !== 'object') return `holds ${one === undefined ? 'undefined' : `a ${typeof one}`}, which JSON has no place for`;
    if (depth >= maxDepth) return `is nested more than ${maxDepth} levels deep`;
    if (Array.isArray(one)) {
      for (const item of one) waiting.push({ value: item, depth: depth + 1 });
      continue;
    }
    const parent: unknown = Object.getPrototypeOf(one);
    if (parent !== Object.prototype && parent !== null) return 'holds an object that is not plain JSON';
    for (const [key, item] of Object.entries(one)) {
      if (RESERVED_KEYS.has(key)) return `holds the key ${shorten(key)}, which is reserved`;
      waiting.push({ value: item, depth: depth + 1 });
    }
  }
  return undefined;
}
