import { describe, expect, it } from 'vitest';
import { createScheduler } from '../../nodes/schedulers/create-scheduler.ts';
import type { Scheduler, SchedulerSnapshot } from '../../nodes/schedulers/scheduler.ts';

const SHAPE = [2, 3, 2, 2];
const COUNT = 24;
const STEPS = 6;

function make(config: Readonly<Record<string, unknown>>, steps = STEPS): Scheduler {
  const result = createScheduler(config, steps, { shape: SHAPE });
  if (!result.ok) throw new Error(result.problem.message);
  return result.value;
}

const wave = (phase: number): Float32Array => Float32Array.from({ length: COUNT }, (_, i) => Math.sin(i * 1.7 + phase) * 1.3);

/** One call with everything it is given frozen against writes by comparison afterwards. */
function call(scheduler: Scheduler, index: number, sample: Float32Array): Float32Array {
  const output = wave(index);
  const given = [sample.slice(), output.slice()];
  const scaled = scheduler.scaleModelInput(sample, index);
  expect(scaled).toHaveLength(COUNT);
  const result = scheduler.step(output, index, sample, (count) => wave(index + 0.5).subarray(0, count));
  expect([sample, output]).toEqual(given);
  expect(result.sample).toHaveLength(COUNT);
  expect(result.predictedOriginal).toHaveLength(COUNT);
  return result.sample;
}

/** What every scheduler promises, whatever its algorithm; `config` names the class. */
export function schedulerContract(config: Readonly<Record<string, unknown>> & { readonly _class_name: string }): void {
  const inverts = config._class_name.includes('Inverse') || config['invert_sigmas'] === true;
  const direction = inverts ? -1 : 1;
  describe(`${config._class_name} keeps the scheduler contract`, () => {
    it('gives a complete configuration that makes the same scheduler again, through JSON', () => {
      const first = make(config);
      const second = make(JSON.parse(JSON.stringify(first.config)));
      expect(second.config).toEqual(first.config);
      expect(second.timesteps).toEqual(first.timesteps);
      expect(second.sigmas).toEqual(first.sigmas);
      for (const [key, value] of Object.entries(config)) expect(first.config[key]).toEqual(value);
    });

    it('has falling timesteps and noise levels (rising ones if it inverts), one level more than calls', () => {
      const { timesteps, sigmas, order, initNoiseSigma } = make(config);
      expect(timesteps.length).toBeGreaterThanOrEqual(STEPS);
      expect((timesteps.at(0)! - timesteps.at(-1)!) * direction).toBeGreaterThan(0);
      expect(order).toBeGreaterThanOrEqual(1);
      expect(initNoiseSigma).toBeGreaterThan(0);
      if (!sigmas) return;
      expect(sigmas.length).toBeGreaterThan(timesteps.length);
      for (let i = 1; i < sigmas.length; i++) expect((sigmas[i - 1]! - sigmas[i]!) * direction).toBeGreaterThanOrEqual(0);
    });

    it('goes on from a snapshot as if nothing had happened, at every call', () => {
      const whole = make(config);
      const count = whole.timesteps.length;
      const samples = [wave(9)];
      const snapshots: SchedulerSnapshot[] = [whole.snapshot()];
      for (let index = 0; index < count; index++) {
        samples.push(call(whole, index, samples[index]!));
        snapshots.push(whole.snapshot());
      }
      for (let from = 0; from < count; from++) {
        const resumed = make(config);
        resumed.restore(snapshots[from]!);
        let sample = samples[from]!;
        for (let index = from; index < count; index++) sample = call(resumed, index, sample);
        expect(sample).toEqual(samples[count]);
      }
    });

    it('noises less the later it is (more if it inverts), and leaves its arguments alone', () => {
      const scheduler = make(config);
      const original = wave(1);
      const noise = wave(2);
      const given = [original.slice(), noise.slice()];
      const distance = (index: number): number => {
        const noised = scheduler.addNoise(original, noise, index);
        return noised.reduce((sum, value, i) => sum + (value - original[i]!) ** 2, 0);
      };
      expect((distance(0) - distance(scheduler.timesteps.length - 1)) * direction).toBeGreaterThan(0);
      expect([original, noise]).toEqual(given);
    });

    it.each([0, -1, 1.5, Number.NaN, Number.POSITIVE_INFINITY, 1e9])('refuses %s steps', (steps) => {
      expect(createScheduler(config, steps, { shape: SHAPE })).toMatchObject({ ok: false, problem: { code: 'scheduler.option' } });
    });

    it('refuses options by name', () => {
      const strange = createScheduler({ ...config, use_magic: true }, STEPS, { shape: SHAPE });
      expect(strange).toMatchObject({ ok: false, problem: { path: 'use_magic', message: expect.stringContaining('num_train_timesteps') } });
      if (!('prediction_type' in make(config).config)) return;
      const wrong = createScheduler({ ...config, prediction_type: 'guess' }, STEPS, { shape: SHAPE });
      expect(wrong).toMatchObject({ ok: false, problem: { path: 'prediction_type', message: expect.stringContaining('epsilon') } });
    });
  });
}
