import type { Result } from '../../nodes/problem.ts';

/** Reads each config once and remembers what it found, which takes longer to find than all else that is done with an open network. */
export function readOnce<T>(read: (config: object) => Result<T>): (config: object) => Result<T> {
  const known = new WeakMap<object, Result<T>>();
  return (config) => {
    const found = known.get(config) ?? read(config);
    known.set(config, found);
    return found;
  };
}
