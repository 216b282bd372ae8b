import type { FittedLora } from '../lora/fit-lora.ts';

/** Where a graph is to run: onnxruntime's execution providers by the names that onnxruntime-node gives them. */
export type Device = 'cpu' | 'webgpu' | 'cuda' | 'dml' | 'coreml';

/** Which forms of the same mathematics a graph is written in. */
export interface BuildOptions {
  readonly device: Device;
  /**
   * `fused`: com.microsoft.MultiHeadAttention, which never holds the whole score matrix. `plain`: products and Softmax. Without it the
   * CPU gets `fused`; other devices get `plain`, since the fused kernel gave wrong numbers on WebGPU (3–6 % from 32 tokens on).
   */
  readonly attention?: 'fused' | 'plain';
  /** What changes the network's layers, in the order of their strength inputs. */
  readonly loras?: readonly FittedLora[];
}

/** The attention to write for a device. */
export function attentionFor({ device, attention }: BuildOptions): 'fused' | 'plain' {
  return attention ?? (device === 'cpu' ? 'fused' : 'plain');
}
