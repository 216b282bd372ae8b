/** Another noise for each step of a schedule that is taken apart: the step's number is added to each seed, modulo 2^64. */
export function stepSeed(seed: string | number | readonly (string | number)[], step: number): string | string[] {
  const add = (one: string | number): string => String(BigInt.asUintN(64, BigInt(one) + BigInt(step)));
  return Array.isArray(seed) ? seed.map(add) : add(seed as string | number); // no list, so one seed
}
