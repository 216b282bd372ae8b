import { BinaryReader, BinaryWriter, WireType } from '@bufbuild/protobuf/wire';

/** Messages of onnx.proto in which tensors may lie, with the fields that lead to them; `entries` are a tensor's external data. */
const MESSAGES = {
  model: { 7: 'graph', 25: 'function' },
  function: { 7: 'node' },
  graph: { 1: 'node', 5: 'tensor', 15: 'sparse' },
  node: { 5: 'attribute' },
  attribute: { 5: 'tensor', 6: 'graph', 10: 'tensor', 11: 'graph', 22: 'sparse', 23: 'sparse' },
  sparse: { 1: 'tensor', 2: 'tensor' },
  tensor: { 13: 'entry' },
  entry: {},
} as const satisfies Record<string, Readonly<Record<number, string>>>;

type MessageKind = keyof typeof MESSAGES;

/** A ModelProto whose tensors lie in other files than it says: each location is replaced by what `places` has for it. */
export function relocateWeights(model: Uint8Array, places: ReadonlyMap<string, string>): Uint8Array {
  return rewrite(model, 'model', places);
}

function rewrite(bytes: Uint8Array, kind: MessageKind, places: ReadonlyMap<string, string>): Uint8Array {
  if (kind === 'entry') return rewriteEntry(bytes, places);
  const fields: Readonly<Record<number, MessageKind>> = MESSAGES[kind];
  const reader = new BinaryReader(bytes);
  const writer = new BinaryWriter();
  while (reader.pos < reader.len) {
    const start = reader.pos;
    const [number, wire] = reader.tag();
    const inner = fields[number];
    if (inner === undefined || wire !== WireType.LengthDelimited) {
      reader.skip(wire, number);
      writer.raw(bytes.subarray(start, reader.pos));
    } else {
      writer.tag(number, wire).bytes(rewrite(reader.bytes(), inner, places));
    }
  }
  return writer.finish();
}

/** StringStringEntryProto: key and value. */
function rewriteEntry(bytes: Uint8Array, places: ReadonlyMap<string, string>): Uint8Array {
  const reader = new BinaryReader(bytes);
  const found = new Map<number, string>();
  while (reader.pos < reader.len) {
    const [number, wire] = reader.tag();
    if (wire === WireType.LengthDelimited) found.set(number, reader.string());
    else reader.skip(wire, number);
  }
  const value = found.get(2) ?? '';
  const place = found.get(1) === 'location' ? (places.get(value) ?? value) : value;
  return new BinaryWriter()
    .tag(1, WireType.LengthDelimited)
    .string(found.get(1) ?? '')
    .tag(2, WireType.LengthDelimited)
    .string(place)
    .finish();
}
