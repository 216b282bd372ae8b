/** Which windows are there, told from the connections that speak for them. */
export interface WindowPresence {
  /** A new connection. */
  join(): WindowSeat;
  /** Nobody is waited for any more. */
  close(): void;
}

/** One connection. */
export interface WindowSeat {
  /** A call over it was this window's. */
  speaksFor(window: string): void;
  /** It has closed. */
  leave(): void;
}

/** Tells `onGone` of each window that no connection has spoken for since its last one closed, `graceMs` ago. */
export function createWindowPresence(graceMs: number, onGone: (window: string) => void): WindowPresence {
  const seats = new Map<string, Set<WindowSeat>>();
  const leaving = new Map<string, NodeJS.Timeout>();
  let isClosed = false;

  const stay = (window: string): void => {
    clearTimeout(leaving.get(window));
    leaving.delete(window);
  };
  return {
    join() {
      const windows = new Set<string>();
      const seat: WindowSeat = {
        speaksFor(window) {
          if (windows.has(window)) return;
          windows.add(window);
          stay(window);
          seats.set(window, (seats.get(window) ?? new Set()).add(seat));
        },
        leave() {
          for (const window of windows) {
            const those = seats.get(window);
            those?.delete(seat);
            if (those === undefined || those.size > 0) continue;
            seats.delete(window);
            if (isClosed) continue;
            // A page that is loaded anew, or whose connection broke, is back in a moment.
            const timer = setTimeout(() => {
              leaving.delete(window);
              onGone(window);
            }, graceMs);
            leaving.set(window, timer.unref());
          }
          windows.clear();
        },
      };
      return seat;
    },
    close() {
      isClosed = true;
      for (const timer of leaving.values()) clearTimeout(timer);
      leaving.clear();
    },
  };
}
