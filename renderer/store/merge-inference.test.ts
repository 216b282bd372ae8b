import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CALLS } from '../../host/contract.ts';
import { createAnswerKeeper, findChanges } from '../../host/service/infer-changes.ts';
import type { InferredGraph } from '../../host/service/infer-graph.ts';
import { decodeFrame, encodeFrame } from '../../host/transports/frame.ts';
import { typeFromKind } from '../../nodes/types/from-kind.ts';
import { type Inference, mergeInference, NOTHING_INFERRED } from './merge-inference.ts';

const ids = fc.constantFrom('a', 'b', 'c', 'd', 'e', 'constructor');
const byNode = <V>(value: fc.Arbitrary<V>) => fc.dictionary(ids, value, { noNullPrototype: true });
const types = fc.dictionary(fc.constantFrom('x', 'y'), fc.constantFrom('image', 'latent').map(typeFromKind), { noNullPrototype: true });
const problem = fc.record({
  code: fc.constant('graph.missingInput' as const),
  severity: fc.constantFrom('error' as const, 'warning' as const),
  message: fc.constantFrom('One.', 'Another.'),
  nodeId: ids,
});
const answers: fc.Arbitrary<InferredGraph> = fc.record({
  outputs: byNode(types),
  inputs: byNode(types),
  keys: byNode(fc.constantFrom('k1', 'k2', 'k3')),
  cached: fc.uniqueArray(ids),
  muted: byNode(ids),
  problems: fc.array(problem, { maxLength: 4 }),
});

describe('what changed in the host’s answer', () => {
  it('leads, answer by answer, to what all of it would have given', () => {
    const keeper = createAnswerKeeper(2);
    const check = (edits: readonly InferredGraph[]): void => {
      let known: Inference = NOTHING_INFERRED;
      let answer: string | null = null;
      for (const edit of edits) {
        const sent = decodeFrame(encodeFrame({ sequence: null, ...keeper.keep(edit, answer) }));
        const changes = CALLS['graph.inferChanges'].result.parse(sent?.message);
        expect(changes.since).toBe(answer);
        known = mergeInference(known, changes);
        answer = changes.answer;
        expect(known).toEqual(mergeInference(NOTHING_INFERRED, findChanges(NOTHING, edit)));
        expect(known).toMatchObject({ outputs: edit.outputs, inputs: edit.inputs, muted: edit.muted });
        expect([known.keys, known.cached]).toEqual([new Map(Object.entries(edit.keys)), new Set(edit.cached)]);
        expect(known.problems).toEqual(edit.problems);
        expect([...known.problemsByNode.values()].flat()).toHaveLength(edit.problems.length);
      }
    };
    fc.assert(fc.property(fc.array(answers, { minLength: 1, maxLength: 6 }), check));
  });

  it('is small where little has, and leaves the rest as the same objects', () => {
    const before: InferredGraph = { ...NOTHING, keys: { a: '1', b: '1' }, outputs: { a: { x: typeFromKind('image') } } };
    const changes = findChanges(before, { ...before, keys: { a: '2', b: '1' } });
    expect(changes).toEqual({ outputs: {}, inputs: {}, keys: { a: '2' }, cached: {}, muted: {}, problems: null });
    const known = mergeInference(NOTHING_INFERRED, findChanges(NOTHING, before));
    const merged = mergeInference(known, changes);
    expect(merged.keys).toEqual(new Map(Object.entries({ a: '2', b: '1' })));
    expect([merged.outputs, merged.problemsByNode]).toEqual([known.outputs, known.problemsByNode]);
    expect(merged.outputs).toBe(known.outputs);
    // What a run was started with stays what it was.
    expect(known.keys).toEqual(new Map(Object.entries({ a: '1', b: '1' })));
    expect(mergeInference(merged, findChanges(before, before))).toBe(merged);
  });

  it('is everything where the answer named is not known, or no longer', () => {
    const keeper = createAnswerKeeper(1);
    const one: InferredGraph = { ...NOTHING, keys: { a: '1' } };
    const first = keeper.keep(one, 'of a host before');
    expect(first).toMatchObject({ since: null, keys: { a: '1' } });
    const another = keeper.keep(one, null);
    expect(keeper.keep(one, first.answer)).toMatchObject({ since: null, keys: { a: '1' } });
    expect(keeper.keep(one, another.answer)).toMatchObject({ since: null, keys: { a: '1' } });
  });
});

const NOTHING: InferredGraph = { outputs: {}, inputs: {}, keys: {}, cached: [], muted: {}, problems: [] };
