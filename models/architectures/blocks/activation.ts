import type { Value } from '../../onnx/graph.ts';
import type { Network } from './network.ts';

/** The activation functions that configs may name. */
export const ACTIVATIONS = ['silu', 'swish', 'gelu', 'quick_gelu', 'gelu_new', 'gelu_pytorch_tanh', 'relu', 'mish'] as const;

/** Those of them that diffusers' own networks may name. */
export const DIFFUSERS_ACTIVATIONS = ['silu', 'swish', 'gelu', 'relu', 'mish'] as const satisfies readonly Activation[];

/** Name of an activation function as diffusers and transformers write it. */
export type Activation = (typeof ACTIVATIONS)[number];

/** Applies an activation function to every element. */
export function activate({ graph }: Network, path: string, x: Value, kind: Activation): Value {
  switch (kind) {
    case 'silu':
    case 'swish':
      // QuickGelu is x · sigmoid(alpha · x): with alpha 1, SiLU in one pass.
      return graph.node('QuickGelu', [x], path, { domain: 'com.microsoft', attributes: { alpha: { float: 1 } } });
    case 'quick_gelu':
      return graph.node('QuickGelu', [x], path, { domain: 'com.microsoft', attributes: { alpha: { float: 1.702 } } });
    case 'gelu':
      return graph.node('Gelu', [x], path, { attributes: { approximate: 'none' } });
    case 'gelu_new':
    case 'gelu_pytorch_tanh':
      return graph.node('Gelu', [x], path, { attributes: { approximate: 'tanh' } });
    case 'relu':
      return graph.node('Relu', [x], path);
    case 'mish':
      return graph.node('Mish', [x], path);
    default:
      return kind satisfies never;
  }
}
