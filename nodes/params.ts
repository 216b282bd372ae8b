import type { AddOnKind, ModelReference } from './facts.ts';
import { isRecord } from './is-record.ts';
import { isColor } from './parse-color.ts';

interface ParamBase {
  readonly title: string;
  /** One sentence for a tooltip. */
  readonly doc: string;
  /** Shown on a node's face only where it is set to something else than its default or wired, or where the node is unfolded. */
  readonly advanced?: true;
  /** Has an effect only where the choice `param` is one of `values`; elsewhere it is folded away like an advanced one. */
  readonly onlyFor?: { readonly param: string; readonly values: readonly string[] };
}

interface NumberLimits {
  readonly min: number;
  readonly max: number;
  /** How far a drag or an arrow key goes; not a constraint. */
  readonly step?: number;
  readonly unit?: string;
}

/** The text encoder that a text is written for: an editor counts its tokens. */
export interface TextReader {
  /** The input that the encoder comes through. */
  readonly input: string;
  /** Which one, of a model with several. */
  readonly encoder: number;
  /** The parameter that says `plain` or `weights`. */
  readonly syntax: string;
}

/** One parameter of a node. `null` as a default means "left open"; its doc says what happens then. */
export type ParamSpec =
  | (ParamBase &
      NumberLimits & {
        readonly kind: 'int';
        readonly default: number | null /** Given values must be a multiple of it. */;
        readonly multipleOf?: number;
      })
  | (ParamBase & NumberLimits & { readonly kind: 'number'; readonly default: number | null })
  | (ParamBase & {
      readonly kind: 'text';
      readonly default: string | null;
      readonly multiline?: boolean;
      readonly maxLength: number;
      readonly readBy?: TextReader;
    })
  /** `#rgb`, `#rrggbb` or `#rrggbbaa`. */
  | (ParamBase & { readonly kind: 'color'; readonly default: string | null })
  | (ParamBase & { readonly kind: 'boolean'; readonly default: boolean })
  | (ParamBase & { readonly kind: 'choice'; readonly default: string; readonly options: Readonly<Record<string, string>> })
  | (ParamBase & { readonly kind: 'seed'; readonly default: string })
  | (ParamBase & {
      readonly kind: 'model';
      readonly default: ModelReference | null;
      /** Something that adds to a checkpoint, instead of a checkpoint. */
      readonly holds?: AddOnKind;
    })
  | (ParamBase & { readonly kind: 'file'; readonly default: string | null; readonly holds: 'image' | 'folder' })
  | (ParamBase & { readonly kind: 'scheduler'; readonly default: string });

export type ParamKind = ParamSpec['kind'];

/** A diffusers scheduler config as it is, or a preset's name. */
export type SchedulerParam = string | Readonly<Record<string, unknown>>;

/** 64-bit seeds are decimal strings; a list gives one to each picture of a batch. */
export type SeedParam = string | number | readonly (string | number)[];

interface ValueByKind {
  int: number;
  number: number;
  text: string;
  color: string;
  boolean: boolean;
  seed: SeedParam;
  model: ModelReference;
  file: string;
  scheduler: SchedulerParam;
}

/** The TypeScript type of a parameter's value. */
export type ParamValue<P extends ParamSpec> = P extends { kind: 'choice'; options: infer O }
  ? keyof O & string
  : P extends { kind: infer K extends keyof ValueByKind; default: infer D }
    ? ValueByKind[K] | (null extends D ? null : never)
    : never;

/**
 * Why a value can't stand in a parameter, as the end of a sentence that starts with the parameter's title
 * ("must be a whole number from 1 to 1000, and is 0"); undefined when it can.
 */
export function refuseParam(spec: ParamSpec, value: unknown): string | undefined {
  if (value === null && spec.default === null) return undefined;
  switch (spec.kind) {
    case 'int':
    case 'number':
      return refuseNumber(spec, value);
    case 'text':
      if (typeof value !== 'string') return `must be text, and is ${show(value)}`;
      return value.length > spec.maxLength ? `may have ${spec.maxLength} characters, and has ${value.length}` : undefined;
    case 'color':
      if (typeof value === 'string' && isColor(value)) return undefined;
      return `must be a colour as #rgb, #rrggbb or #rrggbbaa, and is ${show(value)}`;
    case 'boolean':
      return typeof value === 'boolean' ? undefined : `must be true or false, and is ${show(value)}`;
    case 'choice':
      if (typeof value === 'string' && Object.hasOwn(spec.options, value)) return undefined;
      return `must be one of ${Object.keys(spec.options).join(', ')}, and is ${show(value)}`;
    case 'seed':
      return refuseSeed(value);
    case 'model':
      if (typeof value === 'string' && value !== '') return undefined;
      if (isRecord(value) && typeof value['name'] === 'string' && value['name'] !== '') {
        const rest = [value['sha256'], value['family']];
        if (rest.every((part) => part === undefined || typeof part === 'string')) return undefined;
      }
      return `must be a model's name or path, or {name, sha256, family}, and is ${show(value)}`;
    case 'file':
      return typeof value === 'string' && value !== '' && !value.includes('\0')
        ? undefined
        : `must be a file's path, and is ${show(value)}`;
    case 'scheduler':
      if (typeof value === 'string' && value !== '') return undefined;
      return isRecord(value) ? undefined : `must be a preset's name or a diffusers scheduler config, and is ${show(value)}`;
    default:
      return spec satisfies never;
  }
}

function refuseNumber(spec: Extract<ParamSpec, { kind: 'int' | 'number' }>, value: unknown): string | undefined {
  const whole = spec.kind === 'int';
  const multiple = spec.kind === 'int' ? spec.multipleOf : undefined;
  const good =
    typeof value === 'number' &&
    Number.isFinite(value) &&
    (!whole || Number.isInteger(value)) &&
    value >= spec.min &&
    value <= spec.max &&
    (multiple === undefined || value % multiple === 0);
  if (good) return undefined;
  const unit = spec.unit ? ` ${spec.unit}` : '';
  const times = multiple === undefined ? '' : ` that is a multiple of ${multiple}`;
  return `must be a ${whole ? 'whole ' : ''}number${times} from ${spec.min} to ${spec.max}${unit}, and is ${show(value)}`;
}

const SEED_TEXT = /^-?\d{1,20}$/;

function refuseSeed(value: unknown): string | undefined {
  if (Array.isArray(value)) {
    if (value.length === 0) return 'must be a seed or a list of seeds, and is an empty list';
    for (const item of value) {
      const refusal = Array.isArray(item) ? `must be a list of seeds, and holds ${show(item)}` : refuseSeed(item);
      if (refusal) return refusal;
    }
    return undefined;
  }
  if (typeof value === 'number' ? Number.isSafeInteger(value) : typeof value === 'string' && SEED_TEXT.test(value)) {
    const seed = BigInt(value as string | number); // both branches above hold only what BigInt takes
    if (seed >= -(2n ** 63n) && seed < 2n ** 64n) return undefined;
  }
  return `must be a whole number from -2^63 to 2^64 - 1 (large ones as text), and is ${show(value)}`;
}

/** A value as it may stand in a sentence: JSON, cut after 60 characters. */
export function show(value: unknown): string {
  if (value === undefined) return 'missing';
  if (typeof value === 'number' && !Number.isFinite(value)) return String(value);
  const json = JSON.stringify(value) ?? typeof value;
  return json.length > 60 ? `${json.slice(0, 57)}…` : json;
}
