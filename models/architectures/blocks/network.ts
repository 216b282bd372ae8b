import { type Problem, problem } from '../../../nodes/problem.ts';
import { LoraChanges } from '../../lora/lora-changes.ts';
import { attentionFor, type BuildOptions, type Device } from '../../onnx/build-options.ts';
import type { Value } from '../../onnx/graph.ts';
import { GraphBuilder } from '../../onnx/graph-builder.ts';
import { WeightBinder } from '../../onnx/weight-binder.ts';
import type { WeightSource } from '../../weights.ts';

/** A network while it is being written: what every block is given. */
export interface Network {
  readonly graph: GraphBuilder;
  /** The only way to weights. */
  readonly weights: WeightBinder;
  /** What changes layers: every layer asks it. */
  readonly loras: LoraChanges;
  readonly attention: 'fused' | 'plain';
  readonly device: Device;
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
  const weights = new WeightBinder(graph, source, spellings);
  const loras = new LoraChanges(graph, weights, options.loras ?? []);
  return { graph, weights, loras, attention: attentionFor(options), device: options.device, problems: [] };
}

/** Notes that the config asks for something impossible; building goes on and the graph is not handed out. */
export function refuseNetwork(network: Network, message: string): void {
  network.problems.push(problem('model.config', message));
}
