import { isRecord } from '../nodes/is-record.ts';
import { canonicalJson, sortedKeys } from './canonical-json.ts';
import type { GraphDocument } from './document.ts';

/** Top-level fields whose entries stand one a line. */
const BLOCKS: ReadonlySet<string> = new Set(['nodes', 'edges', 'meta']);

/**
 * The one spelling of a document, made for `git diff`: what it is and its version first, then sorted keys; every node, wire,
 * position, frame and note on a line of its own; numbers in their shortest form; a newline at the end.
 */
export function writeGraph(document: GraphDocument): string {
  const { format, version, ...rest } = document;
  const lines = [`  "format": ${canonicalJson(format)}`, `  "version": ${canonicalJson(version)}`];
  for (const key of sortedKeys(rest)) lines.push(`  ${JSON.stringify(key)}: ${writeField(key, rest[key])}`);
  return `{\n${lines.join(',\n')}\n}\n`;
}

function writeField(key: string, value: unknown): string {
  if (!isRecord(value)) return canonicalJson(value);
  if (key === 'layout')
    return writeBlock(value, '  ', (part) => (isRecord(part) ? writeBlock(part, '    ', canonicalJson) : canonicalJson(part)));
  return BLOCKS.has(key) ? writeBlock(value, '  ', canonicalJson) : canonicalJson(value);
}

function writeBlock(record: Readonly<Record<string, unknown>>, indent: string, write: (value: unknown) => string): string {
  const keys = sortedKeys(record);
  if (keys.length === 0) return '{}';
  return `{\n${keys.map((key) => `${indent}  ${JSON.stringify(key)}: ${write(record[key])}`).join(',\n')}\n${indent}}`;
}
