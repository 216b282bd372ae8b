import { intersect } from '../nodes/types/intersect.ts';
import { type Interval, list, number, type SocketType } from '../nodes/types/socket-type.ts';

/** A list type taken apart: the lengths of its axes, outermost first, and the type of the single items. */
export interface PeeledType {
  readonly lengths: readonly Interval[];
  readonly item: SocketType;
}

/** Takes up to `most` lists off a type. */
export function peelLists(type: SocketType, most = Number.POSITIVE_INFINITY): PeeledType {
  const lengths: Interval[] = [];
  let item = type;
  while (item.kind === 'list' && lengths.length < most) {
    lengths.push(item.length);
    item = item.item;
  }
  return { lengths, item };
}

/** How many lists a value of this type is nested in. */
export function listDepth(type: SocketType): number {
  return peelLists(type).lengths.length;
}

/** Puts lists of these lengths around a type, the first one outermost. */
export function wrapInLists(item: SocketType, lengths: readonly Interval[]): SocketType {
  return lengths.reduceRight<SocketType>((inner, length) => list(inner, length), item);
}

/** The lengths that two lists walked side by side have; undefined where they can't be equally long. */
export function zipLengths(a: Interval, b: Interval): Interval | undefined {
  const both = intersect(number(a), number(b));
  return both.kind === 'number' ? { min: both.min, max: both.max } : undefined;
}
