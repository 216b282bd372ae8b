import type { InferenceContext } from '../define-node.ts';
import { fail, type Result } from '../problem.ts';
import type { LatentSpace } from '../socket-values.ts';
import { describeType, labelOf } from '../types/describe.ts';
import { namesField, type SocketType } from '../types/socket-type.ts';

/** Says so where a latent certainly belongs to another space than a model or autoencoder; `sentence` gets both in words. */
export function refuseOtherSpace(
  context: InferenceContext,
  owner: SocketType | undefined,
  socket: string,
  latent: SocketType | undefined,
  sentence: (wants: string, gives: string) => string,
): void {
  const wanted = namesField(owner, 'space');
  const given = namesField(latent, 'space');
  if (wanted === null || given === null || latent === undefined || wanted.some((name) => given.includes(name))) return;
  const gives = `${context.sourceTitle(socket)} gives ${given.map(labelOf).join(' or ')} latents (${describeType(latent)})`;
  const remedy = 'Wire a latent and a model of the same checkpoint.';
  context.refuse(socket, `${sentence(wanted.map(labelOf).join(' or '), gives)}. ${remedy}`);
}

/** The same for a latent that a model is to draw on. */
export function refuseOtherLatent(context: InferenceContext, model: SocketType | undefined, latent: SocketType | undefined): void {
  const sentence = (wants: string, gives: string): string => `${context.title} has a model that draws ${wants} latents; ${gives}`;
  refuseOtherSpace(context, model, 'latent', latent, sentence);
}

/** The refusal for values whose spaces differ after all; undefined where they agree. */
export function checkSpace(title: string, wanted: LatentSpace, given: LatentSpace): Result<never> | undefined {
  if (wanted.id === given.id) return undefined;
  return fail(
    'node.invalidInput',
    `${title} wants latents of ${wanted.label} and gets those of ${given.label}. Wire a latent and a model of the same checkpoint.`,
    { socket: 'latent' },
  );
}
