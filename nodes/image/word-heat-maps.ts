// The words of a prompt over the picture.
import { defineNode } from '../define-node.ts';
import { fail, ok, type Result } from '../problem.ts';
import { chooseLayers, LONGEST_LAYERS } from '../sampling/attention/choose-layers.ts';
import { type FoundWords, findWords, splitList } from '../sampling/attention/find-words.ts';
import type { AttentionLayerMaps, AttentionValue } from '../socket-values.ts';
import { sizeAt, type Tensor, tensor } from '../tensor.ts';
import { struct } from '../types/socket-type.ts';
import { heatColour } from './heat-colours.ts';
import { rangeOfHeat, sumHeat } from './heat-map.ts';
import { explainTooLarge } from './largest-picture.ts';
import { drawText, GLYPH_HEIGHT, textWidth } from './pixel-font.ts';
import { createResampler, type PixelSize } from './resample.ts';

const TITLE = 'Word Heat Maps';
const LONGEST_WORDS = 10_000;

/** Pixels a side of a cell of the largest map, where there is no picture that says. */
const PIXELS_A_CELL = 8;

const INK = 0.92;

export const wordHeatMaps = defineNode({
  id: 'image.wordHeatMaps',
  version: 1,
  title: TITLE,
  category: 'image',
  summary: 'Shows where a picture looked at each word of its prompt.',
  docs: `
For each word, the attention that Attention Maps kept, laid over the picture in grey: dark where it did not look, bright where it looked most. Maps of
all layers are enlarged by bicubic and averaged (Tang et al. 2022, *What the DAAM*), and so are the tokens of a word.

**Words** are some of the prompt's, separated by commas, semicolons or lines: \`apple, green leaf\`; left open: each word by itself. **Over**
\`words\` gives a picture for each; \`layers\` one for each layer and \`steps\` one for each step that was kept, with the words averaged. **Layers**
narrows the layers as in Attention Maps. **Scale** \`each\` stretches every map from its least to its greatest value; \`together\` all alike, so that
words compare; \`none\` shows the shares of attention as they are, from 0 to 1.

**Heat** holds the maps themselves as masks in 0…1, which Region and Inpaint take. Pictures smaller than **Least size** are enlarged by a whole factor. In a
batch, the maps of the first picture come first.`,
  inputs: {
    attention: { type: 'attention', title: 'Attention', doc: 'From Attention Maps.' },
    image: { type: 'image', title: 'Image', doc: 'The decoded picture; unwired: the maps alone.', optional: true },
  },
  outputs: {
    image: { type: 'image', title: 'Image', doc: 'The maps over the picture, as a batch.' },
    heat: { type: 'mask', title: 'Heat', doc: 'The maps alone, in 0…1, of the picture’s own size.' },
  },
  params: {
    words: {
      kind: 'text',
      title: 'Words',
      doc: 'Words or phrases of the prompt; left open: every word.',
      default: null,
      maxLength: LONGEST_WORDS,
      multiline: true,
    },
    over: {
      kind: 'choice',
      title: 'Over',
      doc: 'What there is a picture for each of.',
      default: 'words',
      options: { words: 'Words', layers: 'Layers', steps: 'Steps' },
    },
    layers: {
      kind: 'text',
      title: 'Layers',
      doc: 'Beginnings of layers’ names or sizes of their maps; left open: all there are.',
      default: null,
      maxLength: LONGEST_LAYERS,
    },
    scale: {
      kind: 'choice',
      title: 'Scale',
      doc: 'Which attention is bright.',
      default: 'each',
      options: { each: 'Each by itself', together: 'All together', none: 'As it is' },
    },
    opacity: { kind: 'number', title: 'Opacity', doc: 'How much the map covers the picture.', default: 0.75, min: 0, max: 1, step: 0.05 },
    captions: { kind: 'boolean', title: 'Captions', doc: 'Words, layers or steps stand below.', default: true },
    pictureFirst: { kind: 'boolean', title: 'Picture first', doc: 'The batch begins with the picture itself.', default: true },
    leastSize: {
      kind: 'int',
      title: 'Least size',
      doc: 'The shorter side is at least so long.',
      default: 256,
      min: 1,
      max: 4096,
      unit: 'px',
    },
  },
  outputTypes() {
    return { image: struct('image', { channels: 3 }) };
  },
  async evaluate({ attention, image }, params, context) {
    context.signal.throwIfCancelled();
    const batch = sizeAt(firstMaps(attention), 0);
    if (image !== undefined && sizeAt(image, 0) !== batch) {
      const sentence = `${TITLE} gets maps of ${batch} pictures, and ${sizeAt(image, 0)} pictures. Wire the pictures that were decoded from the same latent.`;
      return fail('node.invalidInput', sentence, { socket: 'image' });
    }
    const plan = planMaps(attention, params);
    if (!plan.ok) return plan;
    const [own, shown] = chooseSizes(attention, image, params.leastSize);
    const tooLarge = explainTooLarge(TITLE, shown.width, shown.height);
    if (tooLarge !== undefined) return fail('node.invalidInput', tooLarge, { socket: 'leastSize' });
    const heats: Float32Array[] = [];
    for (let picture = 0; picture < batch; picture++) {
      for (const { layers, rows, steps } of plan.value) {
        context.signal.throwIfCancelled();
        heats.push(sumHeat({ layers, rows, steps, picture }, own));
      }
    }
    const scaled = scaleHeats(heats, params.scale);
    const frames: Float32Array[] = [];
    for (let picture = 0; picture < batch; picture++) {
      const ground = image === undefined ? undefined : resizeTo(image, picture, own, shown);
      const captions = plan.value.map(({ caption }) => caption);
      if (params.pictureFirst && ground !== undefined) frames.push(paint(ground, undefined, '', shown, params));
      for (const [index, caption] of captions.entries()) {
        context.signal.throwIfCancelled();
        const heat = scaled[picture * captions.length + index] ?? new Float32Array();
        frames.push(paint(ground, createResampler(own, shown, 'bicubic')(heat), caption, shown, params));
      }
    }
    const height = shown.height + (params.captions ? captionHeight(shown) : 0);
    return ok({
      image: stack(frames, [3, height, shown.width]),
      heat: stack(scaled, [1, own.height, own.width]),
    });
  },
});

/** One picture that is to be made. */
interface PlannedMap {
  readonly caption: string;
  readonly layers: readonly AttentionLayerMaps[];
  readonly rows: readonly number[];
  /** Places among the kept steps. */
  readonly steps: readonly number[];
}

interface Choices {
  readonly words: string | null;
  readonly over: 'words' | 'layers' | 'steps';
  readonly layers: string | null;
}

function planMaps(attention: AttentionValue, { words, over, layers: wanted }: Choices): Result<PlannedMap[]> {
  const sized = attention.layers.map((layer) => ({ ...layer, height: sizeAt(layer.maps, 3), width: sizeAt(layer.maps, 4) }));
  const layers = chooseLayers(TITLE, sized, wanted);
  if (!layers.ok) return layers;
  const chosen = chooseWords(attention, words);
  if (!chosen.ok) return chosen;
  const steps = Array.from({ length: sizeAt(firstMaps(attention), 1) }, (_, step) => step);
  const common = { layers: layers.value, rows: chosen.value.flatMap(({ rows }) => rows), steps };
  switch (over) {
    case 'words':
      return ok(chosen.value.map(({ text, rows }) => ({ ...common, caption: text, rows })));
    case 'layers':
      return ok(layers.value.map((layer) => ({ ...common, caption: shortName(layer), layers: [layer] })));
    case 'steps': {
      if (attention.isMean && attention.steps.length > 1) {
        const sentence = `${TITLE} is to show each step, and gets the mean of ${attention.steps.length}. Set Keep of Attention Maps to each.`;
        return fail('node.invalidInput', sentence, { socket: 'over' });
      }
      return ok(steps.map((step) => ({ ...common, caption: `step ${(attention.steps[step] ?? step) + 1}`, steps: [step] })));
    }
    default:
      return over satisfies never;
  }
}

function chooseWords({ tokens }: AttentionValue, wanted: string | null): Result<FoundWords[]> {
  const entries = splitList(wanted);
  if (entries.length === 0) {
    const all = tokens.words.filter(({ text }) => /[\p{L}\p{N}]/u.test(text));
    if (all.length > 0) return ok(all.map(({ text, rows }) => ({ text, rows })));
    return fail('node.invalidInput', `${TITLE} gets attention to a prompt without words. Write a prompt.`, { socket: 'attention' });
  }
  const found: FoundWords[] = [];
  for (const entry of entries) {
    const one = findWords(TITLE, 'words', tokens, entry);
    if (!one.ok) return one;
    found.push(one.value);
  }
  return ok(found);
}

/** `up 1.0 16x16` for `up_blocks.1.attentions.0.transformer_blocks.0.attn2`; a number more where there are several in one. */
function shortName({ name, height, width }: { readonly name: string; readonly height: number; readonly width: number }): string {
  const [, block = '', index = '', place = '', layer = '0'] =
    /^(\w+?)_blocks?(?:\.(\d+))?\.attentions\.(\d+)\.transformer_blocks\.(\d+)/u.exec(name) ?? [];
  if (block === '') return name;
  return `${block} ${index === '' ? '' : `${index}.`}${place}${layer === '0' ? '' : `.${layer}`} ${width}x${height}`;
}

function firstMaps({ layers: [first] }: AttentionValue): Tensor {
  if (first === undefined) throw new Error('attention has at least one layer');
  return first.maps;
}

/** The size of the maps that are given out, and a multiple of it for pictures. */
function chooseSizes({ layers }: AttentionValue, image: Tensor | undefined, least: number): readonly [PixelSize, PixelSize] {
  const own =
    image === undefined
      ? {
          width: PIXELS_A_CELL * Math.max(...layers.map(({ maps }) => sizeAt(maps, 4))),
          height: PIXELS_A_CELL * Math.max(...layers.map(({ maps }) => sizeAt(maps, 3))),
        }
      : { width: sizeAt(image, 3), height: sizeAt(image, 2) };
  const factor = Math.max(1, Math.ceil(least / Math.min(own.width, own.height)));
  return [own, { width: own.width * factor, height: own.height * factor }];
}

function scaleHeats(heats: readonly Float32Array[], scale: 'each' | 'together' | 'none'): Float32Array[] {
  const all = scale === 'together' ? rangeOfHeat(heats) : undefined;
  return heats.map((heat) => {
    const [low, high] = scale === 'none' ? [0, 1] : (all ?? rangeOfHeat([heat]));
    return heat.map((value) => (high > low ? Math.min(1, (value - low) / (high - low)) : 0));
  });
}

/** One picture of a batch in three channels, float32 [3, height, width] of the shown size. */
function resizeTo(image: Tensor, picture: number, own: PixelSize, shown: PixelSize): Float32Array {
  const channels = sizeAt(image, 1);
  const plane = own.width * own.height;
  const resample = createResampler(own, shown, 'bicubic');
  const data = new Float32Array(3 * shown.width * shown.height);
  for (let channel = 0; channel < 3; channel++) {
    const from = (picture * channels + (channels < 3 ? 0 : channel)) * plane;
    data.set(resample(image.data.subarray(from, from + plane)), channel * shown.width * shown.height);
  }
  return data.map((value) => Math.min(1, Math.max(0, value)));
}

/** A picture under its map with a caption, float32 [3, height with caption, width]; without a map the picture as it is. */
function paint(
  ground: Float32Array | undefined,
  heat: Float32Array | undefined,
  caption: string,
  size: PixelSize,
  { opacity, captions }: { readonly opacity: number; readonly captions: boolean },
): Float32Array {
  const strip = captions ? captionHeight(size) : 0;
  const [plane, framed] = [size.width * size.height, size.width * (size.height + strip)];
  const data = new Float32Array(3 * framed);
  const share = heat === undefined ? 0 : ground === undefined ? 1 : opacity;
  for (let at = 0; at < plane; at++) {
    const below = [0, 1, 2].map((channel) => ground?.[channel * plane + at] ?? 0);
    // Rec. 709's luma, so that the picture's colours are not taken for heat.
    const grey = 0.2126 * (below[0] ?? 0) + 0.7152 * (below[1] ?? 0) + 0.0722 * (below[2] ?? 0);
    const colour = heatColour(heat?.[at] ?? 0);
    for (const channel of [0, 1, 2] as const) {
      data[channel * framed + at] = heat === undefined ? (below[channel] ?? 0) : (1 - share) * grey + share * colour[channel];
    }
  }
  if (caption !== '' && strip > 0) writeCaption(data, caption, size, strip);
  return data;
}

function captionScale({ width }: PixelSize): number {
  return Math.max(1, Math.round(width / 128));
}

function captionHeight(size: PixelSize): number {
  return (GLYPH_HEIGHT + 6) * captionScale(size);
}

/** In the middle of the strip below; smaller, and then cut, where it is too long. */
function writeCaption(data: Float32Array, caption: string, size: PixelSize, strip: number): void {
  const text = caption.normalize('NFD').replace(/\p{M}/gu, '').replaceAll('’', "'").toLowerCase();
  let scale = captionScale(size);
  while (scale > 1 && textWidth(text) * scale > size.width) scale--;
  const most = Math.floor((size.width / scale + 1) / (textWidth('ab') - textWidth('a')));
  const shown = text.length > most ? `${text.slice(0, Math.max(0, most - 1))}…` : text;
  const canvas = { data, widthPx: size.width, heightPx: size.height + strip };
  const left = Math.floor((size.width - textWidth(shown) * scale) / 2);
  drawText(canvas, shown, left, size.height + Math.floor((strip - GLYPH_HEIGHT * scale) / 2), INK, scale);
}

function stack(parts: readonly Float32Array[], shape: readonly [number, number, number]): Tensor {
  const size = shape[0] * shape[1] * shape[2];
  const data = new Float32Array(parts.length * size);
  for (const [index, part] of parts.entries()) data.set(part, index * size);
  return tensor(data, [parts.length, ...shape]);
}
