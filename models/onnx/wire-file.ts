import { readSync } from 'node:fs';

/** What is wrong with a protobuf file, as the middle of a sentence: "it ends in the middle of …". */
export class WireFault extends Error {}

/** One field of a message in a file. A varint has its value, anything else the place of its bytes. */
export interface WireField {
  readonly number: number;
  readonly kind: 'varint' | 'bytes' | 'fixed32' | 'fixed64';
  /** Of a varint that may be a size: beyond 2^53 it is not exact. */
  readonly value: number;
  readonly start: number;
  readonly end: number;
}

const WINDOW_BYTES = 1 << 18;
const TEXT = new TextDecoder('utf-8');

/**
 * Protobuf read straight from a file, field by field: what is not asked for is skipped and never read, so that the weights inside of a
 * model cost nothing. Whatever does not fit into the file throws a WireFault.
 */
export class WireFile {
  readonly #fd: number;
  readonly #sizeBytes: number;
  #window: Uint8Array = new Uint8Array(0);
  #windowStart = 0;

  constructor(fd: number, sizeBytes: number) {
    this.#fd = fd;
    this.#sizeBytes = sizeBytes;
  }

  /** The fields of the message in these bytes, in order. */
  *fields(start: number, end: number): Generator<WireField> {
    let at = start;
    while (at < end) {
      const tag = this.#varint(at, end);
      const number = Math.floor(tag.value / 8);
      if (number === 0) throw new WireFault(`byte ${at} begins no field`);
      at = tag.end;
      const wire = tag.value % 8;
      if (wire === 0) {
        const found = this.#varint(at, end);
        yield { number, kind: 'varint', value: found.value, start: at, end: found.end };
        at = found.end;
        continue;
      }
      let kind: WireField['kind'];
      let length: number;
      if (wire === 2) {
        const size = this.#varint(at, end);
        kind = 'bytes';
        length = size.value;
        at = size.end;
      } else if (wire === 1 || wire === 5) {
        kind = wire === 1 ? 'fixed64' : 'fixed32';
        length = wire === 1 ? 8 : 4;
      } else {
        throw new WireFault(`byte ${at} begins a field of an unknown kind (${wire})`);
      }
      if (at + length > end) throw new WireFault(`a field of ${length} bytes at byte ${at} goes beyond its message, which ends at ${end}`);
      yield { number, kind, value: 0, start: at, end: at + length };
      at += length;
    }
  }

  /** A field's text; one longer than `most` bytes is a fault. */
  text({ start, end }: WireField, most = 4096): string {
    if (end - start > most) throw new WireFault(`a name at byte ${start} has ${end - start} bytes, more than ${most}`);
    return TEXT.decode(this.#bytes(start, end));
  }

  /** The varints that are packed into a field. */
  packed({ start, end }: WireField): number[] {
    const values: number[] = [];
    for (let at = start; at < end; ) {
      const found = this.#varint(at, end);
      values.push(found.value);
      at = found.end;
    }
    return values;
  }

  #varint(start: number, end: number): { value: number; end: number } {
    let value = 0;
    for (let at = start, scale = 1; at < end && at < start + 10; at++, scale *= 128) {
      const byte = this.#byte(at);
      value += (byte & 127) * scale;
      if (byte < 128) return { value, end: at + 1 };
    }
    throw new WireFault(`byte ${start} begins a number without an end`);
  }

  #byte(at: number): number {
    const inside = at - this.#windowStart;
    if (inside < 0 || inside >= this.#window.length) this.#load(at);
    const byte = this.#window[at - this.#windowStart];
    if (byte === undefined) throw new WireFault(`it ends at byte ${at}, in the middle of a message`);
    return byte;
  }

  #bytes(start: number, end: number): Uint8Array {
    if (start < this.#windowStart || end > this.#windowStart + this.#window.length) this.#load(start);
    const found = this.#window.subarray(start - this.#windowStart, end - this.#windowStart);
    if (found.length < end - start) throw new WireFault(`it ends at byte ${start + found.length}, in the middle of a text`);
    return found;
  }

  #load(at: number): void {
    const window = new Uint8Array(Math.max(0, Math.min(WINDOW_BYTES, this.#sizeBytes - at)));
    this.#windowStart = at;
    this.#window = window.subarray(0, window.length === 0 ? 0 : readSync(this.#fd, window, 0, window.length, at));
  }
}
