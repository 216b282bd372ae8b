import { basename } from 'node:path';
import { fail, ok, type Problem, problem, type Result } from '../../nodes/problem.ts';
import { recogniseTensors } from '../checkpoint/identify-tensors.ts';
import { ownTensors, renamedTensors, type TensorMap } from '../checkpoint/tensor-map.ts';
import type { JsonObject } from '../read-json.ts';
import type { SafetensorsFile } from '../safetensors.ts';
import { inferControlNetConfig } from './infer-controlnet-config.ts';
import { LDM_CONTROLNET_PREFIXES, ldmControlNetKeys } from './ldm-controlnet-keys.ts';

/** A ControlNet's weights under diffusers' names, and the config that goes with them. */
export interface ControlNetFile {
  readonly tensors: TensorMap;
  readonly config: JsonObject;
}

/** Relatives of ControlNets that work otherwise, by tensors that only they have. */
const RELATIVES: readonly (readonly [what: string, sign: RegExp])[] = [
  ['a ControlNet Union (several kinds of picture in one network)', /^(task_embedding|control_add_embedding\.|transformer_layes\.)/],
  ['a Control-LoRA', /^lora_controlnet$|^(control_model\.)?input_blocks\.\d+\.\d+\..*\.(up|down)$/],
  ['a ControlNet-LLLite', /^lllite_/],
  [
    'a ControlNet for Flux or Stable Diffusion 3',
    /(^|\.)(controlnet_blocks|controlnet_x_embedder|controlnet_single_blocks|pos_embed_input)\./,
  ],
  ['a ControlNet stored as the difference from its model', /^difference$/],
];

/** Reads a ControlNet out of one file; without a config that goes with it, the config is told from names and shapes. */
export function readControlNetFile(path: string, file: SafetensorsFile, given: JsonObject | undefined): Result<ControlNetFile> {
  const tensors = nameTensors(file, path);
  if (!tensors.ok) return tensors;
  const inferred = given === undefined ? inferControlNetConfig(tensors.value) : ok(given);
  if (!inferred.ok) return fail({ ...inferred.problem, message: `${path} cannot be opened: ${inferred.problem.message}` });
  // Nothing in the weights says so; ComfyUI and A1111 go by the file's name too.
  const isPooled = given === undefined && /shuffle/i.test(basename(path));
  const config = isPooled ? { ...inferred.value, global_pool_conditions: true } : inferred.value;
  return ok({ tensors: tensors.value, config });
}

function nameTensors(file: SafetensorsFile, path: string): Result<TensorMap> {
  const names = [...file.tensors.keys()];
  const relative = RELATIVES.find(([, sign]) => names.some((name) => sign.test(name)));
  if (relative !== undefined) {
    return fail(
      'model.unsupported',
      `${path} is ${relative[0]}, which is not supported. Choose a usual ControlNet for SD 1.5, SD 2 or SDXL.`,
    );
  }
  if (file.tensors.has('controlnet_cond_embedding.conv_in.weight')) return ok(ownTensors(file));
  const prefix = LDM_CONTROLNET_PREFIXES.find((one) => file.tensors.has(`${one}input_hint_block.0.weight`));
  if (prefix === undefined) return fail(explainOther(names, path));
  const keys = ldmControlNetKeys(names, prefix);
  const [stranger] = keys.unmapped;
  if (stranger !== undefined) {
    return fail('model.unsupported', `${path} has a tensor ${stranger}, which no ControlNet has. Take an unmodified one.`);
  }
  return renamedTensors(file, keys.names);
}

function explainOther(names: readonly string[], path: string): Problem {
  const what = recogniseTensors(names);
  const found = what === undefined ? `its tensors are ${names.slice(0, 3).join(', ') || 'none at all'}` : `it looks like ${what}`;
  return problem(
    'model.wrongFamily',
    `${path} is not a ControlNet: ${found}. Choose a ControlNet or T2I-Adapter for SD 1.5, SD 2 or SDXL.`,
  );
}
