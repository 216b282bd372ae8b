/** Modules outside the blocks: diffusers' name to the original's. */
const PLAIN: Readonly<Record<string, string>> = {
  conv_in: 'input_blocks.0.0',
  'time_embedding.linear_1': 'time_embed.0',
  'time_embedding.linear_2': 'time_embed.2',
  'add_embedding.linear_1': 'label_emb.0.0',
  'add_embedding.linear_2': 'label_emb.0.2',
  conv_out: 'out.2',
};

/** Layers inside a residual block. */
const RESNET: Readonly<Record<string, string>> = {
  conv1: 'in_layers.2',
  time_emb_proj: 'emb_layers.1',
  conv2: 'out_layers.3',
  conv_shortcut: 'skip_connection',
};

/**
 * What the original layout (CompVis/stable-diffusion, openaimodel.py) calls the layers of a U-Net that has these layers under diffusers'
 * names; layers it has no name for are left out. SDXL's LoRAs use these names.
 */
export function ldmLayerNames(layers: ReadonlySet<string>): Map<string, string> {
  const modules = moduleNames(layers);
  const names = new Map<string, string>();
  for (const layer of layers) {
    const plain = PLAIN[layer];
    if (plain !== undefined) {
      names.set(layer, plain);
      continue;
    }
    const [, module = '', rest = ''] =
      /^((?:(?:down|up)_blocks\.\d+|mid_block)\.(?:resnets|attentions|downsamplers|upsamplers)\.\d+)\.(.+)$/.exec(layer) ?? [];
    const original = modules.get(module);
    const inner = module.includes('.resnets.') ? RESNET[rest] : module.includes('samplers.') ? '' : rest;
    if (original === undefined || inner === undefined) continue;
    names.set(layer, inner === '' ? original : `${original}.${inner}`);
  }
  return names;
}

/** The original numbers its blocks through, where diffusers counts levels and layers. */
function moduleNames(layers: ReadonlySet<string>): Map<string, string> {
  const names = new Map([
    ['mid_block.resnets.0', 'middle_block.0'],
    ['mid_block.attentions.0', 'middle_block.1'],
    ['mid_block.resnets.1', 'middle_block.2'],
  ]);
  const hasResnet = (way: string, level: number, layer: number): boolean => layers.has(`${way}.${level}.resnets.${layer}.conv1`);
  let block = 1;
  for (let level = 0; hasResnet('down_blocks', level, 0); level++) {
    for (let layer = 0; hasResnet('down_blocks', level, layer); layer++, block++) {
      names.set(`down_blocks.${level}.resnets.${layer}`, `input_blocks.${block}.0`);
      names.set(`down_blocks.${level}.attentions.${layer}`, `input_blocks.${block}.1`);
    }
    if (!layers.has(`down_blocks.${level}.downsamplers.0.conv`)) continue;
    names.set(`down_blocks.${level}.downsamplers.0`, `input_blocks.${block}.0.op`);
    block++;
  }
  block = 0;
  for (let level = 0; hasResnet('up_blocks', level, 0); level++) {
    for (let layer = 0; hasResnet('up_blocks', level, layer); layer++, block++) {
      names.set(`up_blocks.${level}.resnets.${layer}`, `output_blocks.${block}.0`);
      names.set(`up_blocks.${level}.attentions.${layer}`, `output_blocks.${block}.1`);
    }
    // It ends the level's last block, after the attention where there is one.
    const place = layers.has(`up_blocks.${level}.attentions.0.proj_in`) ? 2 : 1;
    names.set(`up_blocks.${level}.upsamplers.0`, `output_blocks.${block - 1}.${place}.conv`);
  }
  return names;
}
