// The same picture for another prompt.
import { defineNode } from '../define-node.ts';
import { checkSpace } from '../latent/latent-space.ts';
import { copyLatent, repeatForSeeds } from '../latent/repeat-rows.ts';
import { fail, ok, type Result } from '../problem.ts';
import type { ConditioningValue, LatentValue, ModelValue, TextTokens } from '../socket-values.ts';
import { sizeAt, sliceBatch } from '../tensor.ts';
import { struct } from '../types/socket-type.ts';
import { alignPrompts } from './attention/align-prompts.ts';
import { type EditRequest, editAttention, pairRows } from './attention/edit-attention.ts';
import { findWords, readWordNumbers, splitList } from './attention/find-words.ts';
import { blendLayers } from './attention/local-blend.ts';
import { tokensOfPlainText } from './attention/plain-text.ts';
import { checkConditioning } from './conditioning-fit.ts';
import { runSampler } from './run-sampler.ts';
import { drawnFields, judgeSamplerInputs, SAMPLER_PARAMS } from './sampler-params.ts';

const TITLE = 'Prompt-to-Prompt';
const LONGEST_LIST = 2000;

/** Far beyond what leaves a picture whole. */
const LARGEST_WEIGHT = 100;

export const promptToPrompt = defineNode({
  id: 'sampling.promptToPrompt',
  version: 1,
  title: TITLE,
  category: 'sampling',
  summary: 'Draws a picture for one prompt, and the same picture changed as another prompt says.',
  docs: `
Both pictures are drawn side by side from the same noise. For a share of the steps, the edited one looks at its text where the source looks at
its own, and at itself as the source does; so composition and shapes stay, and what the new words say changes (Hertz et al. 2022,
*Prompt-to-Prompt Image Editing with Cross Attention Control*). The source comes out as a Sampler draws it.

- **Edit** \`replace\` goes word by word: "a cat on grass" to "a dog on grass". New tokens take equal shares of what the old word's look at. \`refine\`
  keeps what both texts have in common and leaves new words free: "a cat" to "a white cat in snow". \`auto\` replaces where both have equally many
  words, and refines otherwise.
- **Cross steps** is the share of steps in which the edited text looks where the source looks: 1 keeps most, 0 nothing. **Word steps** gives words of the
  edited prompt shares of their own: \`dog: 0.4\`. **Self steps** is the share in which the picture looks at itself as the source does, in
  feature maps of **Self size** cells along a side and smaller; it holds shapes. To change a shape, lower both.
- **Weights** multiplies how much is looked at words of the edited prompt while it follows the source: \`smiling: 3, hat: -1\`. With the same
  text twice, this alone is the edit.
- **Blend words** keeps the source wherever neither text looks at them: a word of the source and one of the edited prompt as \`cat > dog\`, or one
  that both have. Several are separated by commas. A place counts where at least **Threshold** of the strongest attention falls; it acts
  after a fifth of the steps.

It works with every scheduler; those that draw noise draw the same for both. Where a replaced word has another number of tokens, words
behind it look where they looked (the authors' code shifts them). Prompts with AND, alternations or regions are refused.`,
  inputs: {
    model: { type: 'model', title: 'Model', doc: 'The denoising network.' },
    source: { type: 'conditioning', title: 'Source', doc: 'What the first picture shows.' },
    edited: { type: 'conditioning', title: 'Edited', doc: 'What the second picture shows.' },
    negative: { type: 'conditioning', title: 'Negative', doc: 'What neither should show.', optional: true },
    latent: { type: 'latent', title: 'Latent', doc: 'An empty one for new pictures, or an encoded picture to draw on.' },
  },
  outputs: {
    source: { type: 'latent', title: 'Source', doc: 'The picture for the source prompt.' },
    edited: { type: 'latent', title: 'Edited', doc: 'The same for the edited prompt.' },
  },
  params: {
    ...SAMPLER_PARAMS,
    edit: {
      kind: 'choice',
      title: 'Edit',
      doc: 'How the texts are aligned.',
      default: 'auto',
      options: { auto: 'As many words: replace, else refine', replace: 'Replace words', refine: 'Refine' },
    },
    crossSteps: {
      kind: 'number',
      title: 'Cross steps',
      doc: 'Share of the steps in which the edited text looks where the source looks.',
      default: 0.8,
      min: 0,
      max: 1,
      step: 0.05,
    },
    selfSteps: {
      kind: 'number',
      title: 'Self steps',
      doc: 'Share of the steps in which the picture looks at itself as the source does.',
      default: 0.4,
      min: 0,
      max: 1,
      step: 0.05,
    },
    selfSize: {
      kind: 'int',
      title: 'Self size',
      doc: 'The largest feature maps that do so, in cells along a side.',
      default: 32,
      min: 1,
      max: 1024,
      advanced: true,
    },
    wordSteps: {
      kind: 'text',
      title: 'Word steps',
      doc: 'Cross steps for words of the edited prompt: “dog: 0.4”.',
      default: null,
      maxLength: LONGEST_LIST,
    },
    weights: {
      kind: 'text',
      title: 'Weights',
      doc: 'Factors for words of the edited prompt: “smiling: 3”.',
      default: null,
      maxLength: LONGEST_LIST,
    },
    blendWords: {
      kind: 'text',
      title: 'Blend words',
      doc: 'Only where these are looked at, the picture may change: “cat > dog”; left open: everywhere.',
      default: null,
      maxLength: LONGEST_LIST,
    },
    threshold: {
      kind: 'number',
      title: 'Threshold',
      doc: 'Share of the strongest attention from which a place may change.',
      default: 0.3,
      min: 0,
      max: 1,
      step: 0.05,
      advanced: true,
    },
  },
  outputTypes({ model, source, edited, negative, latent }, { guidance, scheduler, seed }, context) {
    judgeSamplerInputs(context, { model, source, edited, negative, latent }, ['source', 'edited'], { guidance, scheduler });
    const one = struct('latent', drawnFields(model, latent, seed));
    return { source: one, edited: one };
  },
  async evaluate({ model, source, edited, negative, latent }, params, context) {
    const misfit =
      checkSpace(TITLE, model.space, latent.space) ??
      checkConditioning(model, 'source', source, TITLE) ??
      checkConditioning(model, 'edited', edited, TITLE) ??
      (negative === undefined ? undefined : checkConditioning(model, 'negative', negative, TITLE)) ??
      refuseOtherLength(source, edited);
    if (misfit !== undefined) return misfit;
    const { edit, crossSteps, selfSteps, selfSize, wordSteps, weights, blendWords, threshold, ...loop } = params;
    const [before, after] = [tokensOfPlainText(TITLE, 'source', source), tokensOfPlainText(TITLE, 'edited', edited)];
    if (!before.ok) return before;
    if (!after.ok) return after;
    const alignment = alignPrompts(TITLE, edit, before.value, after.value, sizeAt(source.states, 1));
    if (!alignment.ok) return alignment;
    const shares = readWordNumbers(TITLE, 'wordSteps', after.value, wordSteps, { min: 0, max: 1 });
    if (!shares.ok) return shares;
    const factors = readWordNumbers(TITLE, 'weights', after.value, weights, { min: -LARGEST_WEIGHT, max: LARGEST_WEIGHT });
    if (!factors.ok) return factors;
    const blended = readBlendWords(before.value, after.value, blendWords);
    if (!blended.ok) return blended;
    const given = repeatForSeeds(latent, loop.seed);
    const { samples } = given;
    const [pictures, height, width] = [sizeAt(samples, 0), sizeAt(samples, 2), sizeAt(samples, 3)];
    const layers = await context.models.attentionLayers(model, { height, width });
    if (!layers.ok) return layers;
    const request: EditRequest = {
      alignment: alignment.value,
      crossShare: crossSteps,
      tokenShares: shares.value.map(({ words, value }) => ({ rows: words.rows, share: value })),
      weights: factors.value.map(({ words, value }) => ({ rows: words.rows, weight: value })),
      selfShare: selfSteps,
      mostCells: selfSize ** 2,
      blend: blended.value === undefined ? undefined : { ...blended.value, threshold, layers: blendLayers(layers.value, height) },
    };
    const drawn = await runSampler(
      {
        title: TITLE,
        model,
        positive: pairTexts(source, edited, pictures, model),
        negative,
        latent: copyLatent(given, 2),
        ...loop,
        frames: 1,
        copies: 2,
        attention: editAttention(request, [2 * pictures, ...samples.shape.slice(1)]),
      },
      context,
    );
    if (!drawn.ok) return drawn;
    const half = (start: number): LatentValue => ({
      kind: 'latent',
      samples: sliceBatch(drawn.value.samples, start, start + pictures),
      space: model.space,
    });
    return ok({ source: half(0), edited: half(pictures) });
  },
});

function refuseOtherLength(source: ConditioningValue, edited: ConditioningValue): Result<never> | undefined {
  const [before, after] = [sizeAt(source.states, 1), sizeAt(edited.states, 1)];
  if (before === after) return undefined;
  const sentence = `${TITLE} wants two texts of equally many tokens, and gets ${before} and ${after}. Shorten the longer prompt, or take its BREAKs out.`;
  return fail('node.invalidInput', sentence, { socket: 'edited' });
}

/** `cat > dog, hat`: pairs, or words that both texts have. */
function readBlendWords(
  source: TextTokens,
  edited: TextTokens,
  list: string | null,
): Result<{ readonly sourceRows: readonly number[]; readonly editedRows: readonly number[] } | undefined> {
  const rows: { sourceRows: number[]; editedRows: number[] } = { sourceRows: [], editedRows: [] };
  const entries = splitList(list);
  for (const entry of entries) {
    const [first = '', second = first] = entry.split('>');
    const before = findWords(TITLE, 'blendWords', source, first);
    if (!before.ok) return before;
    const after = findWords(TITLE, 'blendWords', edited, second);
    if (!after.ok) return after;
    rows.sourceRows.push(...before.value.rows);
    rows.editedRows.push(...after.value.rows);
  }
  return ok(entries.length === 0 ? undefined : rows);
}

/** Both texts as one, for a batch of sources and then edited pictures; everything else is the source's. */
function pairTexts(source: ConditioningValue, edited: ConditioningValue, pictures: number, model: ModelValue): ConditioningValue {
  const { pooled: before } = source;
  const { pooled: after } = edited;
  const { tokens: _tokens, pooled: _pooled, ...rest } = source;
  const isPooled = before !== undefined && after !== undefined && model.timeIds > 0;
  return {
    ...rest,
    states: pairRows(source.states, edited.states, pictures),
    ...(isPooled ? { pooled: pairRows(before, after, pictures) } : {}),
  };
}
