// Teaches a text encoder a word from a textual inversion's file.
import { defineNode } from '../define-node.ts';
import { ok } from '../problem.ts';
import { refuseOtherEmbedding } from './lora-fit.ts';

export const loadEmbedding = defineNode({
  id: 'model.loadEmbedding',
  version: 1,
  title: 'Load Embedding',
  category: 'model',
  summary: 'Teaches a text encoder a new word: a textual inversion.',
  docs: `
A textual inversion (Gal et al. 2022) is one vector or a few that stand in the encoder's table of words like any other word. Read are A1111's
files (\`emb_params\`), diffusers' (one tensor, called as the word) and SDXL's (\`clip_l\` and \`clip_g\`), as \`.safetensors\`; the vectors
must be as wide as the encoder's words.

**Token** is what stands for it in prompts; left open, the word that the file names, else the file's name. It is found before the prompt
is split into tokens, whatever its case and also inside longer words, as diffusers does it, so write it so that nothing else contains it. An
embedding of n vectors takes n of the prompt's tokens.`,
  inputs: {
    textEncoder: { type: 'textEncoder', title: 'Text encoder', doc: 'Of the family that the embedding was made for.' },
  },
  outputs: { textEncoder: { type: 'textEncoder', title: 'Text encoder', doc: 'Which knows one word more.' } },
  params: {
    file: { kind: 'model', title: 'File', doc: 'The embedding: a file, or its name in a model folder.', default: null, holds: 'embedding' },
    token: { kind: 'text', title: 'Token', doc: 'The word in prompts; left open, that of the file.', default: null, maxLength: 200 },
  },
  keeps: false,
  outputTypes({ textEncoder }, { file }, context) {
    if (file === null) context.warn('file', `${context.title} has no file, so it adds no word. Choose an embedding.`);
    const facts = file === undefined || file === null ? undefined : context.addOnFacts('embedding', file);
    if (facts?.ok) refuseOtherEmbedding(context, facts.value, textEncoder);
    return textEncoder === undefined ? {} : { textEncoder };
  },
  async evaluate({ textEncoder }, { file, token }, context) {
    if (file === null) return ok({ textEncoder });
    const added = await context.models.addEmbedding({ reference: file, token }, textEncoder);
    return added.ok ? ok({ textEncoder: added.value }) : added;
  },
});
