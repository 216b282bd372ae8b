import { describe, expect, it } from 'vitest';
import type { InferenceContext } from '../define-node.ts';
import type { SchedulerParam } from '../params.ts';
import type { NetworkTime } from '../schedulers/network-time.ts';
import { DEFAULT_PRESET, SCHEDULER_PRESETS } from '../schedulers/presets.ts';
import { struct } from '../types/socket-type.ts';
import { refuseUnfitScheduler } from './scheduler-fit.ts';

function refusalsOf(scheduler: SchedulerParam | undefined, time?: NetworkTime | readonly NetworkTime[]): string[] {
  const refusals: string[] = [];
  const context: InferenceContext = {
    title: 'Sampler',
    sourceTitle: (input) => input,
    refuse: (_socket, message) => refusals.push(message),
    warn: (_socket, message) => expect.fail(message),
    modelFacts: () => undefined,
    imageFacts: () => undefined,
    addOnFacts: () => undefined,
  };
  refuseUnfitScheduler(context, scheduler, time === undefined ? undefined : struct('model', { time }));
  return refusals;
}

describe('a scheduler parameter, before anybody knows the model', () => {
  it.each([DEFAULT_PRESET, ...Object.keys(SCHEDULER_PRESETS)])('may be the preset %s, whatever kind of network that is for', (name) => {
    expect(refusalsOf(name)).toEqual([]);
  });

  it('may not be known, or change what is not known', () => {
    expect(refusalsOf(undefined)).toEqual([]);
    expect(refusalsOf({ use_karras_sigmas: true })).toEqual([]);
    expect(refusalsOf({ _class_name: 'EDMEulerScheduler' })).toEqual([]);
  });

  it('is no name that no preset has, and no configuration with a mistake', () => {
    expect(refusalsOf('eulr')).toEqual([
      expect.stringMatching(/^Sampler: There is no scheduler preset "eulr"\. Presets are default, ddim, /),
    ]);
    expect(refusalsOf('toString')).toHaveLength(1);
    expect(refusalsOf({ _class_name: 'DDIMScheduler', num_train_timesteps: -1 })).toHaveLength(1);
    expect(refusalsOf({ _class_name: 'NoScheduler' })).toHaveLength(1);
  });

  it('is no text that is no JSON, and no mistake in JSON text', () => {
    expect(refusalsOf('{"class": "EulerDiscreteScheduler"')).toEqual([expect.stringMatching(/^Sampler: .*JSON/)]);
    expect(refusalsOf(' {"_class_name": "DDIMScheduler", "num_train_timesteps": -1}')).toHaveLength(1);
    expect(refusalsOf('{"_class_name": "NoScheduler"}')).toHaveLength(1);
    expect(refusalsOf('{"_class_name": "DDIMScheduler", "clip_sample": false}')).toEqual([]);
    expect(refusalsOf('{"use_karras_sigmas": true}')).toEqual([]);
  });
});

describe('a scheduler parameter for a model whose network is known', () => {
  it.each([
    ['edm_euler', 'table'],
    ['flow_euler', 'table'],
    ['flow_heun', 'edm'],
    ['euler_karras', 'edm'],
    ['dpmpp_2m', 'continuous'],
    ['edm_dpmpp_2m_sde', 'flow'],
  ] as const)('may not be the preset %s for one of the kind %s', (name, time) => {
    expect(refusalsOf(name, time)).toEqual([
      expect.stringMatching(/^Sampler: The scheduler preset "\w+" is for networks .+ own scheduler/),
    ]);
  });

  it.each([
    ['edm_euler', 'edm'],
    ['flow_euler', 'flow'],
    ['unipc', 'flow'],
    ['euler', 'table'],
    [DEFAULT_PRESET, 'edm'],
    [DEFAULT_PRESET, 'continuous'],
    ['edm_euler', ['edm', 'table']],
  ] as const)('may be the preset %s for %s', (name, time) => {
    expect(refusalsOf(name, time)).toEqual([]);
  });
});
