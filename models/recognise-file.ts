/** What a file is, told from its first bytes and not from its name. */
export type FileKind =
  | 'safetensors'
  | 'onnx'
  | 'torchZip'
  | 'pickle'
  | 'zip'
  | 'archive'
  | 'gguf'
  | 'hdf5'
  | 'picture'
  | 'html'
  | 'gitLfsPointer'
  | 'json'
  | 'empty'
  | 'zeros'
  | 'unknown';

/** How many of a file's first bytes `recogniseFile` wants to see. */
export const RECOGNISE_BYTES = 4096;

const SIGNATURES: readonly (readonly [FileKind, readonly number[]])[] = [
  ['gguf', [0x47, 0x47, 0x55, 0x46]],
  ['hdf5', [0x89, 0x48, 0x44, 0x46]],
  ['picture', [0x89, 0x50, 0x4e, 0x47]],
  ['picture', [0xff, 0xd8, 0xff]],
  ['picture', [0x52, 0x49, 0x46, 0x46]],
  ['picture', [0x47, 0x49, 0x46, 0x38]],
  ['archive', [0x1f, 0x8b]],
  ['archive', [0x37, 0x7a, 0xbc, 0xaf]],
  ['archive', [0x52, 0x61, 0x72, 0x21]],
  ['archive', [0x28, 0xb5, 0x2f, 0xfd]],
];

/** Names the format of a file that begins with `start` (up to RECOGNISE_BYTES bytes). */
export function recogniseFile(start: Uint8Array, sizeBytes: number): FileKind {
  if (sizeBytes === 0) return 'empty';
  if (start[8] === 0x7b && start[5] === 0 && start[6] === 0 && start[7] === 0) return 'safetensors';
  if (startsWith(start, [0x50, 0x4b, 0x03, 0x04])) return textOf(start).includes('data.pkl') ? 'torchZip' : 'zip';
  // Pickle protocol 2 to 5; what torch wrote before 1.6 begins like this too.
  if (start[0] === 0x80 && (start[1] ?? 0) >= 2 && (start[1] ?? 0) <= 5) return 'pickle';
  for (const [kind, signature] of SIGNATURES) if (startsWith(start, signature)) return kind;
  if (textOf(start.subarray(257, 262)) === 'ustar') return 'archive';
  if (start.every((byte) => byte === 0)) return 'zeros';
  if (looksLikeOnnx(start)) return 'onnx';
  const text = textOf(start)
    .replace(/^\u00ef\u00bb\u00bf/, '')
    .trimStart();
  if (text.startsWith('version https://git-lfs')) return 'gitLfsPointer';
  if (/^(<!doctype|<html|<head|<\?xml|<!--)/i.test(text)) return 'html';
  if (/^[{[]\s*["[\]{}]/.test(text)) return 'json';
  return 'unknown';
}

/** An ONNX ModelProto begins with field 1 (ir_version, a small varint) and goes on with a field from 2 to 8. */
function looksLikeOnnx(start: Uint8Array): boolean {
  const [tag, version, next] = start;
  return (
    tag === 0x08 &&
    version !== undefined &&
    version >= 1 &&
    version <= 32 &&
    next !== undefined &&
    [0x12, 0x1a, 0x22, 0x28, 0x32, 0x3a, 0x42].includes(next)
  );
}

function startsWith(bytes: Uint8Array, signature: readonly number[]): boolean {
  return signature.every((byte, index) => bytes[index] === byte);
}

function textOf(bytes: Uint8Array): string {
  return new TextDecoder('latin1').decode(bytes);
}
