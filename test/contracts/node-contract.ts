import { isDeepStrictEqual } from 'node:util';
import { describe, expect, it } from 'vitest';
import { findValueFault } from '../../host/evaluator/check-value.ts';
import { Cancelled } from '../../nodes/cancelled.ts';
import type { AnyNodeDefinition } from '../../nodes/define-node.ts';
import { refuseParam } from '../../nodes/params.ts';
import { describeType } from '../../nodes/types/describe.ts';
import { typeFromKind } from '../../nodes/types/from-kind.ts';
import { intersect } from '../../nodes/types/intersect.ts';
import { list, type SocketType } from '../../nodes/types/socket-type.ts';
import { findSchemaFaults } from './node-schema-faults.ts';
import { countingSignal, type NodeExample, outputsOf, paramsOf, runExample } from './run-example.ts';
import { exactType, valueFits } from './value-type.ts';

/** How a node is put to the test. */
export interface NodeContractOptions {
  /** Calls that must succeed, by what is special about them; made when their test begins. */
  readonly examples: Readonly<Record<string, () => NodeExample | Promise<NodeExample>>>;
  /** The node only passes values on and needs not ask whether it is cancelled. */
  readonly instant?: true;
}

/** What every node promises: a complete schema, values that are what its sockets and types say, and an `evaluate` without surprises. */
export function nodeContract(definition: AnyNodeDefinition, { examples, instant }: NodeContractOptions): void {
  describe(`${definition.id} keeps the node contract`, () => {
    it('has a complete schema, documentation and migrations', () => {
      expect(findSchemaFaults(definition)).toEqual([]);
    });

    it('can say what it gives when nothing is known', () => {
      expect(findTypeFaults(definition)).toEqual([]);
    });

    it('has examples', () => {
      expect(Object.keys(examples)).not.toEqual([]);
    });

    for (const [name, make] of Object.entries(examples)) {
      it(`gives what its sockets and types say: ${name}`, async () => {
        const example = await make();
        for (const [param, value] of Object.entries(paramsOf(definition, example))) {
          expect(refuseParam(definition.params[param]!, value)).toBeUndefined();
        }
        const outputs = await outputsOf(definition, example);
        expect(Object.keys(outputs).sort()).toEqual(Object.keys(definition.outputs).sort());
        for (const [output, { type }] of Object.entries(definition.outputs)) expect(findValueFault(type, outputs[output])).toBeUndefined();
        for (const [knowledge, types] of Object.entries(inferAll(definition, example))) {
          for (const [output, type] of Object.entries(types)) {
            const isRight = valueFits(type, outputs[output]);
            expect(isRight, `${output} is inferred as ${describeType(type)} ${knowledge}, and the value is another`).toBe(true);
          }
        }
      });

      it(`gives the same again and leaves its inputs alone: ${name}`, async () => {
        const example = await make();
        const before = structuredClone(example.inputs ?? {});
        freeze(example.inputs);
        const first = structuredClone(await outputsOf(definition, example));
        const second = await outputsOf(definition, example);
        expect(isDeepStrictEqual(second, first), 'two calls give different values').toBe(true);
        expect(isDeepStrictEqual(example.inputs ?? {}, before), 'an input was written into').toBe(true);
      });

      it(`stops where it is cancelled, and counts its steps: ${name}`, async () => {
        const example = await make();
        const signal = countingSignal();
        const { progress } = await runExample(definition, example, signal);
        const { asked } = signal;
        if (!instant) expect(asked, 'the signal is never asked').toBeGreaterThan(0);
        for (const from of new Set(asked > 0 ? [1, asked] : [])) {
          await expect(runExample(definition, example, countingSignal(from))).rejects.toBeInstanceOf(Cancelled);
        }
        for (const [at, [done, total]] of progress.entries()) {
          expect(done).toBe(at + 1);
          expect(total).toBe(progress.length);
        }
      });
    }
  });
}

/** Types of outputs that no value can have, or that there is no output for, when nothing is known of inputs and parameters. */
export function findTypeFaults(definition: AnyNodeDefinition): string[] {
  const types = infer(definition, {}, {}, {});
  return Object.entries(types).flatMap(([output, type]) => {
    const spec = definition.outputs[output];
    if (spec === undefined) return [`${definition.id}: it infers a type for ${output}, and has no such output`];
    let single = type;
    while (single.kind === 'list') single = single.item;
    if (intersect(single, typeFromKind(spec.type)).kind !== 'never') return [];
    return [`${definition.id}: it infers ${describeType(type)} for ${output}, whose socket is for ${spec.type}`];
  });
}

/** What is inferred for an example with much and with little known. */
function inferAll(definition: AnyNodeDefinition, example: NodeExample): Record<string, Record<string, SocketType>> {
  const params = paramsOf(definition, example);
  const exact: Record<string, SocketType> = {};
  const general: Record<string, SocketType> = {};
  for (const [name, { type, list: isList }] of Object.entries(definition.inputs)) {
    const value = example.inputs?.[name];
    if (value === undefined) continue;
    exact[name] = exactType(type, value);
    general[name] = isList ? list(typeFromKind(type)) : typeFromKind(type);
  }
  return {
    'from exact inputs and parameters': infer(definition, exact, params, example),
    'from exact inputs alone': infer(definition, exact, {}, example),
    'from kinds and parameters': infer(definition, general, params, example),
    'from nothing': infer(definition, {}, {}, example),
  };
}

function infer(
  definition: AnyNodeDefinition,
  inputs: Readonly<Record<string, SocketType>>,
  params: Readonly<Record<string, unknown>>,
  { facts = {} }: NodeExample,
): Record<string, SocketType> {
  const given = definition.outputTypes?.(inputs, params, {
    title: definition.title,
    sourceTitle: (input) => definition.inputs[input]?.title ?? input,
    refuse: (socket, message) => {
      throw new Error(`${socket} is refused, and evaluating works: ${message}`);
    },
    warn: () => undefined,
    modelFacts: facts.modelFacts ?? (() => undefined),
    imageFacts: facts.imageFacts ?? (() => undefined),
    addOnFacts: facts.addOnFacts ?? (() => undefined),
  });
  const types: Record<string, SocketType> = {};
  for (const [name, { type }] of Object.entries(definition.outputs)) types[name] = typeFromKind(type);
  for (const [name, type] of Object.entries(given ?? {})) if (type !== undefined) types[name] = type;
  return types;
}

/** Freezes plain objects and arrays; memory of tensors can't be frozen and is compared instead. */
function freeze(value: unknown): void {
  if (typeof value !== 'object' || value === null || ArrayBuffer.isView(value)) return;
  Object.freeze(value);
  Object.values(value).forEach(freeze);
}
