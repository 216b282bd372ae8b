import type { KeyTarget } from '../checkpoint/tensor-map.ts';

/** Residual blocks in each body of the full adapters; the original numbers them through. */
const BLOCKS_A_BODY = 2;

/** True for names that only T2I-Adapters have, diffusers' or the original's. */
export function isT2iAdapter(names: readonly string[]): boolean {
  return names.some((name) => /^(adapter\.)?body\.\d+\.((body|resnets)\.\d+\.)?block1\.weight$/.test(name));
}

/** Gives a T2I-Adapter's tensors diffusers' names, from those or from the original's (TencentARC/T2I-Adapter, adapter.py). */
export function t2iAdapterKeys(names: readonly string[]): { names: ReadonlyMap<string, KeyTarget>; unmapped: readonly string[] } {
  const isOurs = names.some((name) => name.includes('.resnets.'));
  const isLight = names.some((name) => name.includes('.out_conv.'));
  const renamed = new Map<string, KeyTarget>();
  const unmapped: string[] = [];
  for (const key of names) {
    const name = key.replace(/^adapter\./, '');
    const found = isOurs || name.startsWith('conv_in.') ? name : renameOriginal(name, isLight);
    if (found === undefined) unmapped.push(key);
    else renamed.set(`adapter.${found}`, { key });
  }
  return { names: renamed, unmapped };
}

function renameOriginal(name: string, isLight: boolean): string | undefined {
  if (isLight)
    return /^body\.\d+\.(in_conv|out_conv|body\.\d+\.block[12])\./.test(name) ? name.replace(/(\.\d+)\.body\./, '$1.resnets.') : undefined;
  const [, index, rest] = /^body\.(\d+)\.((?:in_conv|block[12])\..+)$/.exec(name) ?? [];
  if (index === undefined || rest === undefined) return undefined;
  const [body, block] = [Math.floor(Number(index) / BLOCKS_A_BODY), Number(index) % BLOCKS_A_BODY];
  return rest.startsWith('in_conv') ? `body.${body}.${rest}` : `body.${body}.resnets.${block}.${rest}`;
}
