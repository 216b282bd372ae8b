import { fail, ok, type Result } from '../nodes/problem.ts';

/**
 * The text of a graph file: UTF-8, or UTF-16 with a byte order mark, as Windows PowerShell writes. Other bytes are refused: read
 * with characters replaced, a prompt would draw something else.
 */
export function decodeGraphText(name: string, bytes: Uint8Array): Result<string> {
  const encoding = markedEncoding(bytes);
  try {
    return ok(new TextDecoder(encoding, { fatal: true }).decode(bytes));
  } catch {
    const found = encoding === 'utf-8' ? `is not UTF-8 text (from byte ${firstWrongByte(bytes)})` : 'is UTF-16 text that is damaged';
    return fail('graph.damaged', `${name}: The file ${found}. Open it in the program that wrote it, and save it as UTF-8.`);
  }
}

function markedEncoding(bytes: Uint8Array): 'utf-8' | 'utf-16le' | 'utf-16be' {
  if (bytes[0] === 0xff && bytes[1] === 0xfe) return 'utf-16le';
  return bytes[0] === 0xfe && bytes[1] === 0xff ? 'utf-16be' : 'utf-8';
}

/** Where text that is not UTF-8 goes wrong: what is put in the place of wrong bytes differs from them. */
function firstWrongByte(bytes: Uint8Array): number {
  const mended = new TextEncoder().encode(new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes));
  const at = bytes.findIndex((byte, index) => byte !== mended[index]);
  // The sign put in begins with a byte that a file may be cut off after.
  return at < 0 ? bytes.length - 1 : at;
}
