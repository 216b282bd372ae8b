import type { InputSpec } from '../nodes/define-node.ts';
import { type ParamSpec, refuseParam } from '../nodes/params.ts';
import { type Problem, problem } from '../nodes/problem.ts';
import type { SocketKind } from '../nodes/socket-values.ts';
import { describeInterval } from '../nodes/types/describe.ts';
import { socketKindOfParam, typeFromKind } from '../nodes/types/from-kind.ts';
import { intersect } from '../nodes/types/intersect.ts';
import { explainMismatch } from '../nodes/types/mismatch.ts';
import { type Interval, list, literal, number, type SocketType, text, union } from '../nodes/types/socket-type.ts';
import type { NodeId } from './document.ts';
import { type IndexedNode, nameOf, type ValueOrigin, type Wire } from './index-graph.ts';
import { listDepth, peelLists, zipLengths } from './list-axes.ts';
import { ownValue } from './own-value.ts';
import type { SourceAdvice } from './source-advice.ts';
import { storedParam } from './stored-param.ts';

/** What inference knows of one input. */
export interface InferredInput {
  /** Of every single value that will arrive; a list for inputs that take several wires. Undefined: nothing, or not known. */
  readonly type: SocketType | undefined;
  /** Lengths of the list axes that are walked, outermost first. */
  readonly lengths: readonly Interval[];
  readonly problem: Problem | undefined;
}

type TypesByOutput = ReadonlyMap<NodeId, Readonly<Record<string, SocketType>>>;

const NOTHING: InferredInput = { type: undefined, lengths: [], problem: undefined };
const ANYTHING: SocketType = { kind: 'any' };

/** The inferred type of an output; anything for nodes this Emulsion does not know. */
export function originType(origin: ValueOrigin, known: TypesByOutput): SocketType {
  return ownValue(known.get(origin.node.id), origin.output) ?? ANYTHING;
}

/** Infers an input from what is wired to it. */
export function inferInput(entry: IndexedNode, name: string, spec: InputSpec, known: TypesByOutput, advice: SourceAdvice): InferredInput {
  const wires = entry.byInput.get(name) ?? [];
  const wanted = spec.accepts ?? typeFromKind(spec.type);
  const place: Place = { entry, name, title: spec.title, noun: 'input', wanted, kind: spec.type, advice };
  const live = wires.filter((wire) => wire.origin !== undefined);
  const [first] = live;
  if (first === undefined) {
    if (spec.optional || wires.some((wire) => wire.closesCycle)) return NOTHING;
    return { ...NOTHING, problem: explainMissing(place, wires) };
  }
  if (!spec.list) return arrive(place, first, known, 0);

  const items: SocketType[] = [];
  const lengths: Interval[] = [];
  let count: Interval = { min: 0, max: 0 };
  for (const wire of live) {
    // A list among the wires counts as that many wires; only axes outside of it are walked.
    const found = arrive(place, wire, known, 1);
    if (found.type === undefined) return found;
    items.push(found.type);
    count = { min: count.min + found.spread.min, max: count.max + found.spread.max };
    for (const [axis, length] of found.lengths.entries()) {
      const before = lengths[axis] ?? length;
      const both = zipLengths(before, length);
      if (both === undefined) return { ...NOTHING, problem: explainUnequal(entry, name, [spec.title], before, length) };
      lengths[axis] = both;
    }
  }
  return { type: list(union(...items), count), lengths, problem: undefined };
}

/** The sentence about lists that are walked side by side and can't be equally long. */
export function explainUnequal(entry: IndexedNode, socket: string, titles: readonly string[], a: Interval, b: Interval): Problem {
  const which = titles.length > 1 ? `its inputs ${titles.join(' and ')} get` : `its input ${titles.join()} gets`;
  const sentence =
    `${nameOf(entry)}: ${which} lists of ${describeInterval(a)} and ${describeInterval(b)} items, which can't be walked side by side. ` +
    'Give both equally many items.';
  return problem('graph.typeMismatch', sentence, { nodeId: entry.id, socket, path: `nodes.${entry.id}.inputs.${socket}` });
}

/** Infers a parameter: the stored value, or what is known of the value that a wire will bring. */
export function inferParam(
  entry: IndexedNode,
  name: string,
  spec: ParamSpec,
  known: TypesByOutput,
  advice: SourceAdvice,
): InferredInput & { readonly value: unknown } {
  const isInput = ownValue(entry.schema?.inputs, name) !== undefined;
  const wires = isInput ? [] : (entry.byInput.get(name) ?? []);
  const first = wires.find((wire) => wire.origin !== undefined);
  if (first === undefined) {
    // A wire in a circle brings a value nobody knows; one from a bypassed node with nothing to give leaves the stored value.
    if (entry.schema === undefined || wires.some((wire) => wire.closesCycle)) return { ...NOTHING, value: undefined };
    const stored = storedParam(entry.schema, entry.node.params, name);
    const value = refuseParam(spec, stored) === undefined ? stored : undefined;
    return { type: undefined, lengths: NOTHING.lengths, problem: undefined, value };
  }
  const wanted = typeOfParam(spec);
  const kind = socketKindOfParam(spec.kind);
  const place: Place = { entry, name, title: spec.title, noun: 'parameter', wanted, kind, advice };
  const found = arrive(place, first, known, 0);
  const value = found.type === undefined ? undefined : literalOf(found.type);
  const refusal = value === undefined ? undefined : refuseParam(spec, value);
  if (refusal === undefined) return { ...found, value };
  const from = nameOfSource(first);
  const sentence = `${nameOf(entry)}: ${spec.title} ${refusal}, which ${from} gives. Change it there, or remove the wire.`;
  return { ...NOTHING, problem: problem('graph.invalidParam', sentence, whereOf(place)), value: undefined };
}

/** The type of value a parameter takes from a wire. */
export function typeOfParam(spec: ParamSpec): SocketType {
  switch (spec.kind) {
    case 'int':
    case 'number':
      return number([spec.min, spec.max]);
    case 'choice':
      return text(Object.keys(spec.options));
    default:
      return typeFromKind(socketKindOfParam(spec.kind));
  }
}

/** An input or parameter, as problems speak of it. */
interface Place {
  readonly entry: IndexedNode;
  readonly name: string;
  readonly title: string;
  readonly noun: 'input' | 'parameter';
  readonly wanted: SocketType;
  readonly kind: SocketKind;
  readonly advice: SourceAdvice;
}

function whereOf(place: Place): { nodeId: string; socket: string; path: string } {
  return {
    nodeId: place.entry.id,
    socket: place.name,
    path: `nodes.${place.entry.id}.${place.noun === 'input' ? 'inputs' : 'params'}.${place.name}`,
  };
}

/** One value, as a wire brings it. */
interface Arrival extends InferredInput {
  /** How many of it come at once: 1, or the length of a list that is not walked but spread. */
  readonly spread: Interval;
}

const ONE: Interval = { min: 1, max: 1 };

/** What arrives through a wire. Of the lists that are not wanted, the innermost `spread` ones are spread, the others walked. */
function arrive(place: Place, wire: Wire, known: TypesByOutput, spread: 0 | 1): Arrival {
  const given = wire.origin === undefined ? ANYTHING : originType(wire.origin, known);
  const { wanted } = place;
  // An input for anything takes a list as it is; one for several things takes it as several.
  const extra = wanted.kind === 'any' ? Math.min(spread, listDepth(given)) : Math.max(0, listDepth(given) - listDepth(wanted));
  const { lengths, item } = peelLists(given, Math.max(0, extra - spread));
  const { lengths: spreadLengths, item: single } = peelLists(item, Math.min(spread, extra));
  const type = intersect(single, wanted);
  if (type.kind === 'never') {
    const mismatch = explainMismatch(single, wanted);
    const sentence = `${nameOf(place.entry)}: its ${place.noun} ${place.title} ${mismatch} from ${nameOfSource(wire)}.`;
    return { ...NOTHING, spread: ONE, problem: advise(place, problem('graph.typeMismatch', sentence, whereOf(place))) };
  }
  return { type, lengths, spread: spreadLengths[0] ?? ONE, problem: undefined };
}

function explainMissing(place: Place, wires: readonly Wire[]): Problem {
  const [wire] = wires;
  const needs = `${nameOf(place.entry)} needs its input ${place.title}, and`;
  if (wire === undefined) return advise(place, problem('graph.missingInput', `${needs} nothing is wired to it.`, whereOf(place)));
  const sentence = `${needs} ${nameOf(wire.source)} is bypassed with nothing like it to pass on. Switch that node on again, or wire something else there.`;
  return problem('graph.missingInput', sentence, whereOf(place));
}

/** Has the problem end with what could be wired there. */
function advise({ entry, wanted, kind, advice }: Place, found: Problem): Problem {
  return advice.promise(found, { entry, type: wanted, kind });
}

function nameOfSource(wire: Wire): string {
  if (wire.origin === undefined || wire.origin.node === wire.source) return nameOf(wire.source);
  return `${nameOf(wire.origin.node)} (through the bypassed ${nameOf(wire.source)})`;
}

/** The only value of a type, where it has only one. */
function literalOf(type: SocketType): number | string | undefined {
  if (type.kind === 'number') return literal(type);
  return type.kind === 'text' && type.values?.length === 1 ? type.values[0] : undefined;
}
