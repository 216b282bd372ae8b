import { setFlagsFromString } from 'node:v8';

let isAsked = false;

/**
 * Has V8 compile code for speed after a quarter of what it waits for by default: what is done between two passes of a small model is then
 * fast after a few pictures instead of after dozens (0.20 ms in place of 0.25, bench/overhead.ts). Not before the first picture is there,
 * which this would delay by 60 ms.
 */
export function compileSooner(): void {
  if (isAsked) return;
  isAsked = true;
  setFlagsFromString('--interrupt-budget=30000');
}
