import type { SchedulerSnapshot } from './scheduler.ts';

/** The only state of a scheduler. Arrays are stored, never written to, so a snapshot costs nothing. */
export class SolverMemory {
  calls = 0;
  outputs: readonly Float32Array[] = [];
  sample: Float32Array | null = null;
  partial: Float32Array | null = null;

  /** Adds an output as the newest and forgets the oldest beyond `limit`. */
  remember(output: Float32Array, limit: number): void {
    this.outputs = [...this.outputs, output].slice(-limit);
  }

  /** An output by age: 0 is the newest. Asking for one that was never made is a bug. */
  output(age: number): Float32Array {
    const found = this.outputs.at(-1 - age);
    if (found === undefined) throw new Error(`a solver asked for output ${age} of ${this.outputs.length}`);
    return found;
  }

  /** The state as data. */
  snapshot(): SchedulerSnapshot {
    return { calls: this.calls, outputs: this.outputs, sample: this.sample, partial: this.partial };
  }

  /** Continues from a snapshot. */
  restore(snapshot: SchedulerSnapshot): void {
    this.calls = snapshot.calls;
    this.outputs = snapshot.outputs;
    this.sample = snapshot.sample;
    this.partial = snapshot.partial;
  }
}
