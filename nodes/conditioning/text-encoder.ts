// A prompt through a checkpoint's own text encoder or encoders.
import { defineNode } from '../define-node.ts';
import { namesField, sizeField, struct } from '../types/socket-type.ts';

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
cross-attention was trained on; the socket shows both. CLIP reads 77 tokens; the rest of a longer prompt is left out, and a note says
from which word on.

A **Prompt** left open (\`null\`) means no text at all. For SDXL that gives zeros, as diffusers does without a negative prompt; for
others it is the same as the empty text. **Clip skip** leaves out that many of the encoder's last layers (the convention of diffusers;
A1111's "Clip skip 2" is 1 here).`,
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
    },
    prompt2: {
      kind: 'text',
      title: 'Second prompt',
      doc: 'For SDXL’s second encoder; left open, it reads the first prompt.',
      default: null,
      multiline: true,
      maxLength: LONGEST_PROMPT,
    },
    clipSkip: { kind: 'int', title: 'Clip skip', doc: 'How many of the last layers are left out.', default: 0, min: 0, max: 24 },
  },
  outputTypes({ textEncoder: encoder }) {
    return {
      conditioning: struct('conditioning', {
        family: namesField(encoder, 'family') ?? undefined,
        tokens: sizeField(encoder, 'tokens'),
        dim: sizeField(encoder, 'dim'),
      }),
    };
  },
  async evaluate({ textEncoder: encoder }, { prompt, prompt2, clipSkip }, context) {
    const encoded = await context.models.encodeText(encoder, { prompt, prompt2, clipSkip });
    return encoded.ok ? { ok: true, value: { conditioning: encoded.value } } : encoded;
  },
});
