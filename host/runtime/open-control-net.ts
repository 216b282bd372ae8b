import { Tensor as OrtTensor } from 'onnxruntime-node';
import { buildControlNet, downOutputName } from '../../models/architectures/controlnet.ts';
import { picturePerCell } from '../../models/architectures/controlnet-config.ts';
import { adapterFactor } from '../../models/architectures/t2i-adapter-config.ts';
import { parseUnet2dConditionConfig } from '../../models/architectures/unet-2d-condition-config.ts';
import { skipShapes } from '../../models/architectures/unet-encoder.ts';
import type { Checkpoint } from '../../models/checkpoint/checkpoint.ts';
import type { ControlModel } from '../../models/controlnet/open-controlnet.ts';
import type { ControlInput, ControlResiduals, OpenControlNet } from '../../nodes/context.ts';
import { fail, ok, type Result } from '../../nodes/problem.ts';
import type { ControlNetValue } from '../../nodes/socket-values.ts';
import { concatBatch, sizeAt, type Tensor } from '../../nodes/tensor.ts';
import { floatTensor, type TextEquipment } from './encode-text.ts';
import { chooseLoadingMode } from './loading-mode.ts';
import { openT2iAdapter } from './open-t2i-adapter.ts';
import { refuseForeign } from './refuse-foreign.ts';
import { rowsAtOnce } from './rows-at-once.ts';
import type { OpenSession } from './session-store.ts';
import { sliceControlInput } from './slice-input.ts';

/** What nodes must know of a ControlNet or T2I-Adapter. */
export function controlNetValueOf(model: ControlModel): ControlNetValue {
  const { path, name, family, fingerprint, parsed } = model;
  const { pictureChannels } = parsed;
  const common = { kind: 'controlNet', handle: { path, name, fingerprint }, family, pictureChannels } as const;
  if (model.kind === 't2iAdapter') {
    const factor = adapterFactor(model.parsed);
    return { ...common, isAdapter: true, conditioningWidth: 0, inChannels: 0, factor, poolsGlobally: false };
  }
  const { unet, poolsGlobally } = model.parsed;
  const { textWidth: conditioningWidth, inChannels } = unet;
  return { ...common, isAdapter: false, conditioningWidth, inChannels, factor: picturePerCell(model.parsed), poolsGlobally };
}

/** A ControlNet or T2I-Adapter opened for one latent size, if what it gives fits the checkpoint's U-Net. */
export async function openControlNet(
  controlNet: ControlModel,
  checkpoint: Checkpoint,
  size: { readonly width: number; readonly height: number },
  equipment: TextEquipment,
): Promise<Result<OpenControlNet>> {
  if (checkpoint.unet.onnx !== undefined) return refuseForeign(checkpoint.name, 'ControlNets');
  if (controlNet.kind === 't2iAdapter') return openT2iAdapter(controlNet, checkpoint, size, equipment);
  const { sessions, device, memory } = equipment;
  const unet = parseUnet2dConditionConfig(checkpoint.unet.config);
  if (!unet.ok) return unet;
  const { parsed } = controlNet;
  const [wanted, given] = [skipShapes(unet.value, size), skipShapes(parsed.unet, size)];
  if (JSON.stringify(wanted) !== JSON.stringify(given)) {
    const list = (shapes: typeof wanted): string => shapes.map(({ channels }) => channels).join(', ');
    return fail(
      'model.wrongFamily',
      `${controlNet.name} adds feature maps of ${list(given)} channels, and the U-Net of ${checkpoint.name} has maps of ${list(wanted)}. Choose a ControlNet that was made for this kind of model.`,
    );
  }
  const session = await sessions.open({
    key: `${controlNet.fingerprint} controlnet ${size.width}x${size.height}`,
    title: `the ControlNet ${controlNet.name}`,
    mode: chooseLoadingMode(memory, controlNet),
    build: () => buildControlNet(parsed, controlNet.weights, size, { device }),
  });
  if (!session.ok) return session;
  const atOnce = rowsAtOnce(size);
  return ok({ predict: (input) => predict(session.value, input, given.length, atOnce) });
}

async function predict(session: OpenSession, input: ControlInput, count: number, atOnce: number): Promise<Result<ControlResiduals>> {
  const rows = sizeAt(input.sample, 0);
  const parts: RowsAdded[] = [];
  for (let start = 0; start < rows; start += atOnce) {
    const part = await predictRows(session, sliceControlInput(input, start, Math.min(rows, start + atOnce)), count);
    if (!part.ok) return part;
    parts.push(part.value);
  }
  const [first] = parts;
  if (first !== undefined && parts.length === 1) return ok(first);
  const join = (read: (part: RowsAdded) => Tensor | undefined): Tensor => concatBatch(parts.flatMap((part) => read(part) ?? []));
  return ok({ down: Array.from({ length: count }, (_, index) => join(({ down }) => down[index])), mid: join(({ mid }) => mid) });
}

/** What a ControlNet adds to some rows. */
type RowsAdded = Required<Pick<ControlResiduals, 'down' | 'mid'>>;

async function predictRows(session: OpenSession, input: ControlInput, count: number): Promise<Result<RowsAdded>> {
  const given: Readonly<Record<string, Tensor | undefined>> = {
    sample: input.sample,
    encoder_hidden_states: input.states,
    text_embeds: input.pooled,
    time_ids: input.timeIds,
    controlnet_cond: input.picture,
  };
  const feeds: Record<string, OrtTensor> = { timestep: new OrtTensor('float32', Float32Array.of(input.timestep), [1]) };
  for (const name of session.inputNames) {
    const value = given[name];
    if (value !== undefined) feeds[name] = new OrtTensor('float32', value.data, [...value.shape]);
  }
  const result = await session.run(feeds);
  if (!result.ok) return result;
  const found = result.value;
  return ok({
    down: Array.from({ length: count }, (_, index) => floatTensor(found[downOutputName(index)])),
    mid: floatTensor(found['mid']),
  });
}
