import { fail, ok, type Result } from '../../nodes/problem.ts';
import { encodeModel } from '../onnx/encode-model.ts';
import type { GraphPort } from '../onnx/graph.ts';
import { splitGraph } from '../onnx/split-graph.ts';
import type { Network } from './blocks/network.ts';

/** A network written as ONNX, ready for a session. */
export interface BuiltGraph {
  /** The model's bytes; weights are only pointed at. */
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** What `sessionOptionsFor` wants to know: the folder that the weights' locations start from. */
  readonly externalDataFolder: string;
  readonly inputs: readonly GraphPort[];
  readonly outputs: readonly GraphPort[];
  /** A model to run first: its outputs are inputs of this one, and stay the same for as long as its own inputs do. */
  readonly once?: { readonly bytes: Uint8Array<ArrayBuffer>; readonly inputs: readonly string[] };
}

/** Writes the network down, or says why its weights or config do not fit. `steady`: inputs that stay the same for many runs. */
export function finishGraph(network: Network, steady: readonly string[] = []): Result<BuiltGraph> {
  const problem = network.problems[0] ?? network.weights.problem;
  if (problem !== undefined) return fail(problem);
  const graph = network.graph.build();
  const { once, rest } = splitGraph(graph, new Set(steady)) ?? { rest: graph };
  return ok({
    bytes: encodeModel(rest),
    externalDataFolder: network.weights.folder,
    inputs: graph.inputs,
    outputs: graph.outputs,
    ...(once === undefined ? {} : { once: { bytes: encodeModel(once), inputs: once.inputs.map(({ name }) => name) } }),
  });
}
