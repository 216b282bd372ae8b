import { networkTime } from '../../nodes/schedulers/network-time.ts';
import type { SocketKind, SocketValues } from '../../nodes/socket-values.ts';
import { sizeAt } from '../../nodes/tensor.ts';
import {
  type FieldInput,
  list,
  number,
  type SocketType,
  STRUCTS,
  type StructName,
  struct,
  text,
  union,
} from '../../nodes/types/socket-type.ts';

/** Reads the fields of each struct off the value that a socket of this kind carries. */
const FIELDS: { readonly [K in StructName & SocketKind]: (value: SocketValues[K]) => Readonly<Record<string, number | string>> } = {
  image: (value) => ({ batch: sizeAt(value, 0), channels: sizeAt(value, 1), height: sizeAt(value, 2), width: sizeAt(value, 3) }),
  mask: (value) => ({ batch: sizeAt(value, 0), height: sizeAt(value, 2), width: sizeAt(value, 3) }),
  latent: ({ samples, space }) => ({
    space: space.id,
    batch: sizeAt(samples, 0),
    channels: sizeAt(samples, 1),
    height: sizeAt(samples, 2),
    width: sizeAt(samples, 3),
    frames: 1,
  }),
  conditioning: ({ family, states }) => ({ family, tokens: sizeAt(states, 1), dim: sizeAt(states, 2) }),
  model: ({ family, prediction, space, conditioningWidth, nativeWidthPx, nativeHeightPx, scheduler }) => ({
    time: networkTime(scheduler),
    family,
    prediction,
    space: space.id,
    channels: space.channels,
    factor: space.factor,
    dim: conditioningWidth,
    width: nativeWidthPx,
    height: nativeHeightPx,
  }),
  textEncoder: ({ family, tokens, dim }) => ({ family, tokens, dim }),
  vae: ({ space }) => ({ space: space.id, channels: space.channels, factor: space.factor }),
  ipAdapter: ({ family, conditioningWidth }) => ({ family, dim: conditioningWidth }),
  controlNet: ({ family, conditioningWidth }) => ({ family, dim: conditioningWidth || 1 }),
  attention: ({ layers: [first] }) => (first === undefined ? {} : { batch: sizeAt(first.maps, 0), tokens: sizeAt(first.maps, 2) }),
  // The last noise level is where the last step ends.
  sigmas: (value) => ({ steps: value.length - 1 }),
};

/** The type that only this value has, as far as types tell values apart. `value` must be what `kind` says. */
export function exactType(kind: SocketKind, value: unknown): SocketType {
  if (Array.isArray(value) && kind !== 'seed') {
    return list(union(...value.map((item) => exactType(kind, item))), { min: value.length, max: value.length });
  }
  if (hasFields(kind)) return struct(kind, fieldsOf(kind, value) as Record<string, FieldInput>); // a field the struct lacks throws there
  switch (kind) {
    case 'number':
      return number(value as number); // what `kind` says
    case 'text':
      return text([value as string]); // what `kind` says
    case 'boolean':
    case 'seed':
    case 'any':
      return { kind };
    default:
      return kind satisfies never;
  }
}

/** Whether a value is one of those that a type describes. */
export function valueFits(type: SocketType, value: unknown): boolean {
  switch (type.kind) {
    case 'any':
      return value !== undefined;
    case 'never':
      return false;
    case 'number':
      return typeof value === 'number' && type.min <= value && value <= type.max;
    case 'text':
      return typeof value === 'string' && (type.values === null || type.values.includes(value));
    case 'boolean':
      return typeof value === 'boolean';
    case 'seed':
      return typeof value === 'string' || (Array.isArray(value) && value.every((item) => typeof item === 'string'));
    case 'union':
      return type.members.some((member) => valueFits(member, value));
    case 'list':
      if (!Array.isArray(value) || value.length < type.length.min || value.length > type.length.max) return false;
      return value.every((item) => valueFits(type.item, item));
    case 'struct': {
      if (!hasFields(type.name)) throw new Error(`no socket carries values of ${type.name} yet: add how their fields are read`);
      const actual = fieldsOf(type.name, value);
      return Object.entries(type.fields).every(([name, field]) => {
        const own = actual[name];
        if (field.kind === 'names') return typeof own === 'string' && (field.names === null || field.names.includes(own));
        return typeof own === 'number' && field.min <= own && own <= field.max;
      });
    }
    default:
      return type satisfies never;
  }
}

function hasFields(name: string): name is keyof typeof FIELDS {
  return Object.hasOwn(FIELDS, name);
}

function fieldsOf(name: keyof typeof FIELDS, value: unknown): Readonly<Record<string, number | string>> {
  const read = FIELDS[name] as (value: unknown) => Readonly<Record<string, number | string>>; // takes what its own kind of socket carries
  const fields = read(value);
  const missing = Object.keys(STRUCTS[name]).filter((field) => fields[field] === undefined);
  if (missing.length > 0) throw new Error(`the value of a ${name} does not tell its ${missing.join(', ')}`);
  return fields;
}
