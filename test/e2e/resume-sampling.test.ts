import { afterAll, beforeAll, expect, it } from 'vitest';
import type { RunEvent } from '../../host/run-events.ts';
import { openRealHost, type RealHost } from './open-real-host.ts';
import { makeDocument } from './open-test-host.ts';
import { SAMPLER_WIRES } from './sampler-wires.ts';

const STEPS = 24;
let host: RealHost;
beforeAll(async () => {
  host = await openRealHost([]);
});
afterAll(() => host.close());

const graph = (scheduler: string, seed: string) =>
  makeDocument(
    {
      checkpoint: ['model.loadCheckpoint', { model: 'emoji' }],
      positive: ['conditioning.textEncoder', { prompt: 'a fox' }],
      negative: ['conditioning.textEncoder', { prompt: '' }],
      latent: ['latent.empty', { batch: 2 }],
      sampler: ['sampling.sampler', { steps: STEPS, guidance: 3, scheduler, seed, frames: 4 }],
    },
    [...SAMPLER_WIRES],
  );

const stepsOf = (events: readonly RunEvent[]): number[] =>
  events.flatMap((event) => (event.kind === 'progress' && event.nodeId === 'sampler' ? [event.done] : []));

it.each(['dpmpp_2m_karras', 'euler_ancestral'])('a cancelled run goes on where it was, to the same latents: %s', async (scheduler) => {
  const document = graph(scheduler, '7');
  const events: RunEvent[] = [];
  const cancelled = await host.runUntil(
    document,
    (event) => event.kind === 'progress' && event.nodeId === 'sampler' && event.done >= 5,
    events,
  );
  expect(cancelled.outcome).toBe('cancelled');
  const resumed = await host.run(document, ['sampler.latent', 'sampler.frames'], { useCache: true });
  expect(resumed.ended.problems).toEqual([]);
  expect(Math.min(...stepsOf(resumed.events))).toBeGreaterThan(Math.max(...stepsOf(events)) - 1);
  const whole = await host.run(document, ['sampler.latent', 'sampler.frames'], { useCache: false });
  for (const output of ['sampler.latent', 'sampler.frames']) {
    expect(resumed.values.get(output)?.shape).toEqual(whole.values.get(output)?.shape);
    expect(resumed.values.get(output)?.data).toEqual(whole.values.get(output)?.data);
  }
});
