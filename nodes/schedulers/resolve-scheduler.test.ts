import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fixturesRoot, hasAllFixtures, readJsonLines } from '../../test/fixtures-reader.ts';
import { createScheduler, findSchedulerClass } from './create-scheduler.ts';
import { DEFAULT_PRESET, SCHEDULER_PRESETS } from './presets.ts';
import { deriveConfig, resolveScheduler } from './resolve-scheduler.ts';

/** Stable Diffusion 1.5's own file: no timestep_spacing, no prediction_type. */
const SD15 = {
  _class_name: 'PNDMScheduler',
  _diffusers_version: '0.6.0',
  beta_end: 0.012,
  beta_schedule: 'scaled_linear',
  beta_start: 0.00085,
  clip_sample: false,
  num_train_timesteps: 1000,
  set_alpha_to_one: false,
  skip_prk_steps: true,
  steps_offset: 1,
  trained_betas: null,
};

const EDM = { _class_name: 'EDMEulerScheduler', sigma_data: 0.5, sigma_min: 0.002, sigma_max: 80 };
const FLOW = { _class_name: 'FlowMatchEulerDiscreteScheduler', shift: 3 };

function value(result: ReturnType<typeof resolveScheduler>): Record<string, unknown> {
  if (!result.ok) throw new Error(result.problem.message);
  return result.value;
}

describe('resolveScheduler', () => {
  it("gives the model's own configuration under default", () => {
    expect(value(resolveScheduler(DEFAULT_PRESET, SD15))).toMatchObject({
      _class_name: 'PNDMScheduler',
      skip_prk_steps: true,
      steps_offset: 1,
      timestep_spacing: 'leading',
    });
  });

  it.each([
    [{ ...SD15, num_train_timesteps: 0 }, 'num_train_timesteps', /"num_train_timesteps" must be a whole number from 1/],
    [{}, '_class_name', /cannot be used: it names no _class_name\. Correct it, or choose a scheduler/],
    [{ _class_name: 'Foo' }, '_class_name', /is "Foo"\. Correct it, or choose a scheduler/],
  ])("blames the model's own file under default: %j", (own, path, message) => {
    const problem = { code: 'model.config', path, message: expect.stringMatching(message) };
    expect(resolveScheduler(DEFAULT_PRESET, own)).toMatchObject({ ok: false, problem });
  });

  it("takes keys the model's file lacks from the new class", () => {
    expect(value(resolveScheduler('euler', SD15))).toMatchObject({ timestep_spacing: 'linspace', steps_offset: 1, beta_start: 0.00085 });
    expect(value(resolveScheduler('ddim', SD15))).toMatchObject({ timestep_spacing: 'leading', clip_sample: false });
    expect(value(resolveScheduler('euler', { ...SD15, timestep_spacing: 'leading' }))).toMatchObject({ timestep_spacing: 'leading' });
  });

  it('applies what a preset promises', () => {
    expect(value(resolveScheduler('dpmpp_2m_sde_karras', { ...SD15, use_beta_sigmas: true }))).toMatchObject({
      _class_name: 'DPMSolverMultistepScheduler',
      algorithm_type: 'sde-dpmsolver++',
      use_karras_sigmas: true,
      use_beta_sigmas: false,
      lambda_min_clipped: '-Infinity',
    });
  });

  it.each(Object.keys(SCHEDULER_PRESETS))('makes a working scheduler of preset %s', (name) => {
    const own = name.startsWith('edm') ? EDM : name.startsWith('flow') ? FLOW : SD15;
    expect(createScheduler(value(resolveScheduler(name, own)), 10)).toMatchObject({ ok: true });
  });

  it('keeps the names that saved graphs may hold', () => {
    const names = Object.keys(SCHEDULER_PRESETS);
    expect(names).toEqual(
      expect.arrayContaining(['ddim', 'pndm', 'euler', 'euler_karras', 'euler_ancestral', 'dpmpp_2m', 'dpmpp_2m_karras']),
    );
    expect(names).toEqual(expect.arrayContaining(['dpmpp_2m_sde', 'dpmpp_2m_sde_karras', 'unipc', 'lcm']));
  });

  it('refuses presets for another kind of network', () => {
    expect(resolveScheduler('flow_euler', SD15)).toMatchObject({
      ok: false,
      problem: { message: expect.stringContaining('PNDMScheduler') },
    });
    expect(resolveScheduler('euler', FLOW)).toMatchObject({ ok: false, problem: { message: expect.stringContaining('flow matching') } });
    expect(resolveScheduler('edm_euler', FLOW)).toMatchObject({ ok: false, problem: { code: 'scheduler.option' } });
  });

  it('has a row in the docs for every preset', () => {
    const docs = readFileSync(new URL('../../docs/schedulers.md', import.meta.url), 'utf8');
    const spacing = /_(karras|exponential|beta|sgm_uniform)$/;
    for (const [name, { className }] of Object.entries(SCHEDULER_PRESETS)) {
      const row = docs.split('\n').find((line) => line.startsWith(`| \`${name.replace(spacing, '')}\` |`));
      expect(row, name).toContain(className);
      if (spacing.test(name)) expect(row, name).toMatch(/\| yes/);
    }
  });

  it('takes an object or its text with _class_name as it is', () => {
    const config = { _class_name: 'EulerDiscreteScheduler', beta_start: 0.001 };
    expect(value(resolveScheduler(config, SD15))).toMatchObject({ beta_start: 0.001, beta_end: 0.02, beta_schedule: 'linear' });
    expect(resolveScheduler(JSON.stringify(config), undefined)).toEqual(resolveScheduler(config, SD15));
  });

  it("lays an object without _class_name over the model's own class", () => {
    expect(value(resolveScheduler({ set_alpha_to_one: true }, SD15))).toMatchObject({
      _class_name: 'PNDMScheduler',
      set_alpha_to_one: true,
      steps_offset: 1,
    });
  });

  it('reads infinities as Python writes them', () => {
    const text = '{"_class_name": "DPMSolverMultistepScheduler", "lambda_min_clipped": -Infinity}';
    expect(value(resolveScheduler(text, undefined))).toMatchObject({ lambda_min_clipped: '-Infinity' });
    const named = { _class_name: 'DPMSolverMultistepScheduler', lambda_min_clipped: '-Infinity' };
    expect(resolveScheduler(named, undefined)).toEqual(resolveScheduler(text, undefined));
  });

  it('passes over what a file has for other classes and for none', () => {
    const odd = { ...SD15, final_sigmas_type: 'zero', something_of_a_fork: 3 };
    expect(resolveScheduler('pndm', odd)).toMatchObject({ ok: true });
  });

  it.each([
    ['an unknown preset', 'heunish', SD15, 'scheduler.unknown', 'dpmpp_2m_karras'],
    ['an unknown class', { _class_name: 'FluxScheduler' }, SD15, 'scheduler.unknown', 'EulerDiscreteScheduler'],
    ['a class that is no text', { _class_name: 7 }, SD15, 'scheduler.unknown', '_class_name'],
    ['a preset without a model configuration', 'euler', undefined, 'scheduler.option', 'none'],
    ['overrides without a model configuration', { steps_offset: 1 }, undefined, 'scheduler.option', 'none'],
    ['an override the class lacks', { use_karras_sigmas: true }, SD15, 'scheduler.option', 'skip_prk_steps'],
    ['a value out of range', { steps_offset: -1 }, SD15, 'scheduler.option', 'steps_offset'],
    ['NaN', '{"_class_name": "DDIMScheduler", "beta_start": NaN}', SD15, 'scheduler.option', 'beta_start'],
    ['broken JSON', '{"_class_name": ', SD15, 'scheduler.option', 'JSON'],
  ] as const)('refuses %s', (_, parameter, model, code, word) => {
    expect(resolveScheduler(parameter, model)).toMatchObject({ ok: false, problem: { code, message: expect.stringContaining(word) } });
  });

  it('never throws, and neither does createScheduler, on any JSON', () => {
    const known = fc.constantFrom(
      ...Object.keys(SD15),
      'solver_order',
      'prediction_type',
      'use_karras_sigmas',
      'thresholding',
      'sigma_min',
    );
    const names = fc.constantFrom(
      'DDIMScheduler',
      'EulerDiscreteScheduler',
      'DPMSolverMultistepScheduler',
      'UniPCMultistepScheduler',
      'PNDMScheduler',
      'LCMScheduler',
    );
    const config = fc.dictionary(
      known,
      fc.oneof(fc.jsonValue(), fc.integer(), fc.double(), fc.boolean(), fc.constantFrom('linspace', 'Infinity')),
    );
    fc.assert(
      fc.property(
        fc.oneof(fc.jsonValue(), config),
        names,
        fc.jsonValue(),
        fc.integer({ min: -2, max: 40 }),
        (parameter, name, model, steps) => {
          // Anything JSON can hold arrives here from a graph file, whatever the parameter's type says.
          resolveScheduler(parameter as never, model as never);
          if (typeof parameter === 'object' && parameter !== null) {
            createScheduler({ ...(parameter as object), _class_name: name }, steps, { shape: [1, 4, 2, 2] });
          }
        },
      ),
      { numRuns: 400, seed: 7 },
    );
  });

  it.runIf(hasAllFixtures())("agrees with diffusers' from_config on every pipeline case", () => {
    interface PipelineCase {
      readonly pipeline: string;
      readonly config?: string;
      readonly scheduler: { readonly class: string; readonly config?: Record<string, unknown>; readonly resolved: Record<string, unknown> };
    }
    let checked = 0;
    for (const row of readJsonLines<PipelineCase>(`${fixturesRoot()}cases.jsonl`)) {
      if (!findSchedulerClass(row.scheduler.class).ok) continue;
      const folder = row.config ?? row.pipeline;
      const file = JSON.parse(readFileSync(`${fixturesRoot()}${folder}/scheduler/scheduler_config.json`, 'utf8'));
      const ours = value(deriveConfig(row.scheduler.class, file, row.scheduler.config ?? {}));
      for (const [key, wanted] of Object.entries(row.scheduler.resolved)) if (key in ours) expect(ours[key], key).toEqual(wanted);
      checked += 1;
    }
    expect(checked).toBeGreaterThan(40);
  });
});
