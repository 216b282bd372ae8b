// Renders every concept in every drawing style to 64×64 RGBA, straight alpha: node models/training/render.mjs [DATA]
//
// Writes DATA/pictures.bin (uint8 [count, 64, 64, 4]) and DATA/pictures.json (one entry a picture: code, label, tags, group, style).
import { readdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import sharp from 'sharp';

const SIZE = 64;
// Drawings of Noto and Twemoji touch their box; the smaller size leaves them a margin.
const DRAWN_SIZE = { noto: 60, fluent: 64, flat: 64, twemoji: 58, '3d': 62 };
const ICON_SETS = { noto: 'noto', fluent: 'fluent-emoji', flat: 'fluent-emoji-flat', twemoji: 'twemoji' };
const CLEAR = { r: 0, g: 0, b: 0, alpha: 0 };

const data = process.argv[2] ?? process.env.EMULSION_TRAINING ?? '/work/train';
const packages = join(data, 'packages');
const concepts = JSON.parse(readFileSync(new URL('concepts.json', import.meta.url), 'utf8'));
const names = JSON.parse(readFileSync(join(packages, 'emojibase-data/en/data.json'), 'utf8'));
const icons = new Map(
  Object.entries(ICON_SETS).map(([style, set]) => [
    style,
    JSON.parse(readFileSync(join(packages, '@iconify-json', set, 'icons.json'), 'utf8')),
  ]),
);
const renders = join(packages, '@lobehub/fluent-emoji-3d/assets');
const rendered = new Set(readdirSync(renders).map((file) => file.replace('.webp', '')));

/** Iconify's name of an emoji, made from emojibase's label. */
function iconName(label) {
  const plain = label
    .toLowerCase()
    .normalize('NFD')
    .replace(/[\u0300-\u036f]/g, '')
    .replace(/[’'“”!().:,]/g, '');
  return plain
    .replace(/&/g, 'and')
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-|-$/g, '');
}

function svgOf(style, label) {
  const set = icons.get(style);
  const name = iconName(label);
  const icon = set.icons[name] ?? set.icons[set.aliases?.[name]?.parent];
  if (icon === undefined) return undefined;
  const width = icon.width ?? set.width ?? 16;
  const height = icon.height ?? set.height ?? 16;
  const box = `${icon.left ?? 0} ${icon.top ?? 0} ${width} ${height}`;
  const links = 'xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink"';
  return Buffer.from(`<svg ${links} viewBox="${box}" width="128" height="128">${icon.body}</svg>`);
}

function sourceOf(style, entry) {
  if (style !== '3d') return svgOf(style, entry.label);
  const code = entry.hexcode.toLowerCase();
  const found = [code, `${code}-fe0f`, code.replace(/-fe0f/g, '')].find((name) => rendered.has(name));
  return found && readFileSync(join(renders, `${found}.webp`));
}

async function draw(source, style) {
  const inner = DRAWN_SIZE[style];
  const margin = (SIZE - inner) / 2;
  const shrunk = sharp(source).ensureAlpha().resize(inner, inner, { fit: 'contain', background: CLEAR, kernel: 'lanczos3' });
  return shrunk.extend({ top: margin, bottom: margin, left: margin, right: margin, background: CLEAR }).raw().toBuffer();
}

const pictures = [];
const listed = [];
const started = Date.now();
for (const entry of names) {
  if (!(entry.label in concepts)) continue;
  for (const style of Object.keys(DRAWN_SIZE)) {
    const source = sourceOf(style, entry);
    if (source === undefined) continue;
    const picture = await draw(source, style);
    if (picture.length !== SIZE * SIZE * 4) throw new Error(`${entry.label} in ${style} has ${picture.length} bytes`);
    pictures.push(picture);
    listed.push({ code: entry.hexcode, label: entry.label, tags: entry.tags ?? [], group: entry.group, style });
  }
}
writeFileSync(join(data, 'pictures.bin.part'), Buffer.concat(pictures));
renameSync(join(data, 'pictures.bin.part'), join(data, 'pictures.bin'));
writeFileSync(join(data, 'pictures.json'), JSON.stringify(listed));
const count = new Set(listed.map((picture) => picture.label)).size;
process.stdout.write(`${count} concepts, ${listed.length} pictures in ${Math.round((Date.now() - started) / 1000)} s\n`);
