import { fail, ok, type Result } from '../../nodes/problem.ts';
import { encodeModel } from '../onnx/encode-model.ts';
import type { GraphPort } from '../onnx/graph.ts';
import type { Network } from './blocks/network.ts';

/** A network written as ONNX, ready for a session. */
export interface BuiltGraph {
  /** The model's bytes; weights are only pointed at. */
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** What `sessionOptionsFor` wants to know: the folder that the weights' locations start from. */
  readonly externalDataFolder: string;
  readonly inputs: readonly GraphPort[];
  readonly outputs: readonly GraphPort[];
}

/** Writes the network down, or says why its weights or config do not fit. */
export function finishGraph(network: Network): Result<BuiltGraph> {
  const problem = network.problems[0] ?? network.weights.problem;
  if (problem !== undefined) return fail(problem);
  const graph = network.graph.build();
  return ok({
    bytes: encodeModel(graph),
    externalDataFolder: network.weights.folder,
    inputs: graph.inputs,
    outputs: graph.outputs,
  });
}
