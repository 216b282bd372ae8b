import { useEffect, useRef, useState } from 'react';
import { flushSync } from 'react-dom';

/** What the canvas is doing. */
export type Moving = 'no' | 'yes' | 'zoomingOut';

/** How long filling nodes may take in one frame while a gesture brings them into view: the rest of the frame belongs to the gesture. */
const BUDGET_MS: Readonly<Record<Moving, number>> = { no: 8, yes: 1, zoomingOut: 0 };

/** What is filled in, and emptied again. */
export interface SlowMounted {
  /** Does a part of the work there is, and tells whether that was all. */
  step(isFar: boolean): boolean;
}

/** Fills things in one after another, a few steps in each frame; from afar it empties them. */
export interface SlowMount {
  /** The function returned takes it back. */
  add(mounted: SlowMounted): () => void;
  /** While the canvas moves there is less time, and none while ever more comes into view. */
  setMoving(how: Moving): void;
  /** Zoomed out so far that titles are all that can be read. */
  setFar(isFar: boolean): void;
}

/** A queue with nothing in it. */
export function createSlowMount(): SlowMount {
  const all = new Set<SlowMounted>();
  const waiting = new Set<SlowMounted>();
  let isRunning = false;
  let moving: Moving = 'no';
  let isFar = false;
  const work = (): void => {
    const until = performance.now() + BUDGET_MS[moving];
    for (const mounted of waiting) {
      while (waiting.has(mounted) && performance.now() < until) if (mounted.step(isFar)) waiting.delete(mounted);
      if (performance.now() >= until) break;
    }
    isRunning = waiting.size > 0;
    if (isRunning) requestAnimationFrame(work);
  };
  const start = (): void => {
    if (!isRunning) requestAnimationFrame(work);
    isRunning = true;
  };
  return {
    add(mounted) {
      all.add(mounted);
      waiting.add(mounted);
      start();
      return () => {
        all.delete(mounted);
        waiting.delete(mounted);
      };
    },
    setMoving(now) {
      moving = now;
    },
    setFar(now) {
      if (now === isFar) return;
      isFar = now;
      for (const mounted of all) waiting.add(mounted);
      start();
    },
  };
}

/**
 * How many parts of something are there: none at first, one more as often as there is time, and in the end `Infinity`. Once they are no
 * longer wanted they go all at once, in their turn. Coming and going draw what has them, and nothing else does.
 */
export function useSlowMount(queue: SlowMount, countParts: () => number): number {
  const [shown, show] = useState(0);
  const count = useRef(countParts);
  count.current = countParts;
  useEffect(() => {
    let at = 0;
    return queue.add({
      step(isFar) {
        const end = isFar ? 0 : Number.POSITIVE_INFINITY;
        if (at === end) return true;
        at = !isFar && at + 1 < count.current() ? at + 1 : end;
        flushSync(() => show(at));
        return at === end;
      },
    });
  }, [queue]);
  return shown;
}
