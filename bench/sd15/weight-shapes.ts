import { TEXT_CONFIG, UNET_CONFIG, VAE_CONFIG } from './configs.ts';

/** A tensor that is to be written. */
export interface WeightShape {
  readonly name: string;
  readonly shape: readonly number[];
  /** Uniform in ±`bound`, as torch initialises layers; `bound` 0 means that all values are `fill`. */
  readonly bound: number;
  readonly fill: number;
}

/** Collects the tensors of modules under the names that diffusers and transformers give them. */
class Shapes {
  readonly list: WeightShape[] = [];

  add(name: string, shape: readonly number[], bound: number, fill = 0): void {
    this.list.push({ name, shape, bound, fill });
  }

  linear(name: string, inFeatures: number, outFeatures: number, bias = true): void {
    this.#layer(name, [outFeatures, inFeatures], bias);
  }

  convolution(name: string, inChannels: number, outChannels: number, kernel: number): void {
    this.#layer(name, [outChannels, inChannels, kernel, kernel], true);
  }

  norm(name: string, width: number): void {
    this.add(`${name}.weight`, [width], 0, 1);
    this.add(`${name}.bias`, [width], 0, 0);
  }

  #layer(name: string, shape: readonly number[], bias: boolean): void {
    const bound = 1 / Math.sqrt(shape.slice(1).reduce((product, size) => product * size, 1));
    this.add(`${name}.weight`, shape, bound);
    if (bias) this.add(`${name}.bias`, [shape[0] ?? 0], bound);
  }
}

/** Every tensor of the U-Net. */
export function unetShapes(): WeightShape[] {
  const { block_out_channels: widths, cross_attention_dim: textWidth, layers_per_block: layers } = UNET_CONFIG;
  const shapes = new Shapes();
  const [first, , , last] = widths;
  const timeWidth = 4 * first;
  const resnet = (name: string, from: number, to: number): void => {
    resnetShapes(shapes, name, from, to);
    shapes.linear(`${name}.time_emb_proj`, timeWidth, to);
  };
  const transformer = (name: string, width: number): void => {
    shapes.norm(`${name}.norm`, width);
    shapes.convolution(`${name}.proj_in`, width, width, 1);
    const block = `${name}.transformer_blocks.0`;
    for (const [attention, keyWidth] of [
      ['attn1', width],
      ['attn2', textWidth],
    ] as const) {
      shapes.linear(`${block}.${attention}.to_q`, width, width, false);
      shapes.linear(`${block}.${attention}.to_k`, keyWidth, width, false);
      shapes.linear(`${block}.${attention}.to_v`, keyWidth, width, false);
      shapes.linear(`${block}.${attention}.to_out.0`, width, width);
    }
    for (const norm of ['norm1', 'norm2', 'norm3']) shapes.norm(`${block}.${norm}`, width);
    shapes.linear(`${block}.ff.net.0.proj`, width, 8 * width);
    shapes.linear(`${block}.ff.net.2`, 4 * width, width);
    shapes.convolution(`${name}.proj_out`, width, width, 1);
  };

  shapes.convolution('conv_in', UNET_CONFIG.in_channels, first, 3);
  shapes.linear('time_embedding.linear_1', first, timeWidth);
  shapes.linear('time_embedding.linear_2', timeWidth, timeWidth);
  const skips: number[] = [first];
  let width: number = first;
  for (const [level, to] of widths.entries()) {
    for (let layer = 0; layer < layers; layer++) {
      resnet(`down_blocks.${level}.resnets.${layer}`, width, to);
      if (level < 3) transformer(`down_blocks.${level}.attentions.${layer}`, to);
      width = to;
      skips.push(width);
    }
    if (level === 3) continue;
    shapes.convolution(`down_blocks.${level}.downsamplers.0.conv`, width, width, 3);
    skips.push(width);
  }
  resnet('mid_block.resnets.0', last, last);
  transformer('mid_block.attentions.0', last);
  resnet('mid_block.resnets.1', last, last);
  for (const [level, to] of [...widths].reverse().entries()) {
    for (let layer = 0; layer <= layers; layer++) {
      resnet(`up_blocks.${level}.resnets.${layer}`, width + (skips.pop() ?? 0), to);
      if (level > 0) transformer(`up_blocks.${level}.attentions.${layer}`, to);
      width = to;
    }
    if (level < 3) shapes.convolution(`up_blocks.${level}.upsamplers.0.conv`, width, width, 3);
  }
  shapes.norm('conv_norm_out', first);
  shapes.convolution('conv_out', first, UNET_CONFIG.out_channels, 3);
  return shapes.list;
}

/** Every tensor of the autoencoder. */
export function vaeShapes(): WeightShape[] {
  const { block_out_channels: widths, latent_channels: latents, layers_per_block: layers } = VAE_CONFIG;
  const shapes = new Shapes();
  const [first, , , last] = widths;
  const middle = (name: string): void => {
    resnetShapes(shapes, `${name}.resnets.0`, last, last);
    shapes.norm(`${name}.attentions.0.group_norm`, last);
    for (const part of ['to_q', 'to_k', 'to_v', 'to_out.0']) shapes.linear(`${name}.attentions.0.${part}`, last, last);
    resnetShapes(shapes, `${name}.resnets.1`, last, last);
  };
  const levels = (name: string, sizes: readonly number[], count: number, start: number, resample: string): void => {
    let width = start;
    for (const [level, to] of sizes.entries()) {
      for (let layer = 0; layer < count; layer++) {
        resnetShapes(shapes, `${name}.${level}.resnets.${layer}`, width, to);
        width = to;
      }
      if (level < 3) shapes.convolution(`${name}.${level}.${resample}.0.conv`, width, width, 3);
    }
  };

  shapes.convolution('encoder.conv_in', 3, first, 3);
  levels('encoder.down_blocks', widths, layers, first, 'downsamplers');
  middle('encoder.mid_block');
  shapes.norm('encoder.conv_norm_out', last);
  shapes.convolution('encoder.conv_out', last, 2 * latents, 3);
  shapes.convolution('quant_conv', 2 * latents, 2 * latents, 1);
  shapes.convolution('post_quant_conv', latents, latents, 1);
  shapes.convolution('decoder.conv_in', latents, last, 3);
  middle('decoder.mid_block');
  levels('decoder.up_blocks', [...widths].reverse(), layers + 1, last, 'upsamplers');
  shapes.norm('decoder.conv_norm_out', first);
  shapes.convolution('decoder.conv_out', first, 3, 3);
  return shapes.list;
}

/** Every tensor of the text encoder. */
export function textShapes(): WeightShape[] {
  const { hidden_size: width, intermediate_size: inner, num_hidden_layers: layers, vocab_size: tokens } = TEXT_CONFIG;
  const shapes = new Shapes();
  shapes.add('text_model.embeddings.token_embedding.weight', [tokens, width], 0.035);
  shapes.add('text_model.embeddings.position_embedding.weight', [TEXT_CONFIG.max_position_embeddings, width], 0.017);
  for (let layer = 0; layer < layers; layer++) {
    const name = `text_model.encoder.layers.${layer}`;
    for (const part of ['q_proj', 'k_proj', 'v_proj', 'out_proj']) shapes.linear(`${name}.self_attn.${part}`, width, width);
    shapes.norm(`${name}.layer_norm1`, width);
    shapes.linear(`${name}.mlp.fc1`, width, inner);
    shapes.linear(`${name}.mlp.fc2`, inner, width);
    shapes.norm(`${name}.layer_norm2`, width);
  }
  shapes.norm('text_model.final_layer_norm', width);
  return shapes.list;
}

function resnetShapes(shapes: Shapes, name: string, from: number, to: number): void {
  shapes.norm(`${name}.norm1`, from);
  shapes.convolution(`${name}.conv1`, from, to, 3);
  shapes.norm(`${name}.norm2`, to);
  shapes.convolution(`${name}.conv2`, to, to, 3);
  if (from !== to) shapes.convolution(`${name}.conv_shortcut`, from, to, 1);
}
