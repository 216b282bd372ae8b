import { Tensor as OrtTensor } from 'onnxruntime-node';
import { fail, ok, type Result } from '../../nodes/problem.ts';
import { floatTensor, type OpenTextEncoder } from './encode-text.ts';
import { type ForeignRequest, openOnnxSession } from './open-onnx-session.ts';
import type { SessionStore } from './session-store.ts';

/** A CLIP text encoder in a graph that somebody else wrote, if it gives the states that are wanted. `layer`: after which they are taken. */
export async function openOnnxClip(
  sessions: SessionStore,
  request: ForeignRequest,
  {
    layer,
    layers,
    isXl,
    withProjection,
  }: { readonly layer: number; readonly layers: number; readonly isXl: boolean; readonly withProjection: boolean },
): Promise<Result<OpenTextEncoder['run']>> {
  const output = isXl ? `hidden_states.${layer}` : 'last_hidden_state';
  const has = request.file.outputs.some(({ name }) => name === output);
  if (!has || (!isXl && layer !== layers)) {
    const sentence = isXl
      ? `${request.file.path} does not give ${output}, which SDXL reads. Export it with optimum, which has the hidden states as outputs.`
      : `${request.file.path} was exported without the layers before the last, so none can be left out. Set Clip skip to 0.`;
    return fail(isXl ? 'model.unsupported' : 'node.invalidInput', sentence, isXl ? {} : { socket: 'clipSkip' });
  }
  const session = await openOnnxSession(sessions, request);
  if (!session.ok) return session;
  return ok(async ({ ids }) => {
    const found = await session.value.run({ input_ids: new OrtTensor('int32', Int32Array.from(ids), [1, ids.length]) });
    if (!found.ok) return found;
    const states = floatTensor(found.value[output]);
    return ok(withProjection ? { states, pooled: floatTensor(found.value['text_embeds']) } : { states });
  });
}
