/** Something whose time is taken in turn with others'. */
export interface Contestant {
  readonly name: string;
  /** Milliseconds of one turn. */
  measure(): Promise<number>;
}

/**
 * Takes the contestants' times in turn, the order reversed each round, so that a machine that slows down slows all alike. The first
 * round warms up and is not counted.
 */
export async function alternate(contestants: readonly Contestant[], rounds: number): Promise<ReadonlyMap<string, number[]>> {
  const times = new Map<string, number[]>(contestants.map(({ name }) => [name, []]));
  for (let round = 0; round <= rounds; round++) {
    for (const { name, measure } of round % 2 === 0 ? contestants : [...contestants].reverse()) {
      const ms = await measure();
      if (round > 0) times.get(name)?.push(ms);
    }
  }
  return times;
}

/** One contestant's time over another's, round by round. */
export function pairedRatios(times: ReadonlyMap<string, readonly number[]>, name: string, over: string): number[] {
  const own = times.get(name) ?? [];
  const other = times.get(over) ?? [];
  return own.map((ms, round) => ms / (other[round] ?? Number.NaN));
}
