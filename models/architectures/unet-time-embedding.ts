import type { Value } from '../onnx/graph.ts';
import { add, concat, reshape } from '../onnx/operators.ts';
import { activate } from './blocks/activation.ts';
import { linear } from './blocks/layers.ts';
import type { Network } from './blocks/network.ts';
import type { TimeEmbedding } from './blocks/resnet.ts';
import { textTimeEmbedding } from './blocks/text-time-embedding.ts';
import { sinusoids, timestepMlp } from './blocks/timestep-embedding.ts';
import type { Unet2dConditionConfig } from './unet-2d-condition-config.ts';

/** How many timesteps a graph is given: one for all rows, or that or one for each. */
export type Timesteps = 'one' | 'one or each';

/** The timestep and whatever else the config adds to it. */
export function embedTime(network: Network, config: Unet2dConditionConfig, states: Value, timesteps: Timesteps): TimeEmbedding {
  const { graph } = network;
  const { timeWidth: width, activation } = config;
  const timestep = graph.input('timestep', 'float32', [timesteps === 'one' ? 1 : 'timesteps']);
  const style = sinusoidStyle(config, config.down[0]?.channels ?? 0);
  let time = timestepMlp(network, 'time_embedding', sinusoids(network, 'time_proj', timestep, 1, style), {
    inFeatures: style.width,
    outFeatures: width,
    activation,
    postActivation: config.timePostActivation,
    condition: conditionInput(network, config),
  });
  const labels = embedClass(network, config);
  if (labels !== undefined) time = add(graph, 'class_embedding/added', time, labels);
  const extra = embedAddition(network, config, states);
  if (extra !== undefined) time = add(graph, 'add_embedding/added', time, extra);
  if (config.timeActivation !== undefined) time = activate(network, 'time_embed_act', time, config.timeActivation);
  // Every residual block applies its activation to the same embedding first.
  return { value: activate(network, 'time_embedding/nonlinearity', time, activation), width };
}

function conditionInput({ graph }: Network, { timeConditionWidth }: Unet2dConditionConfig): { value: Value; width: number } | undefined {
  if (timeConditionWidth === undefined) return undefined;
  return { value: graph.input('timestep_cond', 'float32', ['timesteps', timeConditionWidth]), width: timeConditionWidth };
}

function embedClass(network: Network, config: Unet2dConditionConfig): Value | undefined {
  const { graph, weights } = network;
  const { classEmbedding, timeWidth } = config;
  const path = 'class_embedding';
  switch (classEmbedding?.kind) {
    case undefined:
      return undefined;
    case 'table': {
      const labels = graph.input('class_labels', 'int32', ['batch']);
      return weights.lookUp(`${path}.weight`, [classEmbedding.classes, timeWidth], labels, path);
    }
    case 'timestep': {
      const style = sinusoidStyle(config, config.down[0]?.channels ?? 0);
      const labels = sinusoids(network, `${path}/time_proj`, graph.input('class_labels', 'float32', ['batch']), 1, style);
      return timestepMlp(network, path, labels, { inFeatures: style.width, outFeatures: timeWidth, activation: config.activation });
    }
    case 'identity':
      return graph.input('class_labels', 'float32', ['batch', timeWidth]);
    case 'projection': {
      const { inFeatures } = classEmbedding;
      const labels = graph.input('class_labels', 'float32', ['batch', inFeatures]);
      return timestepMlp(network, path, labels, { inFeatures, outFeatures: timeWidth, activation: 'silu' });
    }
    case 'simple_projection': {
      const { inFeatures } = classEmbedding;
      return linear(network, path, graph.input('class_labels', 'float32', ['batch', inFeatures]), { inFeatures, outFeatures: timeWidth });
    }
  }
}

function embedAddition(network: Network, config: Unet2dConditionConfig, states: Value): Value | undefined {
  const { graph } = network;
  const { addition, timeWidth, textWidth } = config;
  const path = 'add_embedding';
  switch (addition?.kind) {
    case undefined:
      return undefined;
    case 'text':
      return textTimeEmbedding(network, path, states, { textWidth, timeWidth, heads: addition.heads });
    case 'text_time': {
      const pooled = graph.input('text_embeds', 'float32', ['batch', 'text_embed_width']);
      const ids = graph.input('time_ids', 'float32', ['batch', 'ids']);
      const each = sinusoids(network, 'add_time_proj', ids, 2, sinusoidStyle(config, addition.timeIdWidth));
      const joined = concat(graph, `${path}/joined`, [pooled, reshape(graph, 'add_time_proj/row', each, [0, -1])], 1);
      return timestepMlp(network, path, joined, { inFeatures: addition.inFeatures, outFeatures: timeWidth, activation: 'silu' });
    }
  }
}

function sinusoidStyle({ flipSinToCos, freqShift }: Unet2dConditionConfig, width: number) {
  return { width, flipSinToCos, freqShift };
}
