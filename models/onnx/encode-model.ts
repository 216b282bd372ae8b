import { BinaryWriter, WireType } from '@bufbuild/protobuf/wire';
import { ELEMENT_TYPES } from './element-type.ts';
import type { Attribute, Graph, GraphNode, GraphPort, Initializer } from './graph.ts';

/** Operator sets that graphs are written against: ai.onnx 21 has GroupNormalization over channels; com.microsoft has one version. */
export const OPERATOR_SETS = { '': 21, 'com.microsoft': 1 } as const;

/** The version of the file format that goes with ai.onnx 21. */
const IR_VERSION = 10;

/** AttributeProto.AttributeType. */
const ATTRIBUTE_KIND = { float: 1, int: 2, string: 3, ints: 7 } as const;

/** TensorProto.DataLocation.EXTERNAL. */
const EXTERNAL = 1;

/** Writes a graph as an ONNX ModelProto; field numbers are those of onnx.proto. */
export function encodeModel(graph: Graph): Uint8Array<ArrayBuffer> {
  const writer = new BinaryWriter();
  writer.tag(1, WireType.Varint).int64(IR_VERSION);
  writer.tag(2, WireType.LengthDelimited).string('emulsion');
  message(writer, 7, () => writeGraph(writer, graph));
  for (const [domain, version] of Object.entries(OPERATOR_SETS)) {
    message(writer, 8, () => {
      text(writer, 1, domain);
      writer.tag(2, WireType.Varint).int64(version);
    });
  }
  return writer.finish();
}

function writeGraph(writer: BinaryWriter, graph: Graph): void {
  for (const node of graph.nodes) message(writer, 1, () => writeNode(writer, node));
  text(writer, 2, graph.name);
  for (const initializer of graph.initializers) message(writer, 5, () => writeInitializer(writer, initializer));
  for (const port of graph.inputs) message(writer, 11, () => writePort(writer, port));
  for (const port of graph.outputs) message(writer, 12, () => writePort(writer, port));
}

function writeNode(writer: BinaryWriter, node: GraphNode): void {
  for (const input of node.inputs) text(writer, 1, input);
  for (const output of node.outputs) text(writer, 2, output);
  text(writer, 3, node.name);
  text(writer, 4, node.operator);
  for (const [name, value] of Object.entries(node.attributes)) message(writer, 5, () => writeAttribute(writer, name, value));
  if (node.domain !== '') text(writer, 7, node.domain);
}

function writeAttribute(writer: BinaryWriter, name: string, value: Attribute): void {
  text(writer, 1, name);
  if (typeof value === 'number') {
    writer.tag(3, WireType.Varint).int64(value);
    attributeKind(writer, 'int');
  } else if (typeof value === 'string') {
    text(writer, 4, value);
    attributeKind(writer, 'string');
  } else if ('float' in value) {
    writer.tag(2, WireType.Bit32).float(value.float);
    attributeKind(writer, 'float');
  } else {
    for (const item of value) writer.tag(8, WireType.Varint).int64(item);
    attributeKind(writer, 'ints');
  }
}

function attributeKind(writer: BinaryWriter, kind: keyof typeof ATTRIBUTE_KIND): void {
  writer.tag(20, WireType.Varint).int32(ATTRIBUTE_KIND[kind]);
}

function writeInitializer(writer: BinaryWriter, { name, type, shape, data }: Initializer): void {
  for (const size of shape) writer.tag(1, WireType.Varint).int64(size);
  writer.tag(2, WireType.Varint).int32(ELEMENT_TYPES[type]);
  text(writer, 8, name);
  if (data.kind === 'inline') {
    writer.tag(9, WireType.LengthDelimited).bytes(data.bytes);
    return;
  }
  const entries = { location: data.location, offset: String(data.byteOffset), length: String(data.byteLength) };
  for (const [key, value] of Object.entries(entries)) {
    message(writer, 13, () => {
      text(writer, 1, key);
      text(writer, 2, value);
    });
  }
  writer.tag(14, WireType.Varint).int32(EXTERNAL);
}

function writePort(writer: BinaryWriter, { name, type, shape }: GraphPort): void {
  text(writer, 1, name);
  // ValueInfoProto.type > TypeProto.tensor_type > { elem_type, shape > dim* }
  message(writer, 2, () =>
    message(writer, 1, () => {
      writer.tag(1, WireType.Varint).int32(ELEMENT_TYPES[type]);
      if (shape === undefined) return;
      message(writer, 2, () => {
        for (const size of shape) {
          message(writer, 1, () => {
            if (typeof size === 'number') writer.tag(1, WireType.Varint).int64(size);
            else text(writer, 2, size);
          });
        }
      });
    }),
  );
}

function text(writer: BinaryWriter, field: number, value: string): void {
  writer.tag(field, WireType.LengthDelimited).string(value);
}

function message(writer: BinaryWriter, field: number, write: () => void): void {
  writer.tag(field, WireType.LengthDelimited).fork();
  write();
  writer.join();
}
