// Sampling, and what the model looked at in the prompt meanwhile.
import { defineNode } from '../define-node.ts';
import { checkSpace } from '../latent/latent-space.ts';
import { repeatForSeeds } from '../latent/repeat-rows.ts';
import { fail, ok } from '../problem.ts';
import { sizeAt } from '../tensor.ts';
import { sizeField, struct } from '../types/socket-type.ts';
import { chooseLayers, LONGEST_LAYERS } from './attention/choose-layers.ts';
import { tokensOfPlainText } from './attention/plain-text.ts';
import { watchAttention, watchedBytes } from './attention/watch-attention.ts';
import { checkConditioning } from './conditioning-fit.ts';
import { runSampler } from './run-sampler.ts';
import { drawnFields, judgeSamplerInputs, SAMPLER_PARAMS } from './sampler-params.ts';

const TITLE = 'Attention Maps';

/** What may be kept at most. */
const MOST_BYTES = 2 ** 30;

export const attentionMaps = defineNode({
  id: 'sampling.attentionMaps',
  version: 1,
  title: TITLE,
  category: 'sampling',
  summary: 'Draws like the Sampler, and keeps what the model looked at in the prompt.',
  docs: `
A denoiser that follows a text looks, in every layer with cross-attention and for every cell of its feature maps, at all tokens of the text: the
weights of a cell sum up to 1 over the tokens. This node samples like the Sampler and keeps those weights for the rows drawn with the
prompt, averaged over the heads of a layer (Tang et al. 2022, *What the DAAM: Interpreting Stable Diffusion Using Cross Attention*). Word Heat
Maps lays them over the picture, word by word.

**Attention** holds a float32 tensor for each layer, [batch, steps, tokens, height, width], under the layer's name in diffusers;
\`emulsion run … --dump node.attention=file.safetensors\` writes them as they are. **Keep** \`mean\` gives the mean of the steps between **From** and
**To** (shares of all), \`each\` every one of them. **Layers** picks some by the beginnings of their names or the size of their maps, separated by
commas: \`up_blocks.1, mid_block\` or \`16x16\`. Coarse maps tell things apart best; fine ones follow edges.

The picture is the Sampler's but for rounding, since the weights are written out where it fuses them away; that costs some time, and the memory
of the maps, at most 1 GiB. One text is looked at, so prompts with AND, alternations or regions are refused; weights in brackets are not.`,
  inputs: {
    model: { type: 'model', title: 'Model', doc: 'The denoising network.' },
    positive: { type: 'conditioning', title: 'Positive', doc: 'What the picture should show; what is looked at.' },
    negative: { type: 'conditioning', title: 'Negative', doc: 'What it should not show.', optional: true },
    latent: { type: 'latent', title: 'Latent', doc: 'An empty one for a new picture, or an encoded picture to draw on.' },
  },
  outputs: {
    latent: { type: 'latent', title: 'Latent', doc: 'The finished latents.' },
    attention: { type: 'attention', title: 'Attention', doc: 'What each layer looked at, by token and step.' },
  },
  params: {
    ...SAMPLER_PARAMS,
    layers: {
      kind: 'text',
      title: 'Layers',
      doc: 'Beginnings of layers’ names or sizes of their maps; left open: all.',
      default: null,
      maxLength: LONGEST_LAYERS,
    },
    keep: {
      kind: 'choice',
      title: 'Keep',
      doc: 'The mean of the steps, or each of them by itself.',
      default: 'mean',
      options: { mean: 'Mean of the steps', each: 'Each step' },
    },
    start: {
      kind: 'number',
      title: 'From',
      doc: 'Share of the steps from which on they count.',
      default: 0,
      min: 0,
      max: 1,
      step: 0.05,
      advanced: true,
    },
    end: {
      kind: 'number',
      title: 'To',
      doc: 'Share of the steps up to which they count.',
      default: 1,
      min: 0,
      max: 1,
      step: 0.05,
      advanced: true,
    },
  },
  outputTypes({ model, positive, negative, latent }, { guidance, scheduler, seed }, context) {
    judgeSamplerInputs(context, { model, positive, negative, latent }, ['positive'], { guidance, scheduler });
    const fields = drawnFields(model, latent, seed);
    return {
      latent: struct('latent', fields),
      attention: struct('attention', { batch: fields.batch, tokens: sizeField(positive, 'tokens') }),
    };
  },
  async evaluate({ model, positive, negative, latent }, { layers: wanted, keep, start, end, ...params }, context) {
    const misfit =
      checkSpace(TITLE, model.space, latent.space) ??
      checkConditioning(model, 'positive', positive, TITLE) ??
      (negative === undefined ? undefined : checkConditioning(model, 'negative', negative, TITLE));
    if (misfit !== undefined) return misfit;
    const tokens = tokensOfPlainText(TITLE, 'positive', positive);
    if (!tokens.ok) return tokens;
    if (start >= end) {
      const sentence = `${TITLE} looks at the steps from ${start} to ${end} of all, which are none. Set To above From.`;
      return fail('node.invalidInput', sentence, { socket: 'end' });
    }
    const given = repeatForSeeds(latent, params.seed);
    const { samples } = given;
    const all = await context.models.attentionLayers(model, { height: sizeAt(samples, 2), width: sizeAt(samples, 3) });
    if (!all.ok) return all;
    const layers = chooseLayers(TITLE, all.value, wanted);
    if (!layers.ok) return layers;
    const request = {
      layers: layers.value,
      batch: sizeAt(samples, 0),
      tokens: sizeAt(positive.states, 1),
      start,
      end,
      isMean: keep === 'mean',
    };
    const bytes = watchedBytes(request, params.steps);
    if (bytes > MOST_BYTES) {
      const sentence = `${TITLE} would keep ${(bytes / 2 ** 30).toFixed(1)} GiB of maps, and at most 1 GiB is kept. Keep the mean, fewer steps or fewer layers, or draw a smaller batch.`;
      return fail('node.invalidInput', sentence, { socket: 'keep' });
    }
    const watch = watchAttention(request);
    const drawn = await runSampler(
      { title: TITLE, model, positive, negative, latent: given, ...params, frames: 1, attention: watch },
      context,
    );
    if (!drawn.ok) return drawn;
    const attention = { kind: 'attention' as const, tokens: tokens.value, isMean: request.isMean, ...watch.result() };
    return ok({ latent: { kind: 'latent' as const, samples: drawn.value.samples, space: model.space }, attention });
  },
});
