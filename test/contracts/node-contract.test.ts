import { describe, expect, it } from 'vitest';
import { type AnyNodeDefinition, defineNode } from '../../nodes/define-node.ts';
import { ok } from '../../nodes/problem.ts';
import { zeros } from '../../nodes/tensor.ts';
import { list, number, struct, text, union } from '../../nodes/types/socket-type.ts';
import { findTypeFaults } from './node-contract.ts';
import { findSchemaFaults } from './node-schema-faults.ts';
import { exactType, valueFits } from './value-type.ts';

const good = defineNode({
  id: 'example.good',
  version: 2,
  title: 'Good',
  category: 'example',
  summary: 'Does as it says.',
  docs: `Says what it does, in which units and after which source, in as many words as it takes to be understood by people who
have never seen it, and in no more than that.`,
  inputs: { image: { type: 'image', title: 'Image', doc: 'A picture.' } },
  outputs: { image: { type: 'image', title: 'Image', doc: 'The same.' } },
  params: { size: { kind: 'int', title: 'Size', doc: 'How large.', default: 4, min: 1, max: 8 } },
  migrations: [{ from: 1, migrate: (params) => params }],
  evaluate: async ({ image }) => ok({ image }),
});

describe('findSchemaFaults', () => {
  it('finds nothing in a good node', () => {
    expect(findSchemaFaults(good)).toEqual([]);
  });

  const wrong: readonly (readonly [what: string, change: Partial<AnyNodeDefinition>])[] = [
    ['an id of another category', { id: 'other.good' }],
    ['an empty title', { title: '' }],
    ['a summary without a full stop', { summary: 'Does as it says' }],
    ['a summary of two sentences', { summary: 'Does it. Says it.' }],
    ['short docs', { docs: 'Good.' }],
    ['headings in its docs', { docs: `# Good\n${good.docs}` }],
    ['no outputs', { outputs: {} }],
    ['a socket without a doc', { inputs: { image: { type: 'image', title: 'Image', doc: '' } } }],
    ['a name with an underscore', { inputs: { my_image: { type: 'image', title: 'Image', doc: 'A picture.' } } }],
    ['an input and a parameter of one name', { inputs: { size: { type: 'number', title: 'Size', doc: 'How large.' } } }],
    ['a default out of range', { params: { size: { kind: 'int', title: 'Size', doc: 'How large.', default: 9, min: 1, max: 8 } } }],
    ['a choice of one', { params: { way: { kind: 'choice', title: 'Way', doc: 'Which.', default: 'a', options: { a: 'A' } } } }],
    ['a missing migration', { migrations: [] }],
    ['a migration too many', { version: 1 }],
    ['a schema JSON loses', { params: { size: { kind: 'number', title: 'Size', doc: 'How.', default: 0, min: -Infinity, max: 1 } } }],
  ];
  it.each(wrong)('finds %s', (_what, change) => {
    expect(findSchemaFaults({ ...good, ...change })).toHaveLength(1);
  });
});

describe('findTypeFaults', () => {
  it('finds types that contradict the socket, and types for sockets there are not', () => {
    const of = (outputTypes: AnyNodeDefinition['outputTypes']) => findTypeFaults({ ...good, ...(outputTypes && { outputTypes }) });
    expect(of(undefined)).toEqual([]);
    expect(of(() => ({ image: list(struct('image')) }))).toEqual([]);
    expect(of(() => ({ image: struct('mask') }))).toHaveLength(1);
    expect(of(() => ({ picture: struct('image') }))).toHaveLength(1);
  });
});

describe('valueFits', () => {
  const picture = zeros([2, 3, 4, 6]);
  it.each([
    [struct('image'), picture, true],
    [struct('image', { width: 6, height: 4, channels: 3, batch: 2 }), picture, true],
    [struct('image', { width: [4, 6] }), picture, true],
    [struct('image', { width: [7, 9] }), picture, false],
    [struct('image', { batch: 1 }), picture, false],
    [list(struct('image'), { min: 2, max: 2 }), [picture, picture], true],
    [list(struct('image'), { min: 3, max: 3 }), [picture, picture], false],
    [union(struct('image', { width: 7 }), struct('image', { width: 6 })), picture, true],
    [number([0, 1]), 0.5, true],
    [number([0, 1]), 2, false],
    [text(['a']), 'b', false],
    [text(), 'b', true],
  ] as const)('%j', (type, value, fits) => {
    expect(valueFits(type, value)).toBe(fits);
  });

  it('holds for the exact type of a value', () => {
    expect(valueFits(exactType('image', [picture, zeros([1, 1, 2, 2])]), [picture, zeros([1, 1, 2, 2])])).toBe(true);
    expect(exactType('image', picture)).toEqual(struct('image', { width: 6, height: 4, channels: 3, batch: 2 }));
  });
});
