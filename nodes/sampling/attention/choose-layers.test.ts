import { describe, expect, it } from 'vitest';
import { unwrap } from '../../../test/unwrap.ts';
import { chooseLayers } from './choose-layers.ts';
import { blendLayers } from './local-blend.ts';

const at = (block: string, side: number, layer = 0) => ({
  name: `${block}.attentions.0.transformer_blocks.${layer}.attn2`,
  height: side,
  width: side,
});
const layers = [
  at('down_blocks.0', 64),
  at('down_blocks.1', 32),
  at('down_blocks.10', 16),
  at('mid_block', 8),
  at('up_blocks.1', 16),
  at('up_blocks.1', 16, 1),
];
const chosen = (wanted: string | null): string[] =>
  unwrap(chooseLayers('Test', layers, wanted)).map(({ name }) => name.split('.attentions')[0] ?? '');

describe('layers', () => {
  it.each([
    [null, layers.length],
    [' ', layers.length],
    ['down_blocks.1', 1],
    ['down_blocks', 3],
    ['UP_BLOCKS.1, mid_block', 3],
    ['16x16', 3],
    ['16×16 mid_block', 4],
    [layers[5]?.name ?? '', 1],
  ])('%j are %i', (wanted, count) => {
    expect(chosen(wanted)).toHaveLength(count);
  });

  it('that are not there are refused', () => {
    expect(chooseLayers('Test', layers, 'down_blocks.1, 7x7')).toMatchObject({ ok: false, problem: { socket: 'layers' } });
    expect(chooseLayers('Test', layers, 'down_block')).toMatchObject({ ok: false });
  });
});

describe('layers that tell places apart', () => {
  it.each([
    [64, layers, [16, 16, 16]],
    [128, layers, [32]],
    [16, layers, [16, 16, 16]],
    [16, [at('mid_block', 4)], [4]],
  ])('of a latent %i cells high', (height, given, sides) => {
    expect(blendLayers(given, height).map((layer) => layer.height)).toEqual(sides);
  });
});
