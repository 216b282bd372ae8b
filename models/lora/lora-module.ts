import type { TensorSource } from '../weights.ts';

/** Two factors whose product is a matrix; with a core, that of a Tucker decomposition of a convolution's kernel. */
export interface Factors {
  /** [out, rank]; with a core [rank, out]. */
  readonly a: TensorSource;
  /** [rank, in · kernel]; with a core [rank, in]. */
  readonly b: TensorSource;
  /** [rank, rank, kernel height, kernel width]. */
  readonly core?: TensorSource;
}

/** How a layer's weights are changed: which formula, and the tensors that stay in the file. */
export type LoraFormula =
  /** Hu et al. 2021: up · down; of a convolution down has the kernel, or `mid` has it (LoCon). */
  | { readonly kind: 'lora'; readonly down: TensorSource; readonly up: TensorSource; readonly mid?: TensorSource }
  /** LoHa (Hyeon-Woo et al. 2021, FedPara): the elementwise product of two low-rank matrices. */
  | { readonly kind: 'loha'; readonly first: Factors; readonly second: Factors }
  /** LoKr (Edalati et al. 2022, KronA): the Kronecker product of two matrices, each whole or in factors. */
  | { readonly kind: 'lokr'; readonly first: TensorSource | Factors; readonly second: TensorSource | Factors };

/** The change of one layer. */
export interface LoraModule {
  readonly formula: LoraFormula;
  /** What the change is multiplied by at strength 1: alpha / rank. */
  readonly scale: number;
  readonly magnitude?: Magnitude;
}

/** DoRA (Liu et al. 2024): the lengths that the rows of the changed weights are given; in older files of LyCORIS, the columns. */
export interface Magnitude {
  readonly source: TensorSource;
  readonly axis: 'rows' | 'columns';
}

/** The networks of a checkpoint that a LoRA may change. */
export type LoraNetwork = 'unet' | 'text1' | 'text2';

/** True where a matrix comes in factors. */
export function isFactors(value: TensorSource | Factors): value is Factors {
  return 'a' in value;
}

/** The rank of a change by its tensors; undefined for a Kronecker product of two whole matrices. */
export function rankOf(formula: LoraFormula): number | undefined {
  switch (formula.kind) {
    case 'lora':
      return formula.down.shape[0];
    case 'loha':
      return formula.first.b.shape[0];
    case 'lokr': {
      if (isFactors(formula.second)) return formula.second.b.shape[0];
      return isFactors(formula.first) ? formula.first.b.shape[0] : undefined;
    }
    default:
      return formula satisfies never;
  }
}
