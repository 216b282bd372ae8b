import { Tensor as OrtTensor } from 'onnxruntime-node';
import { buildUnet2dCondition } from '../../models/architectures/unet-2d-condition.ts';
import { parseUnet2dConditionConfig } from '../../models/architectures/unet-2d-condition-config.ts';
import type { Checkpoint } from '../../models/checkpoint/checkpoint.ts';
import type { Device } from '../../models/onnx/build-options.ts';
import type { Denoiser, DenoiserInput } from '../../nodes/context.ts';
import { fail, ok, type Result } from '../../nodes/problem.ts';
import { concatBatch, sizeAt, sliceBatch, type Tensor } from '../../nodes/tensor.ts';
import type { MemoryMode } from '../evaluator/protocol.ts';
import { floatTensor } from './encode-text.ts';
import { chooseLoadingMode } from './loading-mode.ts';
import type { OpenSession, SessionStore } from './session-store.ts';

/**
 * Up to this many latent cells in a batch, rows go through together: small pictures leave threads idle. Beyond it they go one after
 * another, which is as fast and takes half of the memory (bench/guidance.ts).
 */
const CELLS_AT_ONCE = 2048;

/** A U-Net opened for one latent size; batches are cut into as many rows as are fastest together. */
export async function openDenoiser(
  checkpoint: Checkpoint,
  size: { readonly width: number; readonly height: number },
  equipment: { readonly sessions: SessionStore; readonly device: Device; readonly memory: MemoryMode },
): Promise<Result<Denoiser>> {
  const config = parseUnet2dConditionConfig(checkpoint.unet.config);
  if (!config.ok) return config;
  if (config.value.classEmbedding !== undefined) {
    return fail(
      'model.unsupported',
      `The U-Net of ${checkpoint.name} wants class labels, which nothing gives. Choose a text-to-image model.`,
    );
  }
  const session = await equipment.sessions.open({
    key: `${checkpoint.fingerprint} unet ${size.width}x${size.height}`,
    title: `the U-Net of ${checkpoint.name}`,
    mode: chooseLoadingMode(equipment.memory, checkpoint.unet),
    build: () => buildUnet2dCondition(config.value, checkpoint.unet.weights, size, { device: equipment.device }),
  });
  if (!session.ok) return session;
  const rowsAtOnce = Math.max(1, Math.floor(CELLS_AT_ONCE / (size.width * size.height)));
  return ok({ predict: (input) => predict(session.value, input, rowsAtOnce) });
}

async function predict(session: OpenSession, input: DenoiserInput, rowsAtOnce: number): Promise<Result<Tensor>> {
  const rows = sizeAt(input.sample, 0);
  if (rows <= rowsAtOnce) return predictRows(session, input);
  const parts: Tensor[] = [];
  for (let start = 0; start < rows; start += rowsAtOnce) {
    const cut = (value: Tensor): Tensor => sliceBatch(value, start, Math.min(rows, start + rowsAtOnce));
    const part = await predictRows(session, {
      ...input,
      sample: cut(input.sample),
      states: cut(input.states),
      ...(input.pooled === undefined ? {} : { pooled: cut(input.pooled) }),
      ...(input.timeIds === undefined ? {} : { timeIds: cut(input.timeIds) }),
    });
    if (!part.ok) return part;
    parts.push(part.value);
  }
  return ok(concatBatch(parts));
}

async function predictRows(session: OpenSession, input: DenoiserInput): Promise<Result<Tensor>> {
  const given: Readonly<Record<string, Tensor | undefined>> = {
    sample: input.sample,
    encoder_hidden_states: input.states,
    text_embeds: input.pooled,
    time_ids: input.timeIds,
    timestep_cond: input.guidanceEmbedding,
  };
  const feeds: Record<string, OrtTensor> = { timestep: new OrtTensor('float32', Float32Array.of(input.timestep), [1]) };
  for (const name of session.inputNames) {
    const value = given[name];
    if (value !== undefined) feeds[name] = new OrtTensor('float32', value.data, [...value.shape]);
  }
  const result = await session.run(feeds);
  return result.ok ? ok(floatTensor(result.value['out_sample'])) : result;
}
