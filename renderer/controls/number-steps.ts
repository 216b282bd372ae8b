/** What a number control needs to know of its parameter. */
export interface NumberRange {
  readonly kind: 'int' | 'number';
  readonly min: number;
  readonly max: number;
  readonly step?: number;
  readonly multipleOf?: number;
}

/** A range with more steps than this has no meaningful bar behind its value. */
const MOST_BAR_STEPS = 250;

/** How far one arrow key or one notch of a drag goes. */
export function stepOf({ kind, min, max, step, multipleOf }: NumberRange): number {
  if (step !== undefined) return step;
  if (multipleOf !== undefined) return multipleOf;
  if (kind === 'int') return 1;
  const span = max - min;
  return span <= 2 ? 0.01 : span <= 20 ? 0.1 : span <= 200 ? 0.5 : 1;
}

/** The nearest value that the range allows, without the dust of binary fractions. */
export function fitNumber(range: NumberRange, value: number): number {
  const { kind, min, max, multipleOf } = range;
  const grid = multipleOf ?? (kind === 'int' ? 1 : undefined);
  const whole = grid === undefined ? value : Math.round(value / grid) * grid;
  const low = grid === undefined ? min : Math.ceil(min / grid) * grid;
  const high = grid === undefined ? max : Math.floor(max / grid) * grid;
  return Number(Math.min(high, Math.max(low, whole)).toPrecision(12));
}

/** A value so many steps away, on the grid of steps. */
export function stepNumber(range: NumberRange, value: number, steps: number): number {
  const step = stepOf(range);
  return fitNumber(range, Number((Math.round(value / step + steps) * step).toPrecision(12)));
}

/** Where a value stands in its range, 0…1; undefined where a bar would say nothing. */
export function shareOf(range: NumberRange, value: number): number | undefined {
  const { min, max } = range;
  if (!Number.isFinite(min) || !Number.isFinite(max) || max <= min || (max - min) / stepOf(range) > MOST_BAR_STEPS) return undefined;
  return Math.min(1, Math.max(0, (value - min) / (max - min)));
}

/** A number as people write it: no exponent for what they can read. */
export function showNumber(value: unknown): string {
  return typeof value === 'number' ? String(value) : '';
}
