import { describe, expect, it } from 'vitest';
import { createRegistry, defineNode } from '../nodes/define-node.ts';
import { repeatEnd } from '../nodes/flow/repeat-end.ts';
import { repeatStart } from '../nodes/flow/repeat-start.ts';
import { makeDocument } from '../test/e2e/open-test-host.ts';
import { exampleFacts } from '../test/example-graphs.ts';
import { unwrap } from '../test/unwrap.ts';
import { type GraphDocument, nodeId } from './document.ts';
import { planRun } from './plan.ts';
import type { Plan } from './run-plan.ts';

const idle = async (): Promise<never> => {
  throw new Error('only planned here');
};
const shared = { version: 1, category: 'test', summary: 'For tests.', docs: 'For tests.', evaluate: idle } as const;
const anything = { type: 'any', title: 'Value', doc: 'Anything.' } as const;
const source = defineNode({ ...shared, id: 'test.source', title: 'Source', inputs: {}, outputs: { value: anything }, params: {} });
const pass = defineNode({
  ...shared,
  id: 'test.pass',
  title: 'Pass',
  inputs: { value: anything, other: { ...anything, optional: true } },
  outputs: { value: anything },
  params: { factor: { kind: 'number', title: 'Factor', doc: 'A number.', default: 1, min: 0, max: 9 } },
});
const registry = createRegistry([repeatStart, repeatEnd, source, pass]);

function plan(document: GraphDocument, target: string, isCached: (key: string) => boolean = () => false): Plan {
  return unwrap(planRun({ document, registry, targets: [target], facts: exampleFacts, hash: (text) => `<${text}>`, isCached }));
}

/** source → start → body (also reads `outside`) → end → after. */
function loop(count = 3, factor = 1, extra: readonly string[] = []): GraphDocument {
  return makeDocument(
    {
      source: ['test.source'],
      outside: ['test.source'],
      start: ['flow.repeatStart', { count }],
      body: ['test.pass', { factor }],
      end: ['flow.repeatEnd'],
      after: ['test.pass'],
    },
    [
      'source.value > start.first',
      'start.first > body.value',
      'outside.value > body.other',
      'start.zone > end.zone',
      'body.value > end.first',
      'end.first > after.value',
      ...extra,
    ],
  );
}

const messages = (planned: Plan): string[] => planned.problems.map((one) => one.message);

describe('a zone in a plan', () => {
  it('is one step, with its inside in the node that ends it', () => {
    const { steps, problems } = plan(loop(), 'after');
    expect(problems).toEqual([]);
    expect(steps.map((step) => step.id)).toEqual(['source', 'outside', 'end', 'after']);
    const repeated = steps.find((step) => step.id === 'end')?.repeated;
    expect(repeated?.start.id).toBe('start');
    expect(repeated?.body.map((step) => step.id)).toEqual(['body']);
  });

  it('holds what its inside reads from outside until its last turn', () => {
    const end = plan(loop(), 'after').steps.find((step) => step.id === 'end');
    expect(end?.frees.map((ref) => ref.node)).toEqual(expect.arrayContaining(['outside', 'source']));
    expect(end?.frees.map((ref) => ref.node)).not.toContain('body');
  });

  it('has another key when its count or its inside changes, and is kept as a whole', () => {
    const keyOf = (document: GraphDocument) => plan(document, 'after').keys.get(nodeId('end'));
    expect(new Set([keyOf(loop(3, 1)), keyOf(loop(4, 1)), keyOf(loop(3, 2))]).size).toBe(3);
    const key = keyOf(loop());
    const kept = plan(loop(), 'after', (one) => one === key || one === plan(loop(), 'after').keys.get(nodeId('body')));
    expect(kept.cached.map((one) => one.id)).toEqual(['end']);
    expect(kept.steps.map((step) => step.id)).toEqual(['after']);
  });

  it('lets nothing out but through its end', () => {
    const { problems, blocked } = plan(loop(3, 1, ['body.value > after.other']), 'after');
    expect(problems).toHaveLength(1);
    expect(problems[0]?.message).toContain('Only what goes through Repeat End “end” comes out');
    expect([...blocked.keys()]).toEqual(['after']);
  });

  it('is no target from the inside', () => {
    expect(messages(plan(loop(), 'body'))).toContainEqual(expect.stringContaining('Ask for the node that ends the zone.'));
    expect(plan(loop(), 'body').steps).toEqual([]);
  });

  it('does not hide a circle elsewhere in the graph, whichever way that is entered', () => {
    const nodes: Parameters<typeof makeDocument>[0] = { a: ['test.pass'], b: ['test.pass'], out: ['test.pass'] };
    const document = makeDocument({ ...nodes, start: ['flow.repeatStart'], end: ['flow.repeatEnd'] }, [
      'a.value > b.value',
      'b.value > a.value',
      'b.value > out.value',
      'start.zone > end.zone',
    ]);
    const whole = unwrap(planRun({ document, registry, facts: exampleFacts, hash: (text) => `<${text}>`, isCached: () => false }));
    for (const planned of [whole, plan(document, 'out')]) {
      expect([...planned.blocked.keys()]).toEqual(expect.arrayContaining(['a', 'b', 'out']));
      expect(planned.steps.map((step) => step.id)).not.toEqual(expect.arrayContaining(['b']));
    }
  });

  it('needs a start and an end that know each other', () => {
    const open = makeDocument({ source: ['test.source'], start: ['flow.repeatStart'], after: ['test.pass'] }, [
      'source.value > start.first',
      'start.first > after.value',
    ]);
    expect(messages(plan(open, 'after'))).toEqual([
      'Repeat Start “start” begins a repetition that nothing ends. Wire its Zone to the node that ends it.',
    ]);
    const crossed = makeDocument({ source: ['test.source'], start: ['flow.repeatStart'], end: ['flow.repeatEnd'], after: ['test.pass'] }, [
      'source.value > start.first',
      'start.index > end.zone',
      'start.first > end.first',
      'source.value > after.value',
      'end.first > after.other',
    ]);
    expect(plan(crossed, 'after').problems).toEqual([]);
    const wrong = makeDocument({ source: ['test.source'], end: ['flow.repeatEnd'] }, [
      'source.value > end.zone',
      'source.value > end.first',
    ]);
    expect(messages(plan(wrong, 'end'))).toContainEqual(
      expect.stringContaining('must come from the Zone of the node that begins the repetition'),
    );
  });
});
