/** A range of numbers, both ends included. A literal is a range of one. */
export interface Interval {
  readonly min: number;
  readonly max: number;
}

/** A set of names; `null` is every name. A literal is a set of one. */
export type NameSet = readonly string[] | null;

/** What one field of a struct may hold. */
export type FieldType = ({ readonly kind: 'size' } & Interval) | { readonly kind: 'names'; readonly names: NameSet };

type FieldKind = FieldType['kind'];

/** The fields of every struct that sockets carry, in the order they are shown. Sizes are pixels, counts or latent cells. */
export const STRUCTS = {
  image: { width: 'size', height: 'size', channels: 'size', batch: 'size' },
  mask: { width: 'size', height: 'size', batch: 'size' },
  /** Width and height in latent cells, not pixels. */
  latent: { space: 'names', width: 'size', height: 'size', channels: 'size', frames: 'size', batch: 'size' },
  conditioning: { family: 'names', tokens: 'size', dim: 'size' },
  /** Channels and factor of its latents; width and height are the picture size it was trained on. */
  model: {
    family: 'names',
    prediction: 'names',
    /** What noise levels and times its network was trained on (schedulers/network-time.ts). */
    time: 'names',
    space: 'names',
    dim: 'size',
    channels: 'size',
    factor: 'size',
    width: 'size',
    height: 'size',
  },
  textEncoder: { family: 'names', tokens: 'size', dim: 'size' },
  vae: { space: 'names', channels: 'size', factor: 'size' },
  /** The models it was made for, and the width of their text. */
  controlNet: { family: 'names', dim: 'size' },
  ipAdapter: { family: 'names', dim: 'size' },
  /** What a denoiser looked at: of how many pictures, and in how many tokens. */
  attention: { batch: 'size', tokens: 'size' },
  sigmas: { steps: 'size' },
  noise: { width: 'size', height: 'size', channels: 'size' },
  video: { width: 'size', height: 'size', frames: 'size', fps: 'size' },
  bands: { width: 'size', height: 'size', bands: 'size' },
  mesh: {},
} as const satisfies Record<string, Record<string, FieldKind>>;

export type StructName = keyof typeof STRUCTS;

/** The type of a socket: what is certainly known about the value that will pass through it. */
export type SocketType =
  | { readonly kind: 'any' }
  | { readonly kind: 'never' }
  | ({ readonly kind: 'number' } & Interval)
  | { readonly kind: 'text'; readonly values: NameSet }
  | { readonly kind: 'boolean' }
  | { readonly kind: 'seed' }
  | { readonly kind: 'struct'; readonly name: StructName; readonly fields: Readonly<Record<string, FieldType>> }
  | { readonly kind: 'union'; readonly members: readonly SocketType[] }
  | { readonly kind: 'list'; readonly item: SocketType; readonly length: Interval };

/** Every number. */
export const ANY_NUMBER: Interval = { min: Number.NEGATIVE_INFINITY, max: Number.POSITIVE_INFINITY };

/** Every size: 1 and up. */
export const ANY_SIZE: Interval = { min: 1, max: Number.POSITIVE_INFINITY };

/** Turns a number, a pair or a range into a range. */
export function interval(value: number | readonly [number, number] | Interval): Interval {
  if (typeof value === 'number') return { min: value, max: value };
  if ('min' in value) return { min: value.min, max: value.max };
  return { min: value[0], max: value[1] };
}

/** What may be given for one field when a struct type is written down: a number, a range, a name, names. */
export type FieldInput = number | readonly [number, number] | Interval | string | readonly string[] | undefined;

/** The type of a struct; fields left out may be anything. A field the struct does not have is a bug and throws. */
export function struct<N extends StructName>(name: N, fields: { readonly [F in keyof (typeof STRUCTS)[N]]?: FieldInput } = {}): SocketType {
  const kinds: Readonly<Record<string, FieldKind>> = STRUCTS[name];
  const given: Readonly<Record<string, FieldInput>> = fields;
  for (const field of Object.keys(given)) {
    if (kinds[field] === undefined) throw new Error(`struct ${name} has no field ${field}`);
  }
  const full: Record<string, FieldType> = {};
  for (const [field, kind] of Object.entries(kinds)) full[field] = fieldType(kind, given[field]);
  return { kind: 'struct', name, fields: full };
}

function fieldType(kind: FieldKind, value: FieldInput): FieldType {
  if (kind === 'names') {
    if (value === undefined) return { kind, names: null };
    return { kind, names: typeof value === 'string' ? [value] : (value as readonly string[]) }; // the table says this field holds names
  }
  if (value === undefined) return { kind, ...ANY_SIZE };
  return { kind, ...interval(value as number | readonly [number, number] | Interval) }; // the table says this field holds a size
}

/** The type of a number in a range. */
export function number(range: number | readonly [number, number] | Interval = ANY_NUMBER): SocketType {
  return { kind: 'number', ...interval(range) };
}

/** The type of a text, possibly one of a few. */
export function text(values: NameSet = null): SocketType {
  return { kind: 'text', values };
}

/** The type of a list whose items are all of one type. */
export function list(item: SocketType, length: Interval = { min: 0, max: Number.POSITIVE_INFINITY }): SocketType {
  return { kind: 'list', item, length };
}

/** The type of a value that has one of several types; unions in unions are flattened, `never` drops out. */
export function union(...members: readonly SocketType[]): SocketType {
  const flat = members
    .flatMap((member) => (member.kind === 'union' ? member.members : [member]))
    .filter((member) => member.kind !== 'never');
  if (flat.some((member) => member.kind === 'any')) return { kind: 'any' };
  const [first, ...rest] = flat;
  if (first === undefined) return { kind: 'never' };
  return rest.length === 0 ? first : { kind: 'union', members: flat };
}

/** The range a struct's size field lies in; everything if the type says nothing. */
export function sizeField(type: SocketType | undefined, field: string): Interval {
  const found = type?.kind === 'struct' ? type.fields[field] : undefined;
  return found?.kind === 'size' ? { min: found.min, max: found.max } : ANY_SIZE;
}

/** The names a struct's field may have; `null` if the type says nothing. */
export function namesField(type: SocketType | undefined, field: string): NameSet {
  const found = type?.kind === 'struct' ? type.fields[field] : undefined;
  return found?.kind === 'names' ? found.names : null;
}

/** The one value of a range that holds only one, else undefined. */
export function literal(range: Interval): number | undefined {
  return range.min === range.max ? range.min : undefined;
}

/** Applies a non-decreasing function to both ends of a range. */
export function mapInterval(range: Interval, apply: (value: number) => number): Interval {
  return { min: Number.isFinite(range.min) ? apply(range.min) : range.min, max: Number.isFinite(range.max) ? apply(range.max) : range.max };
}
