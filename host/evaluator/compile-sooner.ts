import { setFlagsFromString } from 'node:v8';

/** V8 11, Node 20's, asks a function several times how much it is run before it compiles it for speed, the more often the longer it is. */
const ASK_ONCE = ['--ticks-before-optimization=0', '--bytecode-size-allowance-per-tick=10000'];

/** Later ones ask once; they can be made to ask earlier. */
const ASK_EARLIER = ['--interrupt-budget=30000'];

let isAsked = false;

/**
 * Has V8 compile code for speed sooner than by itself: what is done between two passes of a small model is then fast after five pictures
 * instead of after dozens (0.19 ms in place of 0.25, bench/overhead.ts). Not before the first picture is there, which this would delay.
 */
export function compileSooner(): void {
  if (isAsked) return;
  isAsked = true;
  for (const flag of process.versions.v8.startsWith('11.') ? ASK_ONCE : ASK_EARLIER) setFlagsFromString(flag);
}
