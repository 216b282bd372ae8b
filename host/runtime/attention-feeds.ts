import { Tensor as OrtTensor } from 'onnxruntime-node';
import { attentionMapName, INJECTION_INPUTS } from '../../models/architectures/unet-attention.ts';
import type { AttentionInjection, AttentionMaps } from '../../nodes/context.ts';
import { concatBatch, type Tensor, tensor } from '../../nodes/tensor.ts';
import { floatTensor } from './encode-text.ts';
import type { Feeds } from './session-store.ts';

/** What the inputs of unet-attention.ts are given; without an injection each row keeps its own attention. */
export function injectionFeeds(given: AttentionInjection | undefined, rows: number, tokens: number): Record<string, OrtTensor> {
  const own = Array.from({ length: rows }, (_, row) => row);
  const { source, map, keep, selfSource } = given ?? {
    source: own,
    map: tensor(new Float32Array(rows * tokens * tokens), [rows, tokens, tokens]),
    keep: tensor(new Float32Array(rows * tokens).fill(1), [rows, tokens]),
    selfSource: own,
  };
  const ints = (values: readonly number[]): OrtTensor => new OrtTensor('int32', Int32Array.from(values), [values.length]);
  return {
    [INJECTION_INPUTS.source]: ints(source),
    [INJECTION_INPUTS.map]: new OrtTensor('float32', map.data, [...map.shape]),
    [INJECTION_INPUTS.keep]: new OrtTensor('float32', keep.data, [...keep.shape]),
    [INJECTION_INPUTS.selfSource]: ints(selfSource),
  };
}

/** The maps of some layers out of what a session gave. */
export function readAttentionMaps(given: Feeds, layers: readonly string[]): AttentionMaps {
  return new Map(layers.map((name) => [name, floatTensor(given[attentionMapName(name)])]));
}

/** Maps of rows that were run in parts. */
export function joinAttentionMaps(parts: readonly AttentionMaps[]): AttentionMaps {
  const [first = new Map<string, Tensor>()] = parts;
  if (parts.length === 1) return first;
  return new Map([...first.keys()].map((name) => [name, concatBatch(parts.flatMap((part) => part.get(name) ?? []))]));
}
