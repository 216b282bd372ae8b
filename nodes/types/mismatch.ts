import { describeInterval, describeType, labelOf } from './describe.ts';
import { intersect, intersectFields } from './intersect.ts';
import type { SocketType } from './socket-type.ts';

/**
 * Why a value of type `given` can certainly not be used where `wanted` is asked for, as the middle of a sentence
 * ("wants an image, and gets a mask"); undefined when it may fit. Silence does not mean that it certainly fits.
 */
export function explainMismatch(given: SocketType, wanted: SocketType): string | undefined {
  if (intersect(given, wanted).kind !== 'never') return undefined;
  if (given.kind === 'struct' && wanted.kind === 'struct' && given.name === wanted.name) {
    for (const [name, want] of Object.entries(wanted.fields)) {
      const got = given.fields[name];
      if (!got || intersectFields(got, want)) continue;
      if (got.kind === 'names' && want.kind === 'names') {
        const names = (set: readonly string[] | null): string => (set ?? []).map(labelOf).join(' or ');
        return `wants ${describeType(wanted)} of ${name} ${names(want.names)}, and gets ${name} ${names(got.names)}`;
      }
      if (got.kind === 'size' && want.kind === 'size') {
        return `wants ${name} ${describeInterval(want)}, and gets ${describeInterval(got)} (${describeType(given)})`;
      }
    }
  }
  return `wants ${describeType(wanted)}, and gets ${describeType(given)}`;
}
