import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, readFile, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import sharp from 'sharp';
import { type Tensor, tensor } from '../../nodes/tensor.ts';
import { benchFolder } from '../sd15/checkpoint-folder.ts';

/** Sets of drawings on the npm registry. The bundled upscaler has seen none of them; openmoji is in no other part of this project. */
const SETS = {
  noto: '@iconify-json/noto@1.2.9',
  'fluent flat': '@iconify-json/fluent-emoji-flat@1.2.6',
  twemoji: '@iconify-json/twemoji@1.2.5',
  openmoji: '@iconify-json/openmoji@1.2.29',
} as const;

/** Countries' flags are many and alike. */
const LEFT_OUT = /^flag|skin-tone|-tone/;

/** A drawing, as large as it is wanted. */
export interface Drawing {
  readonly set: string;
  readonly name: string;
  /** float32 NCHW [1, 3, side, side] in 0…1, on white. */
  render(side: number): Promise<Tensor>;
}

interface IconFile {
  readonly width?: number;
  readonly height?: number;
  readonly icons: Readonly<Record<string, { readonly body: string; readonly width?: number; readonly height?: number }>>;
}

/** So many drawings of each set, evenly spread over its names; sets are fetched at first use. */
export async function findDrawings(each: number): Promise<Drawing[]> {
  const drawings: Drawing[] = [];
  for (const [set, reference] of Object.entries(SETS)) {
    const file: IconFile = JSON.parse(await readFile(join(await fetchPackage(reference), 'icons.json'), 'utf8'));
    const names = Object.keys(file.icons)
      .filter((name) => !LEFT_OUT.test(name))
      .sort();
    for (let at = 0; at < each; at++) {
      const name = names[Math.floor(((at + 0.5) * names.length) / each)] ?? '';
      const icon = file.icons[name];
      if (icon === undefined) continue;
      const [width, height] = [icon.width ?? file.width ?? 16, icon.height ?? file.height ?? 16];
      drawings.push({ set, name, render: (side) => render(icon.body, width, height, side) });
    }
  }
  return drawings;
}

/** Unpacks a package of the npm registry into the benchmarks' folder. */
async function fetchPackage(reference: string): Promise<string> {
  const folder = join(benchFolder(), 'drawings', reference.replace(/[^\w.-]+/g, '-'));
  if (existsSync(folder)) return join(folder, 'package');
  const partial = `${folder}.${process.pid}.partial`;
  await rm(partial, { recursive: true, force: true });
  await mkdir(partial, { recursive: true });
  console.log(`fetching ${reference}`);
  const [{ filename }] = JSON.parse(
    execFileSync('npm', ['pack', reference, '--json', '--pack-destination', partial], { encoding: 'utf8' }),
  );
  execFileSync('tar', ['-xzf', join(partial, filename), '-C', partial]);
  await rename(partial, folder);
  return join(folder, 'package');
}

async function render(body: string, width: number, height: number, side: number): Promise<Tensor> {
  const links = 'xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink"';
  const svg = `<svg ${links} viewBox="0 0 ${width} ${height}" width="${side}" height="${side}">${body}</svg>`;
  const pixels = await sharp(Buffer.from(svg)).resize(side, side, { fit: 'contain' }).flatten({ background: '#ffffff' }).raw().toBuffer();
  const plane = side * side;
  const data = new Float32Array(3 * plane);
  for (let at = 0; at < data.length; at++) data[at] = (pixels[(at % plane) * 3 + Math.floor(at / plane)] ?? 0) / 255;
  return tensor(data, [1, 3, side, side]);
}
