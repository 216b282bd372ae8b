import type { Result } from '../../nodes/problem.ts';
import { shapesOf } from '../checkpoint/infer-down-path.ts';
import { renamedTensors, type TensorMap } from '../checkpoint/tensor-map.ts';
import type { JsonObject } from '../read-json.ts';
import type { SafetensorsFile } from '../safetensors.ts';

/** Which half of an autoencoder. */
export type Side = 'encoder' | 'decoder';

const KEY = /^(?:taesd_)?(?:(encoder|decoder)\.)?(layers\.)?(\d+)\.((?:conv\.\d+\.)?(?:weight|bias))$/;

/** More modules than any TAESD has. */
const MOST_LAYERS = 64;

/**
 * A TAESD file's tensors under diffusers' names: diffusers' own, or the original's (madebyollin/taesd), where each half is a list of modules
 * in a file of its own, or in one file under `encoder.` and `decoder.`. The original's decoder begins with a module without weights that
 * diffusers does not count. Undefined where a name belongs to nothing of this kind.
 */
export function readTaesdTensors(file: SafetensorsFile): Result<TensorMap> | undefined {
  const names = new Map<string, { key: string }>();
  // Only an encoder begins with a convolution.
  const alone: Side = file.tensors.has('0.weight') ? 'encoder' : 'decoder';
  for (const key of file.tensors.keys()) {
    const [, side = alone, layers, number, rest] = KEY.exec(key) ?? [];
    if (number === undefined || rest === undefined) return undefined;
    const index = Number(number) - (side === 'decoder' && layers === undefined ? 1 : 0);
    if (index < 0 || index >= MOST_LAYERS) return undefined;
    names.set(`${side}.layers.${index}.${rest}`, { key });
  }
  return names.size === 0 ? undefined : renamedTensors(file, names);
}

/** The config of an AutoencoderTiny told from the names and shapes of the halves that are there. */
export function inferTinyConfig(tensors: TensorMap): JsonObject {
  const shape = shapesOf(tensors);
  const own: Record<string, unknown> = { _class_name: 'AutoencoderTiny' };
  const decoder = readLevels(tensors, 'decoder');
  const encoder = readLevels(tensors, 'encoder');
  const levels = decoder ?? encoder;
  if (levels === undefined) return own;
  const [width = 0, latentChannels = 0] = decoder === undefined ? [] : shape('decoder.layers.0.weight');
  const last = (found: Levels | undefined): readonly number[] => (found === undefined ? [] : shape(found.last));
  const encoderWidth = shape('encoder.layers.0.weight')[0] ?? width;
  // A half that is missing is described like the other one; it is refused when it is asked for.
  const encoderBlocks = encoder?.blocks ?? [...levels.blocks].reverse();
  const decoderBlocks = decoder?.blocks ?? [...levels.blocks].reverse();
  return {
    ...own,
    in_channels: shape('encoder.layers.0.weight')[1] ?? 3,
    out_channels: last(decoder)[0] ?? 3,
    encoder_block_out_channels: encoderBlocks.map(() => encoderWidth),
    decoder_block_out_channels: decoderBlocks.map(() => width || encoderWidth),
    num_encoder_blocks: encoderBlocks,
    num_decoder_blocks: decoderBlocks,
    latent_channels: latentChannels || last(encoder)[0] || 0,
  };
}

interface Levels {
  /** Residual blocks a level. */
  readonly blocks: readonly number[];
  /** The weight of the last convolution. */
  readonly last: string;
}

function readLevels(tensors: TensorMap, side: Side): Levels | undefined {
  const blocks: number[] = [];
  let last = '';
  for (let index = 0; index < MOST_LAYERS; index++) {
    const at = `${side}.layers.${index}`;
    if (tensors.has(`${at}.weight`)) {
      blocks.push(0);
      last = `${at}.weight`;
    } else if (tensors.has(`${at}.conv.0.weight`) && blocks.length > 0) {
      blocks.push((blocks.pop() ?? 0) + 1);
    }
  }
  // The last convolution closes the last level and begins none; the decoder's first begins the first.
  return blocks.length < 2 ? undefined : { blocks: blocks.slice(0, -1), last };
}

/** Whether the tensors of one half are there. */
export function hasSide(tensors: TensorMap, side: Side): boolean {
  for (const name of tensors.keys()) if (name.startsWith(`${side}.`)) return true;
  return false;
}
