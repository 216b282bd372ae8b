import type { SocketKind } from '../../nodes/socket-values.ts';
import type { Tensor } from '../../nodes/tensor.ts';
import { elementCount } from '../../nodes/tensor.ts';

/** Rounding may carry a picture this far out of 0…1; what lies further out was made wrongly. */
const PICTURE_SLACK = 1e-3;

/** What a value is not, though its socket says so. */
export interface ValueFault {
  /** `shape`: the node broke its promise. `notFinite`: the numbers went wrong on the way. */
  readonly kind: 'shape' | 'notFinite';
  /** End of a sentence that starts with the output's title. */
  readonly text: string;
}

/** Compares a value with the kind of its socket (nodes/socket-values.ts); undefined when it is what it should be. */
export function findValueFault(kind: SocketKind, value: unknown): ValueFault | undefined {
  // A node may give a list where its socket names the kind of the items; a list of seeds is one value.
  if (Array.isArray(value) && kind !== 'seed') {
    for (const item of value) {
      const fault = findValueFault(kind, item);
      if (fault !== undefined) return fault;
    }
    return undefined;
  }
  switch (kind) {
    case 'any':
      return value === undefined ? shapeFault('a value', value) : undefined;
    case 'number':
      if (typeof value !== 'number') return shapeFault('a number', value);
      return Number.isFinite(value) ? undefined : NOT_FINITE;
    case 'text':
      return typeof value === 'string' ? undefined : shapeFault('a text', value);
    case 'boolean':
      return typeof value === 'boolean' ? undefined : shapeFault('true or false', value);
    case 'seed':
      return isSeed(value) || (Array.isArray(value) && value.every(isSeed)) ? undefined : shapeFault('a seed', value);
    case 'image':
      return checkTensor(value, 'an image [batch, 1, 3 or 4, height, width]', 4, [1, 3, 4], true);
    case 'mask':
      return checkTensor(value, 'a mask [batch, 1, height, width]', 4, [1], true);
    case 'latent': {
      const space = field(value, 'space');
      const channels = field(space, 'channels');
      if (typeof channels !== 'number') return shapeFault('a latent with its space', value);
      return checkTensor(field(value, 'samples'), `latent samples [batch, ${channels}, height, width]`, 4, [channels], false);
    }
    case 'conditioning': {
      if (typeof field(value, 'family') !== 'string') return shapeFault('conditioning with its family', value);
      const pooled = field(value, 'pooled');
      return (
        checkTensor(field(value, 'states'), 'text states [batch, tokens, width]', 3, undefined, false) ??
        (pooled === undefined ? undefined : checkTensor(pooled, 'pooled text [batch, width]', 2, undefined, false))
      );
    }
    case 'model':
    case 'textEncoder':
    case 'vae':
      return field(value, 'kind') === kind && typeof field(field(value, 'checkpoint'), 'path') === 'string'
        ? undefined
        : shapeFault(`a ${kind} with its checkpoint`, value);
    case 'controlNet':
    case 'ipAdapter':
      return field(value, 'kind') === kind && typeof field(field(value, 'handle'), 'path') === 'string'
        ? undefined
        : shapeFault(`${kind === 'controlNet' ? 'a ControlNet' : 'an IP-Adapter'} with its file`, value);
    case 'attention': {
      const layers = field(value, 'layers');
      if (!Array.isArray(layers) || layers.length === 0 || !Array.isArray(field(field(value, 'tokens'), 'words'))) {
        return shapeFault('attention with its layers and words', value);
      }
      for (const layer of layers) {
        const fault = checkTensor(field(layer, 'maps'), 'maps [batch, steps, tokens, height, width]', 5, undefined, false);
        if (fault !== undefined) return fault;
      }
      return undefined;
    }
    case 'sigmas':
      if (!(value instanceof Float32Array) || value.length === 0) return shapeFault('noise levels', value);
      return value.every(Number.isFinite) ? undefined : NOT_FINITE;
    default:
      return kind satisfies never;
  }
}

const NOT_FINITE: ValueFault = { kind: 'notFinite', text: 'holds values that are not numbers (NaN or infinite)' };

function checkTensor(
  value: unknown,
  wanted: string,
  rank: number,
  channels: readonly number[] | undefined,
  isPicture: boolean,
): ValueFault | undefined {
  if (!isTensor(value) || value.shape.length !== rank || value.data.length !== elementCount(value.shape)) return shapeFault(wanted, value);
  if (value.shape.some((size) => size < 1)) return shapeFault(wanted, value);
  const given = value.shape[1];
  if (channels !== undefined && (given === undefined || !channels.includes(given))) return shapeFault(wanted, value);
  return isPicture ? checkPicture(value) : checkFinite(value);
}

function checkFinite({ data }: Tensor): ValueFault | undefined {
  // Sums of finite float32 values stay finite in float64, and one bad value spoils the sum.
  let sum = 0;
  for (let at = 0; at < data.length; at++) sum += data[at] ?? 0;
  return Number.isFinite(sum) ? undefined : NOT_FINITE;
}

function checkPicture(picture: Tensor): ValueFault | undefined {
  const { data } = picture;
  let least = 0;
  let most = 0;
  for (let at = 0; at < data.length; at++) {
    const one = data[at] ?? 0;
    if (one < least) least = one;
    else if (one > most) most = one;
  }
  const text = `must lie in 0…1, and goes from ${least.toPrecision(4)} to ${most.toPrecision(4)}`;
  if (least < -PICTURE_SLACK || most > 1 + PICTURE_SLACK) return Number.isFinite(least + most) ? { kind: 'shape', text } : NOT_FINITE;
  return checkFinite(picture);
}

function isTensor(value: unknown): value is Tensor {
  return field(value, 'dtype') === 'float32' && Array.isArray(field(value, 'shape')) && field(value, 'data') instanceof Float32Array;
}

function isSeed(value: unknown): boolean {
  return typeof value === 'string' && /^-?\d{1,20}$/.test(value);
}

function field(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>)[name] : undefined; // any object may be asked
}

function shapeFault(wanted: string, value: unknown): ValueFault {
  return { kind: 'shape', text: `must be ${wanted}, and is ${describeValue(value)}` };
}

function describeValue(value: unknown): string {
  if (isTensor(value)) return `a tensor [${value.shape.join(', ')}] of ${value.data.length} values`;
  if (value === null || value === undefined) return 'missing';
  if (Array.isArray(value)) return `a list of ${value.length}`;
  return typeof value === 'object'
    ? `an object with ${Object.keys(value).join(', ') || 'nothing'}`
    : `${typeof value} ${String(value).slice(0, 40)}`;
}
