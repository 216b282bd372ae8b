/** The wires of an ordinary sampler, for graphs whose nodes are called `checkpoint`, `positive`, `negative`, `latent` and `sampler`. */
export const SAMPLER_WIRES = [
  'checkpoint.textEncoder > positive.textEncoder',
  'checkpoint.textEncoder > negative.textEncoder',
  'checkpoint.model > latent.model',
  'checkpoint.model > sampler.model',
  'positive.conditioning > sampler.positive',
  'negative.conditioning > sampler.negative',
  'latent.latent > sampler.latent',
] as const;
