import { basename, resolve } from 'node:path';
import { fail, ok, type Problem, problem, type Result } from '../../nodes/problem.ts';
import type { IpAdapterProjection } from '../architectures/ip-adapter-projection.ts';
import type { ImagePromptLayer } from '../architectures/unet-image-prompts.ts';
import { recogniseTensors } from '../checkpoint/identify-tensors.ts';
import { countIndices, shapesOf } from '../checkpoint/infer-down-path.ts';
import { ownTensors, type TensorMap, weightSource } from '../checkpoint/tensor-map.ts';
import { openSafetensors, type SafetensorsFile } from '../safetensors.ts';
import type { WeightSource } from '../weights.ts';

/** An IP-Adapter (Ye et al. 2023) opened by its header; its weights stay in the file. */
export interface IpAdapterFile {
  /** Absolute path, as it was asked for. */
  readonly path: string;
  readonly name: string;
  readonly fingerprint: string;
  readonly file: SafetensorsFile;
  /** How it makes tokens of a picture; its weights without `image_proj.`. */
  readonly projection: IpAdapterProjection;
  readonly weights: WeightSource;
  /** What it adds to each attention to the text, in the file's order. */
  readonly layers: readonly ImagePromptLayer[];
  /** Which models it was made for; undefined where the width of their text is nobody's. */
  readonly family: string | undefined;
}

/** Tokens that the plain kind makes of a picture, whatever the file. */
const BASE_TOKENS = 4;

const FAMILY_BY_WIDTH: Readonly<Record<number, string>> = { 768: 'sd15', 1024: 'sd2', 2048: 'sdxl' };

/** Opens an IP-Adapter: a safetensors file as they are published (`image_proj.*`, `ip_adapter.*`), of the plain, Plus or Full kind. */
export async function openIpAdapter(path: string): Promise<Result<IpAdapterFile>> {
  const full = resolve(path);
  const opened = await openSafetensors(full);
  if (!opened.ok) return opened;
  const file = opened.value;
  const all = ownTensors(file);
  const parts = { image: withoutPrefix(all, 'image_proj.'), attention: withoutPrefix(all, 'ip_adapter.') };
  if (parts.image.size === 0 || parts.attention.size === 0) return fail(explainOther(full, [...all.keys()]));
  const projection = readProjection(full, parts.image);
  if (!projection.ok) return projection;
  const layers = readLayers(full, parts.attention, projection.value.width);
  if (!layers.ok) return layers;
  return ok({
    path: full,
    name: basename(full).replace(/\.safetensors$/i, ''),
    fingerprint: file.fingerprint,
    file,
    projection: projection.value,
    weights: weightSource(parts.image),
    layers: layers.value,
    family: FAMILY_BY_WIDTH[projection.value.width],
  });
}

function withoutPrefix(all: TensorMap, prefix: string): TensorMap {
  return new Map([...all].filter(([name]) => name.startsWith(prefix)).map(([name, source]) => [name.slice(prefix.length), source]));
}

function readProjection(path: string, tensors: TensorMap): Result<IpAdapterProjection> {
  const shape = shapesOf(tensors);
  const isFace =
    [...tensors.keys()].some((name) => name.startsWith('perceiver_resampler.')) ||
    (tensors.has('norm.weight') && tensors.has('proj.0.weight'));
  if (isFace) {
    return fail(
      'model.unsupported',
      `${path} is an IP-Adapter FaceID, which needs a network that recognises faces. Choose a usual IP-Adapter (plain, Plus, Plus Face or Full Face).`,
    );
  }
  const [rows, encoderWidth] = shape('proj.weight');
  if (rows !== undefined && encoderWidth !== undefined && rows % BASE_TOKENS === 0) {
    return ok({ kind: 'base', tokens: BASE_TOKENS, encoderWidth, width: rows / BASE_TOKENS });
  }
  const [full] = shape('proj.3.weight');
  const [, fullEncoder] = shape('proj.0.weight');
  if (full !== undefined && fullEncoder !== undefined) return ok({ kind: 'full', encoderWidth: fullEncoder, width: full });
  const [, tokens, innerWidth] = shape('latents');
  const [, seen] = shape('proj_in.weight');
  const [width] = shape('proj_out.weight');
  const [queries] = shape('layers.0.0.to_q.weight');
  const layers = countIndices(tensors, 'layers.');
  if (tokens === undefined || innerWidth === undefined || seen === undefined || width === undefined || queries === undefined) {
    return fail(
      'model.unsupported',
      `${path} makes tokens of a picture in a way that is not known here (${[...tensors.keys()].slice(0, 3).join(', ')}, …). Choose a usual IP-Adapter for SD 1.5 or SDXL.`,
    );
  }
  return ok({ kind: 'plus', tokens, innerWidth, encoderWidth: seen, width, layers, heads: Math.max(1, Math.floor(queries / 64)) });
}

/** Files number all attention of a U-Net; only every second one, that to the text, has weights. */
function readLayers(path: string, tensors: TensorMap, width: number): Result<ImagePromptLayer[]> {
  const layers: ImagePromptLayer[] = [];
  for (let number = 1; tensors.has(`${number}.to_k_ip.weight`); number += 2) {
    const key = tensors.get(`${number}.to_k_ip.weight`);
    const value = tensors.get(`${number}.to_v_ip.weight`);
    if (key === undefined || value === undefined || key.shape[1] !== width || value.shape.join() !== key.shape.join()) {
      return fail(
        'model.damaged',
        `${path} has ip_adapter.${number} with keys of [${key?.shape.join(', ')}] and values of [${value?.shape.join(', ') ?? ''}], for tokens ${width} wide. Download it again.`,
      );
    }
    layers.push({ key, value });
  }
  if (2 * layers.length === tensors.size && layers.length > 0) return ok(layers);
  return fail(
    'model.unsupported',
    `${path} has ${tensors.size} tensors for attention, of which ${2 * layers.length} are an IP-Adapter's. Choose a usual IP-Adapter for SD 1.5 or SDXL.`,
  );
}

function explainOther(path: string, names: readonly string[]): Problem {
  const what = recogniseTensors(names);
  const found = what === undefined ? `its tensors are ${names.slice(0, 3).join(', ') || 'none at all'}` : `it looks like ${what}`;
  return problem('model.wrongFamily', `${path} is not an IP-Adapter: ${found}. Choose an IP-Adapter for SD 1.5 or SDXL.`);
}
