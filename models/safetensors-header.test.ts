import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseSafetensorsHeader, SAFETENSORS_DTYPE_BITS, type SafetensorsHeader } from './safetensors-header.ts';

function parse(text: string, dataBytes: number) {
  const header = new TextEncoder().encode(text);
  return parseSafetensorsHeader(header, 8 + header.length + dataBytes);
}

function faultOf(text: string, dataBytes: number): string {
  const result = parse(text, dataBytes);
  return 'fault' in result ? result.fault : 'accepted';
}

describe('parseSafetensorsHeader', () => {
  it('reads names, types, shapes and ranges counted from the start of the file', () => {
    const text =
      '{"__metadata__":{"format":"pt"},"b":{"dtype":"F16","shape":[2,3],"data_offsets":[4,16]},"a":{"dtype":"F32","shape":[],"data_offsets":[0,4]}}  ';
    const header = parse(text, 16) as SafetensorsHeader;
    expect([...header.tensors.keys()]).toEqual(['b', 'a']);
    expect(header.tensors.get('b')).toEqual({ name: 'b', dtype: 'F16', shape: [2, 3], offset: 8 + text.length + 4, length: 12 });
    expect(header.tensors.get('a')?.length).toBe(4);
    expect(header.metadata.get('format')).toBe('pt');
  });

  it('reads empty tensors and an empty file', () => {
    expect((parse('{}', 0) as SafetensorsHeader).tensors.size).toBe(0);
    expect((parse('{"e":{"dtype":"F32","shape":[0,7],"data_offsets":[0,0]}}', 0) as SafetensorsHeader).tensors.get('e')?.length).toBe(0);
  });

  it.each([
    ['not JSON', '{"a":', 0, /valid JSON/],
    ['an array', '[]', 0, /begin with \{/],
    ['an unknown type', '{"a":{"dtype":"F31","shape":[1],"data_offsets":[0,4]}}', 4, /unknown element type "F31"/],
    ['a type out of the prototype', '{"a":{"dtype":"toString","shape":[1],"data_offsets":[0,4]}}', 4, /unknown element type/],
    ['a negative size', '{"a":{"dtype":"F32","shape":[-1],"data_offsets":[0,4]}}', 4, /impossible shape \[-1\]/],
    ['a fractional size', '{"a":{"dtype":"F32","shape":[1.5],"data_offsets":[0,6]}}', 6, /impossible shape/],
    ['a size beyond the exact integers', '{"a":{"dtype":"F32","shape":[9007199254740993],"data_offsets":[0,4]}}', 4, /impossible shape/],
    [
      'sizes whose product overflows',
      '{"a":{"dtype":"F32","shape":[4294967296,4294967296],"data_offsets":[0,4]}}',
      4,
      /no countable number of bytes/,
    ],
    [
      'a length that the shape does not explain',
      '{"a":{"dtype":"F32","shape":[3],"data_offsets":[0,8]}}',
      8,
      /bytes 0 to 8, but F32 \[3\] takes 12/,
    ],
    ['a reversed range', '{"a":{"dtype":"U8","shape":[0],"data_offsets":[4,0]}}', 4, /bytes 4 to 0/],
    ['one offset', '{"a":{"dtype":"U8","shape":[4],"data_offsets":[4]}}', 4, /impossible data_offsets/],
    ['a range beyond the file', '{"a":{"dtype":"U8","shape":[99],"data_offsets":[0,99]}}', 4, /should be .* bytes long/],
    [
      'overlapping tensors',
      '{"a":{"dtype":"U8","shape":[4],"data_offsets":[0,4]},"b":{"dtype":"U8","shape":[4],"data_offsets":[2,6]}}',
      6,
      /"b" overlaps/,
    ],
    [
      'a hole',
      '{"a":{"dtype":"U8","shape":[2],"data_offsets":[0,2]},"b":{"dtype":"U8","shape":[2],"data_offsets":[4,6]}}',
      6,
      /2 bytes before tensor "b"/,
    ],
    ['bytes left over', '{"a":{"dtype":"U8","shape":[2],"data_offsets":[0,2]}}', 5, /3 bytes after the last tensor/],
    ['half a byte', '{"a":{"dtype":"F4","shape":[3],"data_offsets":[0,1]}}', 1, /no countable number of bytes/],
    [
      'a name twice',
      '{"a":{"dtype":"U8","shape":[2],"data_offsets":[0,2]},"\\u0061":{"dtype":"U8","shape":[2],"data_offsets":[0,2]}}',
      2,
      /names "a" twice/,
    ],
    ['a field twice', '{"a":{"dtype":"U8","dtype":"F64","shape":[2],"data_offsets":[0,2]}}', 2, /names "dtype" twice/],
    ['metadata that is no text', '{"__metadata__":{"n":1}}', 0, /"n" is not a string/],
    ['metadata that is a list', '{"__metadata__":[]}', 0, /__metadata__ is not an object/],
    ['values without end', `{"a":[${'0,'.repeat(1_000_001)}0]}`, 0, /more than 1000000 values/],
    ['deep nesting', `{"a":${'['.repeat(50_000)}${']'.repeat(50_000)}}`, 0, /nested deeper/],
  ])('refuses %s', (_what, text, dataBytes, expected) => {
    expect(faultOf(text, dataBytes)).toMatch(expected);
  });

  it('refuses invalid UTF-8', () => {
    const header = Uint8Array.from([0x7b, 0x22, 0xff, 0xfe, 0x22, 0x3a, 0x7b, 0x7d, 0x7d]);
    expect(parseSafetensorsHeader(header, 8 + header.length)).toMatchObject({ fault: expect.stringMatching(/UTF-8/) });
  });

  it('takes a tensor named __proto__ like any other', () => {
    const header = parse('{"__proto__":{"dtype":"U8","shape":[1],"data_offsets":[0,1]}}', 1) as SafetensorsHeader;
    expect(header.tensors.get('__proto__')?.length).toBe(1);
  });

  const dtypes = Object.keys(SAFETENSORS_DTYPE_BITS) as (keyof typeof SAFETENSORS_DTYPE_BITS)[];
  const oddNumber = fc.oneof(fc.nat(64), fc.integer(), fc.double(), fc.constant(2 ** 53), fc.constant(-1));
  const entry = fc.record(
    {
      dtype: fc.oneof(fc.constantFrom(...dtypes), fc.string()),
      shape: fc.oneof(fc.array(fc.nat(8), { maxLength: 4 }), fc.array(oddNumber), fc.jsonValue()),
      data_offsets: fc.oneof(fc.tuple(fc.nat(128), fc.nat(128)), fc.array(oddNumber), fc.jsonValue()),
      extra: fc.jsonValue(),
    },
    { requiredKeys: [] },
  );
  const anyHeader = fc.dictionary(fc.oneof(fc.string(), fc.constant('__metadata__')), fc.oneof(entry, fc.jsonValue()), { maxKeys: 6 });

  it('never throws and never yields a range outside the file, whatever the header says', () => {
    fc.assert(
      fc.property(anyHeader, fc.nat(200), (object, dataBytes) => {
        const header = new TextEncoder().encode(JSON.stringify(object));
        const fileBytes = 8 + header.length + dataBytes;
        const result = parseSafetensorsHeader(header, fileBytes);
        if ('fault' in result) return;
        for (const { offset, length } of result.tensors.values()) {
          expect(offset).toBeGreaterThanOrEqual(8 + header.length);
          expect(offset + length).toBeLessThanOrEqual(fileBytes);
        }
      }),
      { numRuns: 500 },
    );
  });

  it('never throws on arbitrary bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), fc.nat(1000), (bytes, size) => {
        parseSafetensorsHeader(Uint8Array.from([0x7b, ...bytes]), size);
      }),
      { numRuns: 500 },
    );
  });
});
