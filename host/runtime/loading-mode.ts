import type { Component } from '../../models/checkpoint/checkpoint.ts';
import type { LoadingMode } from '../../models/onnx/session-options.ts';
import { elementCount } from '../../nodes/tensor.ts';
import type { MemoryMode } from '../evaluator/protocol.ts';

/**
 * Widening and packing the weights of a network of this size takes a fraction of a second and makes passes 8–15 % faster; at four times
 * the size the first picture would wait longer than twenty steps gain.
 */
const RESIDENT_FLOATS = 128 * 2 ** 20;

/** How a network is opened: as asked, else by its size. */
export function chooseLoadingMode(wanted: MemoryMode, { weights }: Component): LoadingMode {
  if (wanted !== 'auto') return wanted;
  let floats = 0;
  for (const name of weights.names()) floats += elementCount(weights.get(name)?.shape ?? [0]);
  return floats <= RESIDENT_FLOATS ? 'resident' : 'streaming';
}
