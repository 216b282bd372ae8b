import type { Component } from '../../models/checkpoint/checkpoint.ts';
import type { LoadingMode } from '../../models/onnx/session-options.ts';
import type { WeightSource } from '../../models/weights.ts';
import { elementCount } from '../../nodes/tensor.ts';
import type { MemoryMode } from '../evaluator/protocol.ts';

/**
 * Up to this size, widening and packing all weights takes a few hundredths of a second and is made up for within a picture or two. A
 * network as large as Stable Diffusion's makes up for it within a dozen passes, but the first step would wait three seconds and take a
 * gigabyte and a half more; its text encoder and autoencoder make one or two passes only (bench/memory-modes.ts).
 */
const RESIDENT_FLOATS = 64 * 2 ** 20;

/** How a network is opened: as asked, else by its size. */
export function chooseLoadingMode(wanted: MemoryMode, { weights, onnx }: Pick<Component, 'weights' | 'onnx'>): LoadingMode {
  if (wanted !== 'auto') return wanted;
  let floats = countFloats(weights);
  for (const file of [onnx?.model, onnx?.encoder, onnx?.decoder]) floats += (file?.totalBytes ?? 0) / 4;
  return floats <= RESIDENT_FLOATS ? 'resident' : 'streaming';
}

/** Counts that were made: each run asks several times, and there are hundreds of tensors. */
const counted = new WeakMap<WeightSource, number>();

function countFloats(weights: WeightSource): number {
  const known = counted.get(weights);
  if (known !== undefined) return known;
  let floats = 0;
  for (const name of weights.names()) floats += elementCount(weights.get(name)?.shape ?? [0]);
  counted.set(weights, floats);
  return floats;
}
