import { Tensor as OrtTensor } from 'onnxruntime-node';
import { encodeAddedOutputs } from '../../models/onnx/encode-added-outputs.ts';
import { fail, ok, type Result } from '../../nodes/problem.ts';
import { type ForeignRequest, openOnnxSession } from './open-onnx-session.ts';
import type { OpenSession, SessionStore } from './session-store.ts';

/** What is under the square root of a variance that is written as its logarithm is kept between these, as diffusers does. */
const [LEAST_LOG, MOST_LOG] = [-30, 20];

/**
 * An autoencoder's encoder in a graph that somebody else wrote: gives `mean` and `std` where it can, else `latents`. Where the graph draws
 * from the distribution by itself, with a generator of its own, the distribution is taken from before the draw.
 */
export async function openOnnxEncoder(sessions: SessionStore, request: ForeignRequest): Promise<Result<OpenSession>> {
  const { file } = request;
  const names = file.outputs.map(({ name }) => name);
  const added = file.draw === undefined ? {} : { added: encodeAddedOutputs([file.draw.mean, file.draw.std]) };
  const session = await openOnnxSession(sessions, { ...request, ...added });
  if (!session.ok) return session;
  const wanted = ['latent_parameters', 'latent_sample', 'latents'].find((name) => names.includes(name));
  if (wanted === undefined && file.draw === undefined) {
    return fail(
      'model.unsupported',
      `${file.path} gives ${names.join(', ') || 'nothing'}, and an encoder gives latent_sample or latent_parameters. Export it with diffusers' or optimum's converter.`,
    );
  }
  return ok({
    inputNames: session.value.inputNames,
    async run(feeds) {
      const found = await session.value.run(feeds);
      if (!found.ok) return found;
      const { draw } = file;
      const [mean, std] = draw === undefined ? [undefined, undefined] : [found.value[draw.mean], found.value[draw.std]];
      if (mean !== undefined && std !== undefined) return ok({ mean, std });
      const value = found.value[wanted ?? ''];
      if (value === undefined) throw new Error('a session gives every output of its graph');
      return ok(wanted === 'latent_parameters' ? splitParameters(value) : { latents: value });
    },
  });
}

/** float32 [1, 2 · channels, h, w]: means, then logarithms of variances. */
function splitParameters(value: OrtTensor): Record<string, OrtTensor> {
  const data = value.data as Float32Array; // sessions of this kind give float32
  const [rows = 1, channels = 2, ...plane] = value.dims;
  const dims = [rows, channels / 2, ...plane];
  const half = data.length / rows / 2;
  const [mean, std] = [new Float32Array(rows * half), new Float32Array(rows * half)];
  for (let row = 0; row < rows; row++) {
    for (let at = 0; at < half; at++) {
      mean[row * half + at] = data[2 * row * half + at] ?? 0;
      const log = Math.min(MOST_LOG, Math.max(LEAST_LOG, data[(2 * row + 1) * half + at] ?? 0));
      std[row * half + at] = Math.exp(log / 2);
    }
  }
  return { mean: new OrtTensor('float32', mean, dims), std: new OrtTensor('float32', std, dims) };
}
