import type { Component } from '../../models/checkpoint/checkpoint.ts';
import type { LoadingMode } from '../../models/onnx/session-options.ts';
import { elementCount } from '../../nodes/tensor.ts';
import type { MemoryMode } from '../evaluator/protocol.ts';

/**
 * Up to this size, widening and packing all weights takes a few tenths of a second and is made up for within one picture; for a network
 * as large as Stable Diffusion's it is after some thirty passes, and its text encoder and autoencoder make one or two (bench/memory-modes.ts).
 */
const RESIDENT_FLOATS = 64 * 2 ** 20;

/** How a network is opened: as asked, else by its size. */
export function chooseLoadingMode(wanted: MemoryMode, { weights }: Component): LoadingMode {
  if (wanted !== 'auto') return wanted;
  let floats = 0;
  for (const name of weights.names()) floats += elementCount(weights.get(name)?.shape ?? [0]);
  return floats <= RESIDENT_FLOATS ? 'resident' : 'streaming';
}
