/** At most so many events of one kind a second leave the evaluator. */
const SHORTEST_INTERVAL_MS = 1000 / 30;

/** Previews may take this share of the run's time, all told: little enough not to be noticed. */
const PREVIEW_SHARE = 0.01;

/** Says when the next event may be sent. */
export interface RateLimit {
  /** True when it may be sent now, and then it counts as sent. */
  admit(): boolean;
}

/** Lets 30 events a second pass. `now` is in milliseconds. */
export function createRateLimit(now: () => number): RateLimit {
  let nextMs = Number.NEGATIVE_INFINITY;
  return {
    admit() {
      const at = now();
      if (at < nextMs) return false;
      nextMs = at + SHORTEST_INTERVAL_MS;
      return true;
    },
  };
}

/** Makes previews now and then. */
export interface PreviewLimit {
  /** Runs `make` if a preview may be made now. */
  offer(make: () => void): void;
}

/** Spaces previews by what making the last one cost, and never lets more than 30 a second pass. */
export function createPreviewLimit(now: () => number): PreviewLimit {
  let nextMs = Number.NEGATIVE_INFINITY;
  return {
    offer(make) {
      const beganMs = now();
      if (beganMs < nextMs) return;
      make();
      const endedMs = now();
      nextMs = endedMs + Math.max(SHORTEST_INTERVAL_MS, (endedMs - beganMs) / PREVIEW_SHARE);
    },
  };
}
