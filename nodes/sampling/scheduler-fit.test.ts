import { describe, expect, it } from 'vitest';
import type { InferenceContext } from '../define-node.ts';
import type { SchedulerParam } from '../params.ts';
import { DEFAULT_PRESET, SCHEDULER_PRESETS } from '../schedulers/presets.ts';
import { refuseUnknownScheduler } from './scheduler-fit.ts';

function refusalsOf(scheduler: SchedulerParam | undefined): string[] {
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
  refuseUnknownScheduler(context, scheduler);
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
});
