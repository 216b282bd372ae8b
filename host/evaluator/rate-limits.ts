/** At most so many previews a second leave the evaluator. */
const SHORTEST_INTERVAL_MS = 1000 / 30;

/**
 * Progress is told ten times a second, which a bar or a line needs no more of: each message wakes the host, and on few cores takes a part
 * of a millisecond from the model.
 */
const PROGRESS_INTERVAL_MS = 100;

/** Previews may take this share of the run's time, all told: little enough not to be noticed. */
const PREVIEW_SHARE = 0.01;

/** Says when the next event may be sent. */
export interface RateLimit {
  /** True when it may be sent now, and then it counts as sent. */
  admit(): boolean;
}

/** True when something that went on for so long may send a last event: such events alone stay below 30 a second. */
export function isWorthALastWord(durationMs: number): boolean {
  return durationMs >= SHORTEST_INTERVAL_MS;
}

/** Lets 10 events a second pass. `now` is in milliseconds. */
export function createRateLimit(now: () => number): RateLimit {
  let nextMs = Number.NEGATIVE_INFINITY;
  return {
    admit() {
      const at = now();
      if (at < nextMs) return false;
      nextMs = at + PROGRESS_INTERVAL_MS;
      return true;
    },
  };
}

/** After a preview that a network made because somebody chose it, so many times as long as it took passes: a fifth of the time goes into them. */
const DECODED_WAIT = 4;

/** Makes previews now and then. */
export interface PreviewLimit {
  /** Runs `make` if a preview may be made now; false if not. */
  offer(make: () => void): boolean;
  /** Runs `make` unless that would be more than 30 a second, whatever the last one cost: for what is final. */
  offerLast(make: () => void): void;
  /** Runs and awaits `make`, which takes longer, if a preview may be made now; `isLast` as in `offerLast`. */
  offerDecoded(make: () => Promise<void>, isLast: boolean): Promise<void>;
}

/** Spaces previews by what making the last one cost, and never lets more than 30 a second pass. */
export function createPreviewLimit(now: () => number): PreviewLimit {
  let soonestMs = Number.NEGATIVE_INFINITY;
  let nextMs = Number.NEGATIVE_INFINITY;
  const measure = (beganMs: number, make: () => void): void => {
    make();
    const endedMs = now();
    soonestMs = endedMs + SHORTEST_INTERVAL_MS;
    nextMs = Math.max(soonestMs, endedMs + (endedMs - beganMs) / PREVIEW_SHARE);
  };
  return {
    offer(make) {
      const atMs = now();
      if (atMs < nextMs) return false;
      measure(atMs, make);
      return true;
    },
    offerLast(make) {
      const atMs = now();
      if (atMs >= soonestMs) measure(atMs, make);
    },
    async offerDecoded(make, isLast) {
      const atMs = now();
      if (atMs < (isLast ? soonestMs : nextMs)) return;
      await make();
      const endedMs = now();
      soonestMs = endedMs + SHORTEST_INTERVAL_MS;
      nextMs = Math.max(soonestMs, endedMs + (endedMs - atMs) * DECODED_WAIT);
    },
  };
}
