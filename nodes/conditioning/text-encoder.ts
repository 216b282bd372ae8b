// A prompt through a checkpoint's own text encoder or encoders.
import { defineNode } from '../define-node.ts';
import { namesField, sizeField, struct } from '../types/socket-type.ts';
import { encodePrompt } from './prompt/encode-prompt.ts';

/** Far beyond what any encoder reads; long prompts are cut there with a note. */
const LONGEST_PROMPT = 100_000;

export const textEncoder = defineNode({
  id: 'conditioning.textEncoder',
  version: 1,
  title: 'Text Encoder',
  category: 'conditioning',
  summary: 'Turns a prompt into what a denoiser attends to.',
  docs: `
Splits the prompt into tokens with the checkpoint's own tokenizer and runs its text encoder: CLIP for Stable Diffusion, both encoders
side by side for SDXL, a sentence encoder for the bundled emoji model. The result has one row a token and the width the denoiser's
cross-attention was trained on; the socket shows both. CLIP reads 77 tokens; the rest of a longer plain prompt is left out, and a
note says from which word on.

A **Prompt** left open (\`null\`) means no text at all. For SDXL that gives zeros, as diffusers does without a negative prompt; for
others it is the same as the empty text. **Clip skip** leaves out that many of the encoder's last layers (the convention of diffusers;
A1111's "Clip skip 2" is 1 here).

**Syntax** \`plain\` takes every character as text, exactly as diffusers does. \`weights\` reads A1111's:

- \`(word)\` counts ×1.1, \`[word]\` ÷1.1, \`(word:1.3)\` ×1.3, nested at will. A backslash makes the next bracket text: \`\\(\`. A weight w
  moves each of the word's tokens away from the empty text: (state − empty) · w + empty, as ComfyUI does. A1111 differs: it multiplies
  the states themselves, and then brings the mean of the whole text back to what it was, so the same number acts otherwise there.
- Texts beyond 77 tokens are encoded in chunks of 75, each with its own start and end, whose states follow each other; \`BREAK\` begins a new
  chunk. (ComfyUI keeps words of fewer than 8 tokens whole, and A1111 goes back to a comma near the end; here a chunk is simply full.) At
  most 20 chunks are read. SDXL's pooled text is that of the first chunk.
- \`[from:to:when]\`, \`[to:when]\` and \`[from::when]\` change the text in the course of the steps: a *when* below 1 is a share of the steps that
  are run, others are the number of the last step before the change. \`[a|b]\` takes turns from step to step. Each text that arises is
  encoded.
- \`a fox :1.2 AND a forest\` guides with several texts at once, each predicted by itself: what it adds to the negative is multiplied by its weight
  and summed (Liu et al. 2022, *Compositional Visual Generation with Composable Diffusion Models*, equation 11). Where there is no
  guidance, and in a negative prompt, the predictions are averaged by their weights instead.

A text without any of these gives the same numbers either way.`,
  inputs: {
    textEncoder: { type: 'textEncoder', title: 'Text encoder', doc: 'From the checkpoint whose denoiser will read the text.' },
  },
  outputs: {
    conditioning: { type: 'conditioning', title: 'Conditioning', doc: 'float32 [1, tokens, width], and SDXL’s pooled text.' },
  },
  params: {
    prompt: {
      kind: 'text',
      title: 'Prompt',
      doc: 'What the picture should show; for a negative prompt, what it should not.',
      default: null,
      multiline: true,
      maxLength: LONGEST_PROMPT,
      readBy: { input: 'textEncoder', encoder: 0, syntax: 'syntax' },
    },
    prompt2: {
      kind: 'text',
      title: 'Second prompt',
      doc: 'For SDXL’s second encoder; left open or empty, it reads the first prompt.',
      default: null,
      multiline: true,
      maxLength: LONGEST_PROMPT,
      readBy: { input: 'textEncoder', encoder: 1, syntax: 'syntax' },
      advanced: true,
    },
    syntax: {
      kind: 'choice',
      title: 'Syntax',
      doc: 'Whether brackets are text or say what counts how much.',
      default: 'plain',
      options: { plain: 'Plain text', weights: 'Weights (A1111)' },
    },
    clipSkip: {
      kind: 'int',
      title: 'Clip skip',
      doc: 'How many of the last layers are left out.',
      default: 0,
      min: 0,
      max: 24,
      advanced: true,
    },
  },
  outputTypes({ textEncoder: encoder }, { syntax }) {
    const tokens = sizeField(encoder, 'tokens');
    return {
      conditioning: struct('conditioning', {
        family: namesField(encoder, 'family') ?? undefined,
        // Long texts have more.
        tokens: syntax === 'plain' ? tokens : { min: tokens.min, max: Number.POSITIVE_INFINITY },
        dim: sizeField(encoder, 'dim'),
      }),
    };
  },
  async evaluate({ textEncoder: encoder }, { prompt, prompt2: second, syntax, clipSkip }, context) {
    // diffusers takes an empty second prompt for none, too.
    const prompt2 = second || null;
    const encoded =
      syntax === 'weights' && prompt !== null
        ? await encodePrompt('Text Encoder', encoder, { prompt, prompt2, clipSkip }, context)
        : await context.models.encodeText(encoder, { prompt, prompt2, clipSkip });
    return encoded.ok ? { ok: true, value: { conditioning: encoded.value } } : encoded;
  },
});
