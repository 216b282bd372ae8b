/**
 * Throws damaged safetensors files at the reader: mutated bytes, mutated JSON, lying offsets, cut ends. It must answer each with a
 * header whose ranges lie inside the file, or with a sentence; never with a crash, and never slowly.
 *
 *   npx esbuild bench/fuzz/safetensors.ts --bundle --platform=node --format=esm --outfile=out/fuzz-safetensors.mjs
 *   node out/fuzz-safetensors.mjs [inputs = 100000] [seed = 1]
 */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openSafetensors } from '../../models/safetensors.ts';
import { parseSafetensorsHeader, SAFETENSORS_DTYPE_BITS } from '../../models/safetensors-header.ts';

const INPUTS = Number(process.argv[2] ?? 100_000);
const SEED = Number(process.argv[3] ?? 1);
const EVERY_NTH_ON_DISK = 50;
const SLOW_MS = 100;

/** mulberry32: small, seeded, good enough to pick mutations. */
function makeRandom(seed: number): (below: number) => number {
  let state = seed >>> 0;
  return (below) => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return (((mixed ^ (mixed >>> 14)) >>> 0) % below) | 0;
  };
}

const random = makeRandom(SEED);
const pick = <T>(options: readonly T[]): T => options[random(options.length)] as T; // random(n) < n
const DTYPES = Object.keys(SAFETENSORS_DTYPE_BITS);
const ODD = ['-1', '1e309', '9007199254740993', '0.5', 'null', '"x"', '[]', '{}', '18446744073709551615', '-0', '1e3', 'true'];

function validHeader(): { text: string; dataBytes: number } {
  const parts: string[] = random(3) === 0 ? ['"__metadata__":{"format":"pt"}'] : [];
  let offset = 0;
  for (let index = random(6); index >= 0; index--) {
    const dtype = pick(['F32', 'F16', 'BF16', 'I64', 'U8']);
    const shape = Array.from({ length: random(4) }, () => random(5));
    const bits = SAFETENSORS_DTYPE_BITS[dtype as 'F32']; // all five are in the table
    const length = (shape.reduce((product, size) => product * size, 1) * bits) / 8;
    parts.push(`"block.${index}.weight":{"dtype":"${dtype}","shape":[${shape}],"data_offsets":[${offset},${offset + length}]}`);
    offset += length;
  }
  return { text: `{${parts.join(',')}}`, dataBytes: offset };
}

function mutateText(text: string): string {
  const numbers = [...text.matchAll(/\d+/g)];
  switch (random(8)) {
    case 0: {
      const number = numbers.length > 0 ? pick(numbers) : undefined;
      if (number === undefined) return text;
      return text.slice(0, number.index) + pick([...ODD, String(random(4096))]) + text.slice(number.index + number[0].length);
    }
    case 1:
      return text.replace(/"(F32|F16|BF16|I64|U8)"/, () => `"${pick([...DTYPES, 'F31', 'constructor'])}"`);
    case 2:
      return text.slice(0, random(text.length + 1));
    case 3:
      return text.replace('"shape"', pick(['"dtype"', '"Shape"', '"data_offsets"', '"\\u0073hape"']));
    case 4:
      return text.replace('{', `{"x":${pick(['[', '{"y":']).repeat(random(40))}`);
    case 5:
      return `${text.slice(0, -1)},${text.slice(1)}`;
    case 6:
      return text.replace(/block\.\d/g, 'block.0');
    default:
      return text + pick(['   ', '\0', '}', ',{}', '\n\n']);
  }
}

function makeFile(): Uint8Array {
  const valid = validHeader();
  let text = valid.text;
  for (let rounds = random(3); rounds > 0; rounds--) text = mutateText(text);
  const header = new TextEncoder().encode(text);
  const dataBytes = Math.max(0, valid.dataBytes + pick([0, 0, 0, -1, 1, random(64), -random(64)]));
  const file = new Uint8Array(8 + header.length + dataBytes);
  const claimed = header.length + pick([0, 0, 0, 0, 1, -1, random(1000), 2 ** 31]);
  new DataView(file.buffer).setBigUint64(0, BigInt(Math.max(0, claimed)), true);
  file.set(header, 8);
  for (let flips = random(4) === 0 ? random(8) : 0; flips > 0; flips--) file[random(file.length)] = random(256);
  return random(10) === 0 ? file.subarray(0, random(file.length + 1)) : file;
}

const folder = await mkdtemp(join(tmpdir(), 'emulsion-fuzz-'));
let accepted = 0;
let slowestMs = 0;
try {
  for (let index = 0; index < INPUTS; index++) {
    const file = makeFile();
    let tensors: Iterable<{ name: string; offset: number; length: number }> = [];
    let isAccepted: boolean;
    if (index % EVERY_NTH_ON_DISK === 0) {
      const path = join(folder, 'input.safetensors');
      await writeFile(path, file);
      const result = await openSafetensors(path);
      isAccepted = result.ok;
      if (result.ok) tensors = result.value.tensors.values();
      else if (!result.problem.message.includes(path)) throw new Error(`input ${index}: no file name in "${result.problem.message}"`);
    } else {
      const claimed = file.length < 8 ? 0 : Number(new DataView(file.buffer, file.byteOffset).getBigUint64(0, true));
      const header = file.subarray(8, 8 + Math.min(claimed, file.length));
      let began = performance.now();
      const result = parseSafetensorsHeader(header, file.length);
      let tookMs = performance.now() - began;
      if (tookMs > slowestMs) {
        // Once more: on a busy machine the first time may have been spent elsewhere.
        began = performance.now();
        parseSafetensorsHeader(header, file.length);
        tookMs = Math.min(tookMs, performance.now() - began);
      }
      slowestMs = Math.max(slowestMs, tookMs);
      isAccepted = !('fault' in result);
      if (!('fault' in result)) tensors = result.tensors.values();
    }
    for (const { name, offset, length } of tensors) {
      if (offset < 8 || length < 0 || offset + length > file.length) throw new Error(`input ${index}: ${name} leaves the file`);
    }
    if (isAccepted) accepted++;
  }
} finally {
  await rm(folder, { recursive: true });
}
console.log(`${INPUTS} inputs, seed ${SEED}: ${accepted} accepted, ${INPUTS - accepted} refused, slowest ${slowestMs.toFixed(1)} ms`);
if (slowestMs > SLOW_MS) throw new Error(`an input took ${slowestMs.toFixed(0)} ms`);
