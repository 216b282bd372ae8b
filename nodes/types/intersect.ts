import type { FieldType, Interval, NameSet, SocketType } from './socket-type.ts';
import { union } from './socket-type.ts';

const NEVER: SocketType = { kind: 'never' };

/** What is known of a value that has both types; `never` when no value can. */
export function intersect(a: SocketType, b: SocketType): SocketType {
  if (a === b || a.kind === 'any') return b;
  if (b.kind === 'any') return a;
  if (a.kind === 'union') return union(...a.members.map((member) => intersect(member, b)));
  if (b.kind === 'union') return union(...b.members.map((member) => intersect(a, member)));
  if (a.kind === 'number' && b.kind === 'number') {
    const range = intersectIntervals(a, b);
    return range ? { kind: 'number', ...range } : NEVER;
  }
  if (a.kind === 'text' && b.kind === 'text') {
    const values = intersectNames(a.values, b.values);
    return values === undefined ? NEVER : { kind: 'text', values };
  }
  if (a.kind === 'struct' && b.kind === 'struct') {
    if (a.name !== b.name) return NEVER;
    // Mostly one side says nothing new; inference asks this for every wire.
    let fields: Record<string, FieldType> | undefined;
    for (const name of Object.keys(a.fields)) {
      const left = a.fields[name];
      const right = b.fields[name];
      if (left === undefined || right === undefined) continue;
      const both = intersectFields(left, right);
      if (both === undefined) return NEVER;
      if (both === left) continue;
      fields ??= { ...a.fields };
      fields[name] = both;
    }
    return fields === undefined ? a : { kind: 'struct', name: a.name, fields };
  }
  if (a.kind === 'list' && b.kind === 'list') {
    const item = intersect(a.item, b.item);
    const length = intersectIntervals(a.length, b.length);
    return item.kind === 'never' || !length ? NEVER : { kind: 'list', item, length };
  }
  return a.kind === b.kind && (a.kind === 'boolean' || a.kind === 'seed') ? a : NEVER;
}

/** The common part of two fields, or undefined when there is none. */
export function intersectFields(a: FieldType, b: FieldType): FieldType | undefined {
  if (a.kind === 'size' && b.kind === 'size') {
    if (b.min <= a.min && a.max <= b.max) return a;
    const range = intersectIntervals(a, b);
    return range && { kind: 'size', ...range };
  }
  if (a.kind === 'names' && b.kind === 'names') {
    if (b.names === null) return a;
    const names = intersectNames(a.names, b.names);
    return names === undefined ? undefined : { kind: 'names', names };
  }
  return undefined;
}

function intersectIntervals(a: Interval, b: Interval): Interval | undefined {
  const min = Math.max(a.min, b.min);
  const max = Math.min(a.max, b.max);
  return min <= max ? { min, max } : undefined;
}

function intersectNames(a: NameSet, b: NameSet): NameSet | undefined {
  if (a === null) return b;
  if (b === null) return a;
  const both = a.filter((name) => b.includes(name));
  return both.length === 0 ? undefined : both;
}
