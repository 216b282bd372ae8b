import { useEffect, useState } from 'react';
import { flushSync } from 'react-dom';

/** How long filling nodes may take in one frame: the rest of it belongs to the gesture that brought them into view. */
const BUDGET_MS = 4;

/** Fills things in one after another, a few in each frame. */
export interface SlowMount {
  /** Calls `fill` soon; the function returned takes it back. */
  add(fill: () => void): () => void;
}

/** A queue with nothing in it. */
export function createSlowMount(): SlowMount {
  const waiting = new Set<() => void>();
  let isRunning = false;
  const work = (): void => {
    const began = performance.now();
    for (const fill of waiting) {
      waiting.delete(fill);
      fill();
      if (performance.now() - began > BUDGET_MS) break;
    }
    isRunning = waiting.size > 0;
    if (isRunning) requestAnimationFrame(work);
  };
  return {
    add(fill) {
      waiting.add(fill);
      if (!isRunning) requestAnimationFrame(work);
      isRunning = true;
      return () => waiting.delete(fill);
    },
  };
}

/** False at first, true as soon as there is time. */
export function useSlowMount(queue: SlowMount): boolean {
  const [isFilled, setFilled] = useState(false);
  useEffect(() => queue.add(() => flushSync(() => setFilled(true))), [queue]);
  return isFilled;
}
