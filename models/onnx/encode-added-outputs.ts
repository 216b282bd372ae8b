import { BinaryWriter, WireType } from '@bufbuild/protobuf/wire';

/**
 * A ModelProto with nothing but more outputs of the graph, by the names of values inside. Written behind another one's bytes it adds them to
 * that one's: protobuf joins messages that stand twice. Field numbers are those of onnx.proto.
 */
export function encodeAddedOutputs(names: readonly string[]): Uint8Array {
  const writer = new BinaryWriter();
  writer.tag(7, WireType.LengthDelimited).fork();
  for (const name of names) {
    writer.tag(12, WireType.LengthDelimited).fork();
    writer.tag(1, WireType.LengthDelimited).string(name);
    writer.join();
  }
  writer.join();
  return writer.finish();
}
