import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { makePng } from './make-png.ts';
import { openRealHost, type RealHost } from './open-real-host.ts';
import { makeDocument } from './open-test-host.ts';
import { SAMPLER_WIRES } from './sampler-wires.ts';

let host: RealHost;
beforeAll(async () => {
  host = await openRealHost([]);
});
afterAll(() => host.close());

const STEPS = 20;

describe.each(['ddim', 'euler'])('a sampler built from U-Net Steps in a Repeat zone, with %s', (scheduler) => {
  it('gives the latents of the Sampler to the bit', async () => {
    const schedule = { scheduler, steps: STEPS };
    const document = makeDocument(
      {
        checkpoint: ['model.loadCheckpoint', { model: 'emoji' }],
        positive: ['conditioning.textEncoder', { prompt: 'a fox' }],
        negative: ['conditioning.textEncoder', { prompt: '' }],
        latent: ['latent.empty', { batch: 2 }],
        sampler: ['sampling.sampler', { ...schedule, guidance: 3, seed: '9' }],
        noise: ['sampling.addNoise', { ...schedule, seed: '9' }],
        start: ['flow.repeatStart', { count: STEPS }],
        step: ['sampling.unetStep', { ...schedule, guidance: 3 }],
        end: ['flow.repeatEnd'],
      },
      [
        ...SAMPLER_WIRES,
        'checkpoint.model > noise.model',
        'latent.latent > noise.latent',
        'noise.latent > start.first',
        'checkpoint.model > step.model',
        'positive.conditioning > step.positive',
        'negative.conditioning > step.negative',
        'start.first > step.latent',
        'start.index > step.step',
        'start.zone > end.zone',
        'step.latent > end.first',
        'noise.noise > end.second',
      ],
    );
    const { ended, values, events } = await host.run(document, ['sampler.latent', 'end.first', 'end.second']);
    expect(ended.problems).toEqual([]);
    expect(values.get('end.first')?.shape).toEqual([2, 8, 16, 16]);
    expect(values.get('end.first')?.data).toEqual(values.get('sampler.latent')?.data);
    const turns = events.flatMap((event) => (event.kind === 'progress' && event.nodeId === 'end' ? [event.done] : []));
    expect(turns.at(-1)).toBe(STEPS);
  });
});

describe('a zone', () => {
  it('that something reads from outside is told, and nothing of it runs', async () => {
    const document = makeDocument(
      {
        number: ['value.number', { value: 2 }],
        start: ['flow.repeatStart', { count: 3 }],
        end: ['flow.repeatEnd'],
        outside: ['flow.repeatStart', { count: 1 }],
        other: ['flow.repeatEnd'],
      },
      [
        'number.value > start.first',
        'start.zone > end.zone',
        'start.first > end.first',
        'start.index > outside.first',
        'outside.zone > other.zone',
        'outside.first > other.first',
      ],
    );
    const { ended } = await host.run(document);
    expect(ended.outcome).toBe('failed');
    expect(ended.problems.map((one) => one.message)).toContainEqual(
      expect.stringContaining('Only what goes through Repeat End “end” comes out'),
    );
  });

  it('counts turns, also inside of another zone, with counts that come through wires', async () => {
    const document = makeDocument(
      {
        count: ['value.number', { value: 3 }],
        zero: ['value.number', { value: 0 }],
        outer: ['flow.repeatStart', {}],
        inner: ['flow.repeatStart', { count: 2 }],
        innerEnd: ['flow.repeatEnd'],
        outerEnd: ['flow.repeatEnd'],
      },
      [
        'count.value > outer.count',
        'zero.value > outer.first',
        'outer.index > inner.first',
        'outer.first > inner.second',
        'inner.zone > innerEnd.zone',
        'inner.first > innerEnd.first',
        'inner.index > innerEnd.second',
        'outer.zone > outerEnd.zone',
        'innerEnd.first > outerEnd.first',
        'innerEnd.second > outerEnd.second',
      ],
    );
    const { ended, values } = await host.run(document, ['outerEnd.first', 'outerEnd.second']);
    expect(ended.problems).toEqual([]);
    expect(values.get('outerEnd.first')?.data[0]).toBe(2);
    expect(values.get('outerEnd.second')?.data[0]).toBe(1);
  });

  it('has one count: a list, or what comes through a wire and is none, is refused', async () => {
    const { picture } = await drawn();
    const counted = (count: readonly [string, Record<string, unknown>], output: string) =>
      host.run(makeDocument({ ...picture.nodes, count: [...count] }, [...picture.wires, `count.${output} > start.count`]));
    const list = await counted(['value.range', { from: 2, to: 3, count: 2, whole: true }], 'numbers');
    expect(list.ended.problems.map(({ message }) => message)).toEqual([
      expect.stringMatching(/^Repeat Start: Count must be .* and is \[2,3\]/),
    ]);
    const wires = [
      ...picture.wires.filter((wire) => wire !== 'load.image > start.first'),
      'load.image > outer.first',
      'outer.first > start.first',
      'outer.index > start.count',
      'outer.zone > outerEnd.zone',
      'end.first > outerEnd.first',
    ];
    const around = { outer: ['flow.repeatStart', { count: 2 }], outerEnd: ['flow.repeatEnd'] } satisfies Parameters<typeof makeDocument>[0];
    const none = await host.run(makeDocument({ ...picture.nodes, ...around }, wires));
    expect(none.ended.problems.map(({ message }) => message)).toEqual([
      expect.stringMatching(/Count must be a whole number from 1 to 10000, and is 0/),
    ]);
  });

  it('may show and save inside, each turn', async () => {
    const { picture } = await drawn();
    const document = makeDocument({ ...picture.nodes, save: ['image.save', { name: 'turn' }] }, [
      ...picture.wires.filter((wire) => wire !== 'pad.image > end.first'),
      'pad.image > save.image',
      'save.image > end.first',
    ]);
    const { ended, events } = await host.run(document);
    expect(ended).toMatchObject({ outcome: 'done', problems: [] });
    const sizes = events.flatMap((event) => (event.kind === 'result' && event.result.kind === 'file' ? [event.result.widthPx] : []));
    expect(sizes).toEqual([5, 6]);
  });

  it('refuses, where it is read, what is of another kind than in the turn before', async () => {
    const { picture } = await drawn();
    const swapped = [
      ...picture.wires.filter((wire) => wire !== 'pad.image > end.first'),
      'number.value > start.second',
      'start.second > end.first',
      'pad.image > end.second',
    ];
    const { ended } = await host.run(makeDocument({ ...picture.nodes, number: ['value.number', { value: 2 }] }, swapped));
    expect(ended.problems.map(({ message }) => message)).toEqual([
      expect.stringMatching(/^Pad Image: its input Image must be an image .* must stay the same kind of thing\.$/),
    ]);
  });
});

/** A picture of 4×4 pixels that becomes a pixel wider in each of two turns. */
async function drawn() {
  const file = join(host.folder, 'dot.png');
  await writeFile(file, makePng({ widthPx: 4, heightPx: 4 }));
  const nodes = {
    load: ['image.load', { file }],
    start: ['flow.repeatStart', { count: 2 }],
    pad: ['image.pad', { left: 1 }],
    end: ['flow.repeatEnd'],
  } satisfies Parameters<typeof makeDocument>[0];
  const wires = ['load.image > start.first', 'start.first > pad.image', 'start.zone > end.zone', 'pad.image > end.first'];
  return { picture: { nodes, wires } };
}
