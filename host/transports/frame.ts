/**
 * Messages as WebSocket frames. Without bytes in it a message is a text frame of JSON. With bytes it is a binary frame: u32
 * little-endian length of the header, the header as JSON in which each Uint8Array stands as {"$bytes": [offset, length]}, then the
 * bytes one after another. Numbers that JSON cannot hold stand as {"$number": "Infinity"}.
 */
const PREFIX_BYTES = 4;

/** Encodes a message of plain data and Uint8Arrays. */
export function encodeFrame(message: unknown): string | Uint8Array<ArrayBuffer> {
  const parts: Uint8Array[] = [];
  let offset = 0;
  const json = JSON.stringify(message, function (this: Readonly<Record<string, unknown>>, key, given: unknown) {
    if (typeof given === 'number' && !Number.isFinite(given)) return { $number: String(given) };
    // A Buffer has been made an object of numbers by its toJSON before it is given here.
    const value = this[key];
    if (!(value instanceof Uint8Array)) return given;
    parts.push(value);
    offset += value.length;
    return { $bytes: [offset - value.length, value.length] };
  });
  if (parts.length === 0) return json;
  const header = new TextEncoder().encode(json);
  const frame = new Uint8Array(PREFIX_BYTES + header.length + offset);
  new DataView(frame.buffer).setUint32(0, header.length, true);
  frame.set(header, PREFIX_BYTES);
  let at = PREFIX_BYTES + header.length;
  for (const part of parts) {
    frame.set(part, at);
    at += part.length;
  }
  return frame;
}

/** The message in a frame; undefined when it is none. Byte arrays are views on the frame. */
export function decodeFrame(frame: string | Uint8Array): { readonly message: unknown } | undefined {
  try {
    if (typeof frame === 'string') return { message: parse(frame, new Uint8Array(0)) };
    const headerBytes = new DataView(frame.buffer, frame.byteOffset, frame.byteLength).getUint32(0, true);
    if (headerBytes > frame.length - PREFIX_BYTES) return undefined;
    const bytes = frame.subarray(PREFIX_BYTES + headerBytes);
    const json = new TextDecoder('utf-8', { fatal: true }).decode(frame.subarray(PREFIX_BYTES, PREFIX_BYTES + headerBytes));
    return { message: parse(json, bytes) };
  } catch {
    return undefined; // not a frame of ours
  }
}

function parse(json: string, bytes: Uint8Array): unknown {
  // Looking at every value takes ten times as long as reading them, and large answers seldom need it.
  if (!json.includes('"$bytes"') && !json.includes('"$number"')) return JSON.parse(json);
  return JSON.parse(json, (_key, value: unknown) => {
    if (typeof value !== 'object' || value === null) return value;
    if ('$number' in value) return Number(value.$number);
    return '$bytes' in value && Array.isArray(value.$bytes) ? (cut(bytes, value.$bytes) ?? value) : value;
  });
}

function cut(bytes: Uint8Array, [offset, length]: readonly unknown[]): Uint8Array | undefined {
  if (!Number.isInteger(offset) || !Number.isInteger(length)) return undefined;
  const [start, count] = [Number(offset), Number(length)];
  if (start < 0 || count < 0 || start + count > bytes.length) return undefined;
  return bytes.subarray(start, start + count);
}
