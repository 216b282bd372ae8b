import { useEffect, useRef, useState } from 'react';
import { flushSync } from 'react-dom';

/** How long filling nodes may take in one frame while a gesture brings them into view: the rest of the frame belongs to the gesture. */
const BUDGET_MOVING_MS = 1;
const BUDGET_RESTING_MS = 8;

/** Fills things in one after another, a few steps in each frame. */
export interface SlowMount {
  /** Calls `step` soon, and again until it says that nothing is left to do; the function returned takes it back. */
  add(step: () => boolean): () => void;
  /** While the canvas moves there is less time. */
  setMoving(isMoving: boolean): void;
}

/** A queue with nothing in it. */
export function createSlowMount(): SlowMount {
  const waiting = new Set<() => boolean>();
  let isRunning = false;
  let isMoving = false;
  const work = (): void => {
    const until = performance.now() + (isMoving ? BUDGET_MOVING_MS : BUDGET_RESTING_MS);
    for (const step of waiting) {
      while (waiting.has(step) && performance.now() < until) if (step()) waiting.delete(step);
      if (performance.now() >= until) break;
    }
    isRunning = waiting.size > 0;
    if (isRunning) requestAnimationFrame(work);
  };
  return {
    add(step) {
      waiting.add(step);
      if (!isRunning) requestAnimationFrame(work);
      isRunning = true;
      return () => waiting.delete(step);
    },
    setMoving(now) {
      isMoving = now;
    },
  };
}

/**
 * How many parts of something are there: none at first, one more as often as there is time, and in the end `Infinity`. Once they are no
 * longer wanted they go all at once, in their turn.
 */
export function useSlowMount(queue: SlowMount, isWanted: boolean, countParts: () => number): number {
  const [shown, show] = useState(0);
  const at = useRef(0);
  const count = useRef(countParts);
  count.current = countParts;
  useEffect(() => {
    const end = isWanted ? Number.POSITIVE_INFINITY : 0;
    if (at.current === end) return undefined;
    return queue.add(() => {
      at.current = isWanted && at.current + 1 < count.current() ? at.current + 1 : end;
      flushSync(() => show(at.current));
      return at.current === end;
    });
  }, [queue, isWanted]);
  return shown;
}
