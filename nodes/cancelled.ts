/** Thrown where work stops because somebody asked for it. Not an error: never logged, never shown. */
export class Cancelled extends Error {
  override readonly name = 'Cancelled';
  constructor() {
    super('cancelled');
  }
}

/** Tells long work that it is no longer wanted. Checked between model calls, at least once a step. */
export interface CancelSignal {
  readonly cancelled: boolean;
  /** Throws `Cancelled` once the work is no longer wanted. */
  throwIfCancelled(): void;
}
