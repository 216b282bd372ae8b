import { textEncoder } from './conditioning/text-encoder.ts';
import { createRegistry } from './define-node.ts';
import { emptyLatent } from './latent/empty-latent.ts';
import { vaeDecode } from './latent/vae-decode.ts';
import { vaeEncode } from './latent/vae-encode.ts';
import { loadCheckpoint } from './model/load-checkpoint.ts';
import { sampler } from './sampling/sampler.ts';

/** Every node Emulsion ships, in the order menus show them. */
export const registry = createRegistry([loadCheckpoint, textEncoder, emptyLatent, sampler, vaeDecode, vaeEncode]);
