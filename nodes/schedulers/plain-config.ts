import type { SchedulerConfig } from './scheduler.ts';

/** Options that were read, as JSON can hold them: infinities by name, `_class_name` first. */
export function plainConfig(className: string, values: Readonly<Record<string, unknown>>): SchedulerConfig {
  const plain = Object.entries(values).map(([key, value]) => [
    key,
    value === Number.POSITIVE_INFINITY || value === Number.NEGATIVE_INFINITY ? String(value) : value,
  ]);
  return { _class_name: className, ...Object.fromEntries(plain) };
}
