import { ELEMENT_TYPES, type ElementType } from './element-type.ts';
import type { OnnxConstant, OnnxDraw, OnnxPort } from './onnx-file.ts';
import { WireFault, type WireField, type WireFile } from './wire-file.ts';

/** Bytes of a tensor that lie in another file. */
export interface ExternalData {
  readonly tensor: string;
  readonly location: string;
  readonly byteOffset: number;
  /** Undefined: up to the file's end, or as many as the shape asks for. */
  readonly byteLength: number | undefined;
}

/** What is read of a ModelProto. */
export interface OnnxGraph {
  readonly inputs: readonly OnnxPort[];
  readonly outputs: readonly OnnxPort[];
  readonly constants: readonly OnnxConstant[];
  readonly externals: readonly ExternalData[];
  readonly operators: ReadonlyMap<string, number>;
  readonly draw: OnnxDraw | undefined;
}

/** Bodies of If and Loop inside of each other; nobody exports deeper ones. */
const DEEPEST = 16;

/** TensorProto.DataLocation.EXTERNAL. */
const EXTERNAL = 1;

const TYPES = new Map<number, ElementType>(
  // Keys of that very table.
  (Object.keys(ELEMENT_TYPES) as ElementType[]).map((type) => [ELEMENT_TYPES[type], type]),
);

/** The operators that drawing from a distribution is made of. */
const DRAWING: ReadonlySet<string> = new Set(['Add', 'Mul', 'Cast', 'RandomNormal', 'RandomNormalLike']);

interface Found {
  readonly inputs: OnnxPort[];
  readonly outputs: OnnxPort[];
  readonly constants: OnnxConstant[];
  readonly externals: ExternalData[];
  readonly operators: Map<string, number>;
  /** Few kinds of nodes, by the value they make. */
  readonly makers: Map<string, { readonly operator: string; readonly inputs: readonly string[] }>;
}

/** Reads what a ModelProto says of itself; field numbers are those of onnx.proto. A file that is none throws a WireFault. */
export function readOnnxGraph(file: WireFile, sizeBytes: number): OnnxGraph {
  const found: Found = { inputs: [], outputs: [], constants: [], externals: [], operators: new Map(), makers: new Map() };
  let hasGraph = false;
  for (const field of file.fields(0, sizeBytes)) {
    if (field.number === 7 && field.kind === 'bytes') {
      readGraph(file, field, found, 0);
      hasGraph = true;
    } else if (field.number === 25 && field.kind === 'bytes') {
      // Functions of the model's own: their constants may lie outside too.
      for (const inner of file.fields(field.start, field.end)) if (inner.number === 7) readNode(file, inner, found, 1);
    }
  }
  if (!hasGraph) throw new WireFault('it has no graph');
  const constant = new Set(found.constants.map(({ name }) => name));
  const { outputs, constants, externals, operators } = found;
  const inputs = found.inputs.filter(({ name }) => !constant.has(name));
  return { inputs, outputs, constants, externals, operators, draw: findDraw(found) };
}

function readGraph(file: WireFile, { start, end }: WireField, found: Found, depth: number): void {
  if (depth > DEEPEST) throw new WireFault(`graphs lie in graphs ${depth} deep`);
  for (const field of file.fields(start, end)) {
    if (field.kind !== 'bytes') continue;
    if (field.number === 1) readNode(file, field, found, depth);
    else if (field.number === 5) readTensor(file, field, found, depth === 0);
    else if (field.number === 15) {
      // SparseTensorProto: values and indices.
      for (const part of file.fields(field.start, field.end)) if (part.kind === 'bytes') readTensor(file, part, found, depth === 0);
    } else if (depth === 0 && field.number === 11) found.inputs.push(readPort(file, field));
    else if (depth === 0 && field.number === 12) found.outputs.push(readPort(file, field));
  }
}

function readNode(file: WireFile, { start, end }: WireField, found: Found, depth: number): void {
  const inputs: string[] = [];
  const outputs: string[] = [];
  let operator = '';
  for (const field of file.fields(start, end)) {
    if (field.kind !== 'bytes') continue;
    if (field.number === 1) inputs.push(file.text(field));
    else if (field.number === 2) outputs.push(file.text(field));
    else if (field.number === 4) operator = file.text(field);
    else if (field.number === 5) readAttribute(file, field, found, depth);
  }
  found.operators.set(operator, (found.operators.get(operator) ?? 0) + 1);
  const [output] = outputs;
  if (depth === 0 && output !== undefined && DRAWING.has(operator)) found.makers.set(output, { operator, inputs });
}

function readAttribute(file: WireFile, { start, end }: WireField, found: Found, depth: number): void {
  for (const field of file.fields(start, end)) {
    if (field.kind !== 'bytes') continue;
    if (field.number === 5 || field.number === 10) readTensor(file, field, found, false);
    else if (field.number === 6 || field.number === 11) readGraph(file, field, found, depth + 1);
    else if (field.number === 22 || field.number === 23) {
      for (const part of file.fields(field.start, field.end)) if (part.kind === 'bytes') readTensor(file, part, found, false);
    }
  }
}

function readTensor(file: WireFile, { start, end }: WireField, found: Found, isNamed: boolean): void {
  const shape: number[] = [];
  const entries: Record<string, string> = {};
  let name = '';
  let isExternal = false;
  for (const field of file.fields(start, end)) {
    if (field.number === 1) shape.push(...(field.kind === 'varint' ? [field.value] : file.packed(field)));
    else if (field.number === 8 && field.kind === 'bytes') name = file.text(field);
    else if (field.number === 13 && field.kind === 'bytes') {
      const [key, value] = readEntry(file, field);
      entries[key] = value;
    } else if (field.number === 14) isExternal = field.value === EXTERNAL;
  }
  if (isNamed) found.constants.push({ name, shape });
  if (!isExternal && entries['location'] === undefined) return;
  const { location, offset = '0', length } = entries;
  if (location === undefined) throw new WireFault(`the tensor ${name} lies in another file, and nothing says in which`);
  if (!/^\d{1,15}$/.test(offset) || (length !== undefined && !/^\d{1,15}$/.test(length))) {
    throw new WireFault(`the tensor ${name} lies in ${location} at ${offset} with a length of ${length}`);
  }
  found.externals.push({
    tensor: name,
    location,
    byteOffset: Number(offset),
    byteLength: length === undefined ? undefined : Number(length),
  });
}

function readEntry(file: WireFile, { start, end }: WireField): readonly [key: string, value: string] {
  let [key, value] = ['', ''];
  for (const field of file.fields(start, end)) {
    if (field.number === 1 && field.kind === 'bytes') key = file.text(field);
    else if (field.number === 2 && field.kind === 'bytes') value = file.text(field);
  }
  return [key, value];
}

/** ValueInfoProto.type > TypeProto.tensor_type > { elem_type, shape > dim* }. */
function readPort(file: WireFile, { start, end }: WireField): OnnxPort {
  let name = '';
  let type: ElementType | undefined;
  let shape: (number | string | null)[] | undefined;
  for (const field of file.fields(start, end)) {
    if (field.kind !== 'bytes') continue;
    if (field.number === 1) name = file.text(field);
    if (field.number !== 2) continue;
    for (const kind of file.fields(field.start, field.end)) {
      if (kind.number !== 1 || kind.kind !== 'bytes') continue;
      for (const part of file.fields(kind.start, kind.end)) {
        if (part.number === 1) type = TYPES.get(part.value);
        else if (part.number === 2 && part.kind === 'bytes') shape = readShape(file, part);
      }
    }
  }
  return { name, type, shape };
}

function readShape(file: WireFile, { start, end }: WireField): (number | string | null)[] {
  const shape: (number | string | null)[] = [];
  for (const dim of file.fields(start, end)) {
    if (dim.number !== 1 || dim.kind !== 'bytes') continue;
    let size: number | string | null = null;
    for (const part of file.fields(dim.start, dim.end)) {
      if (part.number === 1 && part.kind === 'varint') size = part.value;
      else if (part.number === 2 && part.kind === 'bytes') size = file.text(part) || null;
    }
    // −1, as some exporters write it, and sizes that nothing has.
    shape.push(typeof size === 'number' && (size < 0 || size > 2 ** 40) ? null : size);
  }
  return shape;
}

/** An output that is mean + std · noise, as an encoder exported with its drawing has it. */
function findDraw({ outputs, makers }: Found): OnnxDraw | undefined {
  const isNoise = (name: string): boolean => {
    const maker = makers.get(name);
    return maker?.operator === 'Cast' ? isNoise(maker.inputs[0] ?? '') : maker?.operator.startsWith('Random') === true;
  };
  for (const { name } of outputs) {
    const sum = makers.get(name);
    if (sum?.operator !== 'Add') continue;
    for (const [mean = '', product = ''] of [sum.inputs, [...sum.inputs].reverse()]) {
      const scaled = makers.get(product);
      if (scaled?.operator !== 'Mul') continue;
      const std = scaled.inputs.find((_, at) => isNoise(scaled.inputs[1 - at] ?? ''));
      if (std !== undefined) return { mean, std };
    }
  }
  return undefined;
}
