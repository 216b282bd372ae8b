import type { Checkpoint, LatentPreview } from '../../models/checkpoint/checkpoint.ts';

/**
 * How latents look without an autoencoder: linear maps to RGB in −1…1 that others fitted. `sd`: by "keturn", huggingface.co discussion
 * "Decoding latents to RGB without upscaling" (2022); `sdxl`: by Timothy Alexis Vass, "Explaining the SDXL latent space" (2023).
 */
const KNOWN: Readonly<Record<string, LatentPreview>> = {
  sd: {
    factors: [
      [0.298, 0.207, 0.208],
      [0.187, 0.286, 0.173],
      [-0.158, 0.189, 0.264],
      [-0.184, -0.271, -0.473],
    ],
    bias: [0, 0, 0],
  },
  sdxl: {
    factors: [
      [0.3448, 0.4168, 0.4395],
      [-0.1953, -0.029, 0.025],
      [0.1074, 0.0886, -0.0163],
      [-0.373, -0.2499, -0.2088],
    ],
    bias: [0, 0, 0],
  },
};

/** The map for a latent space: a known one, or the one that an open checkpoint of that space brings. */
export function findPreviewFactors(spaceId: string, checkpoints: Iterable<Checkpoint>): LatentPreview | undefined {
  if (Object.hasOwn(KNOWN, spaceId)) return KNOWN[spaceId];
  for (const { latentSpace, modelIndex } of checkpoints) {
    if (latentSpace.id === spaceId && modelIndex.latentPreview !== undefined) return modelIndex.latentPreview;
  }
  return undefined;
}
