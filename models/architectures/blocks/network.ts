import { type Problem, problem } from '../../../nodes/problem.ts';
import { attentionFor, type BuildOptions } from '../../onnx/build-options.ts';
import type { Value } from '../../onnx/graph.ts';
import { GraphBuilder } from '../../onnx/graph-builder.ts';
import { WeightBinder } from '../../onnx/weight-binder.ts';
import type { WeightSource } from '../../weights.ts';

/** A network while it is being written: what every block is given. */
export interface Network {
  readonly graph: GraphBuilder;
  /** The only way to weights: a rewrite of weights (LoRA) has one place to be. */
  readonly weights: WeightBinder;
  readonly attention: 'fused' | 'plain';
  /** Contradictions in the config that only show while building. */
  readonly problems: Problem[];
}

/** Feature maps of a convolutional network with the sizes that are known before it runs. */
export interface FeatureMaps {
  /** float32 NCHW [batch, channels, height, width]. */
  readonly value: Value;
  readonly channels: number;
  readonly height: number;
  readonly width: number;
}

/** An empty network that takes its weights from `source`. */
export function startNetwork(
  name: string,
  source: WeightSource,
  options: BuildOptions,
  spellings?: (name: string) => readonly string[],
): Network {
  const graph = new GraphBuilder(name);
  return { graph, weights: new WeightBinder(graph, source, spellings), attention: attentionFor(options), problems: [] };
}

/** Notes that the config asks for something impossible; building goes on and the graph is not handed out. */
export function refuseNetwork(network: Network, message: string): void {
  network.problems.push(problem('model.config', message));
}
