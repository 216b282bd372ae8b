import { BinaryReader, WireType } from '@bufbuild/protobuf/wire';

/** One operator call of a written model. */
export interface ReadNode {
  readonly operator: string;
  readonly domain: string;
  readonly name: string;
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  /** Integers are bigint, as the file has them. */
  readonly attributes: Readonly<Record<string, bigint | number | string | readonly bigint[]>>;
}

/** One constant of a written model. */
export interface ReadInitializer {
  readonly name: string;
  readonly type: number;
  readonly shape: readonly bigint[];
  readonly bytes: Uint8Array | undefined;
  /** The external data's entries; empty for constants inside the model. */
  readonly external: Readonly<Record<string, string>>;
}

/** One input or output of a written model. */
export interface ReadPort {
  readonly name: string;
  readonly type: number;
  readonly shape: readonly (bigint | string)[];
}

/** A written model, read back field by field; field numbers are those of onnx.proto. */
export interface ReadModel {
  readonly irVersion: bigint;
  readonly producer: string;
  readonly operatorSets: Readonly<Record<string, bigint>>;
  readonly name: string;
  readonly nodes: readonly ReadNode[];
  readonly initializers: readonly ReadInitializer[];
  readonly inputs: readonly ReadPort[];
  readonly outputs: readonly ReadPort[];
}

type Field = bigint | number | Uint8Array;

/** Every field of a message by number, in order. */
class Message {
  readonly #fields = new Map<number, Field[]>();

  constructor(bytes: Uint8Array) {
    const reader = new BinaryReader(bytes);
    while (reader.pos < reader.len) {
      const [field, wire] = reader.tag();
      const value = wire === WireType.Varint ? BigInt(reader.int64()) : wire === WireType.Bit32 ? reader.float() : reader.bytes();
      this.#fields.set(field, [...(this.#fields.get(field) ?? []), value]);
    }
  }

  integers(field: number): bigint[] {
    return (this.#fields.get(field) ?? []).filter((value) => typeof value === 'bigint');
  }

  integer(field: number): bigint {
    return this.integers(field)[0] ?? 0n;
  }

  float(field: number): number | undefined {
    return (this.#fields.get(field) ?? []).find((value) => typeof value === 'number');
  }

  bytes(field: number): Uint8Array[] {
    return (this.#fields.get(field) ?? []).filter((value) => value instanceof Uint8Array);
  }

  texts(field: number): string[] {
    return this.bytes(field).map((value) => new TextDecoder().decode(value));
  }

  text(field: number): string {
    return this.texts(field)[0] ?? '';
  }

  messages(field: number): Message[] {
    return this.bytes(field).map((value) => new Message(value));
  }

  message(field: number): Message {
    return this.messages(field)[0] ?? new Message(new Uint8Array());
  }
}

/** Reads a model that was written as ONNX, by nothing but the file format's own rules. */
export function readOnnx(bytes: Uint8Array): ReadModel {
  const model = new Message(bytes);
  const graph = model.message(7);
  return {
    irVersion: model.integer(1),
    producer: model.text(2),
    operatorSets: Object.fromEntries(model.messages(8).map((one) => [one.text(1), one.integer(2)])),
    name: graph.text(2),
    nodes: graph.messages(1).map(readNode),
    initializers: graph.messages(5).map(readInitializer),
    inputs: graph.messages(11).map(readPort),
    outputs: graph.messages(12).map(readPort),
  };
}

function readNode(node: Message): ReadNode {
  return {
    inputs: node.texts(1),
    outputs: node.texts(2),
    name: node.text(3),
    operator: node.text(4),
    domain: node.text(7),
    attributes: Object.fromEntries(node.messages(5).map((attribute) => [attribute.text(1), readAttribute(attribute)])),
  };
}

function readAttribute(attribute: Message): ReadNode['attributes'][string] {
  switch (attribute.integer(20)) {
    case 1n:
      return attribute.float(2) ?? 0;
    case 2n:
      return attribute.integer(3);
    case 3n:
      return attribute.text(4);
    case 7n:
      return attribute.integers(8);
    default:
      throw new Error(`attribute ${attribute.text(1)} is of kind ${attribute.integer(20)}`);
  }
}

function readInitializer(tensor: Message): ReadInitializer {
  return {
    shape: tensor.integers(1),
    type: Number(tensor.integer(2)),
    name: tensor.text(8),
    bytes: tensor.bytes(9)[0],
    external: tensor.integer(14) === 1n ? Object.fromEntries(tensor.messages(13).map((one) => [one.text(1), one.text(2)])) : {},
  };
}

function readPort(port: Message): ReadPort {
  const tensor = port.message(2).message(1);
  const shape = tensor.message(2).messages(1);
  return {
    name: port.text(1),
    type: Number(tensor.integer(1)),
    shape: shape.map((size) => (size.text(2) === '' ? size.integer(1) : size.text(2))),
  };
}
