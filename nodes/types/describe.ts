import type { FieldType, Interval, SocketType } from './socket-type.ts';
import { literal, sizeField } from './socket-type.ts';

/** Labels of latent spaces and model families, as people know them; names without a label are shown as they are. */
const LABELS: Readonly<Record<string, string>> = {
  sd: 'SD 1.5',
  sd15: 'SD 1.5',
  sd2: 'SD 2',
  sdxl: 'SDXL',
  'sdxl-refiner': 'SDXL refiner',
  v_prediction: 'v prediction',
};

/** The name people know a family or latent space by. */
export function labelOf(name: string): string {
  return LABELS[name] ?? labelOfOwnSpace(name) ?? name;
}

/** A latent space that only one checkpoint has is called by its channels and how much smaller it is than the picture. */
function labelOfOwnSpace(name: string): string | undefined {
  const [, channels, factor] = /^custom-(\d+)ch-x(\d+)-/.exec(name) ?? [];
  return channels === undefined ? undefined : `${channels} channels at 1/${factor}`;
}

/** One short line for a socket: "latent · SD 1.5 · 64×64". Fields about which nothing is known are left out. */
export function describeType(type: SocketType): string {
  switch (type.kind) {
    case 'any':
      return 'anything';
    case 'never':
      return 'nothing';
    case 'number':
      return describeNumber(type);
    case 'text':
      return type.values === null ? 'text' : `text: ${type.values.join(' | ')}`;
    case 'boolean':
      return 'yes or no';
    case 'seed':
      return 'seed';
    case 'union':
      return type.members.map(describeType).join(' or ');
    case 'list':
      return `list of ${describeType(type.item)}`;
    case 'struct':
      return describeStruct(type);
    default:
      return type satisfies never;
  }
}

function describeNumber(range: Interval): string {
  const value = literal(range);
  if (value !== undefined) return `number ${value}`;
  return Number.isFinite(range.min) || Number.isFinite(range.max) ? `number ${describeInterval(range)}` : 'number';
}

/** What a struct is called when it stands in a sentence. */
const STRUCT_TITLES: Readonly<Record<string, string>> = {
  textEncoder: 'text encoder',
  controlNet: 'ControlNet',
  ipAdapter: 'IP-Adapter',
  vae: 'VAE',
  bands: 'multispectral picture',
};

/** Fields that nodes reckon with and that would only lengthen the line. */
const NOT_SHOWN: Readonly<Record<string, readonly string[]>> = {
  model: ['time', 'channels', 'factor', 'width', 'height'],
  vae: ['factor'],
};

function describeStruct(type: Extract<SocketType, { kind: 'struct' }>): string {
  const parts = [STRUCT_TITLES[type.name] ?? type.name];
  const shown = new Set<string>(NOT_SHOWN[type.name]);
  // A latent space has its number of channels.
  const space = type.fields['space'];
  if (space?.kind === 'names' && space.names?.length === 1) shown.add('channels');
  const size = shown.has('width') ? undefined : pair(type);
  for (const [name, field] of Object.entries(type.fields)) {
    if (shown.has(name)) continue;
    if (size && (name === 'width' || name === 'height')) {
      parts.push(size);
      shown.add('width').add('height');
      continue;
    }
    const shownField = describeField(name, field);
    if (shownField) parts.push(shownField);
  }
  return parts.join(' · ');
}

function pair(type: Extract<SocketType, { kind: 'struct' }>): string | undefined {
  if (!type.fields['width'] || !type.fields['height']) return undefined;
  const [width, height] = [sizeField(type, 'width'), sizeField(type, 'height')];
  if (isUnknown(width) && isUnknown(height)) return undefined;
  return `${describeInterval(width)}×${describeInterval(height)}`;
}

function describeField(name: string, field: FieldType): string | undefined {
  if (field.kind === 'names') return describeNames(field.names);
  if (isUnknown(field)) return undefined;
  const value = literal(field);
  if ((name === 'batch' || name === 'frames') && value === 1) return undefined;
  if (name === 'dim') return `${describeInterval(field)} wide`;
  return `${describeInterval(field)} ${value === 1 ? name.replace(/s$/, '') : name === 'batch' ? 'in the batch' : name}`;
}

/** That a checkpoint is of no known family says nothing about what fits it, so that is left out. */
function describeNames(names: readonly string[] | null): string | undefined {
  return names === null || names.every((name) => name === 'custom') ? undefined : names.map(labelOf).join(' | ');
}

function isUnknown(range: Interval): boolean {
  return range.min <= 1 && range.max === Number.POSITIVE_INFINITY;
}

/** "64", "64…128", "at least 64", "any". */
export function describeInterval(range: Interval): string {
  const value = literal(range);
  if (value !== undefined) return String(value);
  if (isUnknown(range)) return '?';
  if (range.max === Number.POSITIVE_INFINITY) return `${range.min} or more`;
  if (range.min === Number.NEGATIVE_INFINITY) return `${range.max} or less`;
  return `${range.min}…${range.max}`;
}
