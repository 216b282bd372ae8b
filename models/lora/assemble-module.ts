import type { TensorSource } from '../weights.ts';
import { type Factors, type LoraFormula, type LoraModule, type Magnitude, rankOf } from './lora-module.ts';

/** The tensors of one layer's change by the part they play. */
export type ModuleParts = ReadonlyMap<string, TensorSource>;

/** Puts the tensors of one layer's change together; says what is missing where they make none. Without an alpha it is the rank. */
export function assembleModule(
  parts: ModuleParts,
  alpha: number | undefined,
  isRankStabilized: boolean,
): LoraModule | { readonly fault: string } {
  const formula = assembleFormula(parts);
  if ('fault' in formula) return formula;
  const magnitude = findMagnitude(parts);
  const rank = rankOf(formula);
  // LyCORIS leaves alpha aside where both matrices of a Kronecker product are whole.
  const scale = rank === undefined || rank === 0 ? 1 : (alpha ?? rank) / (isRankStabilized ? Math.sqrt(rank) : rank);
  return { formula, scale, ...(magnitude === undefined ? {} : { magnitude }) };
}

/** PEFT's lengths are always those of rows, whatever their shape; LyCORIS's shape says which they are. */
function findMagnitude(parts: ModuleParts): Magnitude | undefined {
  const source = parts.get('lora_magnitude_vector');
  if (source !== undefined) return { source, axis: 'rows' };
  const scale = parts.get('dora_scale');
  if (scale === undefined) return undefined;
  return { source: scale, axis: scale.shape.length > 1 && scale.shape[0] === 1 ? 'columns' : 'rows' };
}

function assembleFormula(parts: ModuleParts): LoraFormula | { readonly fault: string } {
  const has = (pattern: RegExp): boolean => [...parts.keys()].some((part) => pattern.test(part));
  if (has(/^hada_/)) {
    const first = factors(parts, 'hada_w1', 'hada_t1');
    const second = factors(parts, 'hada_w2', 'hada_t2');
    if ('fault' in first) return first;
    if ('fault' in second) return second;
    return { kind: 'loha', first, second };
  }
  if (has(/^lokr_/)) {
    const first = parts.get('lokr_w1') ?? factors(parts, 'lokr_w1');
    const second = parts.get('lokr_w2') ?? factors(parts, 'lokr_w2', 'lokr_t2');
    if ('fault' in first) return first;
    if ('fault' in second) return second;
    return { kind: 'lokr', first, second };
  }
  const [down, up, mid] = [parts.get('down'), parts.get('up'), parts.get('mid')];
  if (down === undefined || up === undefined) return { fault: `has no ${down === undefined ? 'lora_down' : 'lora_up'}` };
  return { kind: 'lora', down, up, ...(mid === undefined ? {} : { mid }) };
}

function factors(parts: ModuleParts, name: string, coreName?: string): Factors | { readonly fault: string } {
  const [a, b] = [parts.get(`${name}_a`), parts.get(`${name}_b`)];
  const core = coreName === undefined ? undefined : parts.get(coreName);
  if (a === undefined || b === undefined) return { fault: `has no ${name}_${a === undefined ? 'a' : 'b'}` };
  return core === undefined ? { a, b } : { a, b, core };
}
