import type { Value } from '../onnx/graph.ts';
import { add, multiply } from '../onnx/operators.ts';
import type { TensorSource } from '../weights.ts';
import { attend } from './blocks/attention.ts';
import { multiplyByWeight } from './blocks/multiply-by-weight.ts';
import type { Network } from './blocks/network.ts';
import type { AttentionPlace, AttentionRewrite } from './blocks/transformer-2d.ts';

/** The keys and values by which an IP-Adapter lets an attention look at a picture; [width of the attention, width of the tokens]. */
export interface ImagePromptLayer {
  readonly key: TensorSource;
  readonly value: TensorSource;
}

/** An IP-Adapter inside of a U-Net. */
export interface ImagePromptUse {
  /** One for each of `imagePromptPlaces`. */
  readonly layers: readonly ImagePromptLayer[];
  /** Width of its tokens, which is the text's. */
  readonly width: number;
}

/** The input with an IP-Adapter's tokens, float32 [batch, tokens, width]. */
export function imageTokensName(index: number): string {
  return `image_tokens_${index}`;
}

/** The input with how much an IP-Adapter counts, float32 []. */
export function imageScaleName(index: number): string {
  return `image_scale_${index}`;
}

/** The attentions to the text that IP-Adapters add to, in the order of their files: that in which diffusers lists attention. */
export function imagePromptPlaces(attentions: readonly AttentionPlace[]): string[] {
  const names = attentions.map(({ name }) => name).filter((name) => name.endsWith('.attn2'));
  return ['down_blocks.', 'up_blocks.', 'mid_block.'].flatMap((part) => names.filter((name) => name.startsWith(part)));
}

/**
 * Lets attention to the text look at pictures too (Ye et al. 2023, IP-Adapter, equation 5): what the same queries find among a picture's keys and
 * values is added, times a scale. Several add up. `places`: `imagePromptPlaces` of the network.
 */
export function addImagePrompts(
  network: Network,
  places: readonly string[],
  uses: readonly ImagePromptUse[],
): NonNullable<AttentionRewrite['addToText']> {
  const { graph, weights } = network;
  const inputs = uses.map(({ layers, width }, index) => ({
    layers,
    width,
    tokens: graph.input(imageTokensName(index), 'float32', ['batch', `image_tokens_${index}`, width]),
    scale: graph.input(imageScaleName(index), 'float32', []),
  }));
  return ({ name }, { query, heads, headWidth }, mixed) => {
    let sum = mixed;
    for (const [index, { layers, width, tokens, scale }] of inputs.entries()) {
      const layer = layers[places.indexOf(name)];
      if (layer === undefined) throw new Error(`an IP-Adapter has nothing for ${name}`);
      const shape = [heads * headWidth, width];
      const at = `${name}/image.${index}`;
      const project = (part: 'key' | 'value'): Value =>
        multiplyByWeight(network, `${at}/${part}`, tokens, weights.foreign(`${at}/${part}.weight`, layer[part], shape), false);
      const seen = attend(network, at, { query, key: project('key'), value: project('value'), heads, headWidth });
      sum = add(graph, `${at}/sum`, sum, multiply(graph, `${at}/scaled`, seen, scale));
    }
    return sum;
  };
}
