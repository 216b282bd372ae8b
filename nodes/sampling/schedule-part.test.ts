import { describe, expect, it } from 'vitest';
import { unwrap } from '../../test/unwrap.ts';
import { createScheduler } from '../schedulers/create-scheduler.ts';
import { findPart } from './schedule-part.ts';

describe('the part of a schedule that is run', () => {
  const part = (config: Readonly<Record<string, unknown>>, steps: number, start: number, end: number, strength = 1) =>
    unwrap(findPart({ steps, strength, denoising: { start, end } }, unwrap(createScheduler(config, steps)), false));
  const ddim = { _class_name: 'DDIMScheduler' };

  it('ends and begins at a timestep rounded half to even, as Python rounds', () => {
    for (const [share, calls] of [
      [0.6665, 666],
      [0.6675, 668],
      [0.9995, 1000],
    ] as const) {
      expect(part(ddim, 1000, 0, share)).toEqual({ begin: 0, end: calls, steps: 1000 });
      if (calls < 1000) expect(part(ddim, 1000, share, 1)).toEqual({ begin: calls, end: 1000, steps: 1000 - calls });
    }
  });

  it('begins with whole steps where they take two calls', () => {
    const heun = { _class_name: 'HeunDiscreteScheduler', timestep_spacing: 'leading' };
    // 800 600 600 400 400 200 200 0 0: the boundary 300 is after the fifth, in mid-step.
    expect(part(heun, 5, 0, 0.7)).toEqual({ begin: 0, end: 5, steps: 5 });
    expect(part(heun, 5, 0.7, 1)).toEqual({ begin: 4, end: 9, steps: 3 });
  });

  it('counts the training timesteps of the schedule', () => {
    expect(part({ ...ddim, num_train_timesteps: 100 }, 10, 0.5, 0.8)).toEqual({ begin: 5, end: 8, steps: 5 });
  });

  it('goes from a strength to a share', () => {
    expect(part(ddim, 10, 0, 0.8, 0.6)).toEqual({ begin: 4, end: 8, steps: 6 });
  });
});
