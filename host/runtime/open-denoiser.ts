import { Tensor as OrtTensor } from 'onnxruntime-node';
import { buildUnet2dCondition } from '../../models/architectures/unet-2d-condition.ts';
import { parseUnet2dConditionConfig } from '../../models/architectures/unet-2d-condition-config.ts';
import { textAttentions } from '../../models/architectures/unet-encoder.ts';
import type { Checkpoint } from '../../models/checkpoint/checkpoint.ts';
import type { AttentionLayer, AttentionMaps, AttentionUse, ControlKinds, Denoiser, DenoiserInput } from '../../nodes/context.ts';
import { fail, ok, type Result } from '../../nodes/problem.ts';
import type { LoraUse } from '../../nodes/socket-values.ts';
import { concatBatch, sizeAt, type Tensor } from '../../nodes/tensor.ts';
import { injectionFeeds, joinAttentionMaps, readAttentionMaps } from './attention-feeds.ts';
import { floatTensor, type TextEquipment } from './encode-text.ts';
import { fitImagePrompts, imagePromptFeeds } from './image-prompt-uses.ts';
import { chooseLoadingMode } from './loading-mode.ts';
import { fitLoraUses } from './lora-uses.ts';
import { openOnnxSession } from './open-onnx-session.ts';
import { refuseForeign } from './refuse-foreign.ts';
import { type ResidualInputs, residualFeeds, residualInputs } from './residual-feeds.ts';
import { rowsAtOnce } from './rows-at-once.ts';
import type { OpenSession, SessionRequest } from './session-store.ts';
import { sliceDenoiserInput } from './slice-input.ts';

/** A U-Net opened for one latent size; batches are cut into as many rows as are fastest together. */
export async function openDenoiser(
  checkpoint: Checkpoint,
  size: { readonly width: number; readonly height: number; readonly controlled?: ControlKinds; readonly attention?: AttentionUse },
  equipment: Pick<TextEquipment, 'sessions' | 'device' | 'memory' | 'addOns' | 'unetConfig'>,
  uses: readonly LoraUse[] = [],
): Promise<Result<Denoiser>> {
  const config = (equipment.unetConfig ?? parseUnet2dConditionConfig)(checkpoint.unet.config);
  if (!config.ok) return config;
  if (config.value.classEmbedding !== undefined) {
    return fail(
      'model.unsupported',
      `The U-Net of ${checkpoint.name} wants class labels, which nothing gives. Choose a text-to-image model.`,
    );
  }
  const { controlled = { residuals: false, features: false }, attention } = size;
  const title = `the U-Net of ${checkpoint.name}`;
  const foreign = checkpoint.unet.onnx?.model;
  if (foreign !== undefined && (controlled.residuals || controlled.features)) return refuseForeign(checkpoint.name, 'ControlNets');
  if (foreign !== undefined && controlled.images !== undefined) return refuseForeign(checkpoint.name, 'IP-Adapters');
  if (foreign !== undefined && attention !== undefined) return refuseForeign(checkpoint.name, 'attention maps and prompt-to-prompt edits');
  const fitted = await fitLoraUses(uses, 'unet', checkpoint.unet, title, equipment.addOns.loras);
  if (!fitted.ok) return fitted;
  const images = await fitImagePrompts(controlled.images ?? [], config.value, size, title, equipment.addOns.ipAdapters);
  if (!images.ok) return images;
  const options = { device: equipment.device, loras: fitted.value.loras };
  const mode = chooseLoadingMode(equipment.memory, checkpoint.unet);
  // The texts are encoded by now. Where memory counts, their encoder makes room; it opens again in a moment.
  if (mode === 'streaming') await equipment.sessions.drop(`${checkpoint.fingerprint} text`);
  const isSmall = chooseLoadingMode('auto', checkpoint.unet) === 'resident';
  const own: SessionRequest = {
    key: `${checkpoint.fingerprint} unet${controlled.residuals ? ' controlled' : ''}${controlled.features ? ' adapted' : ''} ${size.width}x${size.height}${attention === undefined ? '' : ` ${JSON.stringify(attention)}`}${fitted.value.key}${images.value.key}`,
    title,
    mode,
    isSmallAndBusy: isSmall,
    build: () =>
      buildUnet2dCondition(config.value, checkpoint.unet.weights, size, options, {
        residuals: controlled.residuals,
        features: controlled.features,
        imagePrompts: images.value.uses,
        textsFirst: isSmall,
        ...(attention === undefined ? {} : { attention }),
      }),
  };
  const session: Result<OpenSession & { readonly batch?: number | undefined }> =
    foreign === undefined
      ? await equipment.sessions.open(own)
      : await openOnnxSession(equipment.sessions, { file: foreign, key: `${checkpoint.fingerprint} unet`, title, mode });
  if (!session.ok) return session;
  const atOnce = Math.min(rowsAtOnce(size), session.value.batch ?? Number.POSITIVE_INFINITY);
  const added = residualInputs(config.value, size, controlled);
  const opened = { session: session.value, added, strengths: fitted.value.feeds(session.value), attention };
  return ok({ predict: (input) => predict(opened, input, atOnce) });
}

/** Every attention to the text of a checkpoint's U-Net for a latent size. */
export function listAttentionLayers(
  checkpoint: Checkpoint,
  { height, width }: { readonly width: number; readonly height: number },
): Result<readonly AttentionLayer[]> {
  const config = parseUnet2dConditionConfig(checkpoint.unet.config);
  return config.ok ? ok(textAttentions(config.value, { height, width })) : config;
}

interface OpenUnet {
  readonly session: OpenSession;
  readonly added: ResidualInputs;
  readonly strengths: Readonly<Record<string, OrtTensor>>;
  readonly attention: AttentionUse | undefined;
}

function predict(unet: OpenUnet, input: DenoiserInput, atOnce: number): Promise<Result<Tensor>> {
  const rows = sizeAt(input.sample, 0);
  const isWhole = rows <= atOnce || input.injection !== undefined;
  return isWhole ? predictRows(unet, input, input.onAttention) : predictParts(unet, input, atOnce);
}

async function predictParts(unet: OpenUnet, input: DenoiserInput, atOnce: number): Promise<Result<Tensor>> {
  const rows = sizeAt(input.sample, 0);
  const parts: Tensor[] = [];
  const maps: AttentionMaps[] = [];
  for (let start = 0; start < rows; start += atOnce) {
    const part = await predictRows(unet, sliceDenoiserInput(input, start, Math.min(rows, start + atOnce)), (given) => maps.push(given));
    if (!part.ok) return part;
    parts.push(part.value);
  }
  if (unet.attention !== undefined) input.onAttention?.(joinAttentionMaps(maps));
  return ok(concatBatch(parts));
}

async function predictRows(
  { session, added, strengths, attention }: OpenUnet,
  input: DenoiserInput,
  onAttention: ((maps: AttentionMaps) => void) | undefined,
): Promise<Result<Tensor>> {
  const feeds: Record<string, OrtTensor> = {
    sample: toOrtTensor(input.sample),
    timestep: new OrtTensor('float32', Float32Array.of(input.timestep), [1]),
  };
  const rows = sizeAt(input.sample, 0);
  Object.assign(feeds, strengths);
  if (added.length > 0) Object.assign(feeds, residualFeeds(input.residuals, added, rows));
  if (input.residuals?.images !== undefined) Object.assign(feeds, imagePromptFeeds(input.residuals.images));
  if (attention?.injection !== undefined) Object.assign(feeds, injectionFeeds(input.injection, rows, sizeAt(input.states, 1)));
  for (const name of session.inputNames) {
    const value = steadyInput(input, name);
    if (value !== undefined) feeds[name] = wrap(value);
  }
  const result = await session.run(feeds);
  if (!result.ok) return result;
  if (attention !== undefined && onAttention !== undefined) onAttention(readAttentionMaps(result.value, attention.maps));
  return ok(floatTensor(result.value['out_sample']));
}

/** What the U-Net's input of this name is given, if it is something that stays the same from step to step. */
function steadyInput(input: DenoiserInput, name: string): Tensor | undefined {
  switch (name) {
    case 'encoder_hidden_states':
      return input.states;
    case 'text_embeds':
      return input.pooled;
    case 'time_ids':
      return input.timeIds;
    case 'timestep_cond':
      return input.guidanceEmbedding;
    default:
      return undefined;
  }
}

/** What stays the same from step to step, and from run to run, as onnxruntime has it. */
const wrapped = new WeakMap<Tensor, OrtTensor>();

function wrap(value: Tensor): OrtTensor {
  const known = wrapped.get(value) ?? toOrtTensor(value);
  wrapped.set(value, known);
  return known;
}

function toOrtTensor({ data, shape }: Tensor): OrtTensor {
  return new OrtTensor('float32', data, [...shape]);
}
