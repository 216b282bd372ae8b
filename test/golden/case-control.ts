import sharp from 'sharp';
import type { ModelRuntime } from '../../nodes/context.ts';
import type { ControlValue } from '../../nodes/socket-values.ts';
import { type Tensor, tensor } from '../../nodes/tensor.ts';
import type { makeDocument } from '../e2e/open-test-host.ts';
import { unwrap } from '../unwrap.ts';

/** A ControlNet of a recorded case, as the fixtures' README describes it; paths are relative to the fixtures. */
export interface CaseControl {
  readonly model: string;
  readonly image: string;
  readonly scale: number;
  readonly start?: number;
  readonly end?: number;
  readonly guess?: boolean;
}

/** What goes along with the positive text of a case. */
export async function openCaseControls(controls: readonly CaseControl[], root: string, runtime: ModelRuntime): Promise<ControlValue[]> {
  const values: ControlValue[] = [];
  for (const { model, image, scale, start = 0, end = 1, guess = false } of controls) {
    const controlNet = unwrap(await runtime.loadControlNet(root + model));
    values.push({ controlNet, image: await readPicture(root + image), strength: scale, start, end, guess });
  }
  return values;
}

/** The nodes of a case's controls, and wires through them from one output to one input. */
export function controlNodes(
  controls: readonly CaseControl[],
  root: string,
  from: string,
  to: string,
): [Parameters<typeof makeDocument>[0], string[]] {
  const nodes: Record<string, [string, Record<string, unknown>]> = {};
  const wires: string[] = [];
  let last = from;
  controls.forEach(({ model, image, scale, start = 0, end = 1, guess = false }, index) => {
    nodes[`control${index}`] = ['image.load', { file: root + image }];
    nodes[`controlnet${index}`] = ['control.apply', { model: root + model, strength: scale, start, end, guess }];
    wires.push(`control${index}.image > controlnet${index}.image`, `${last} > controlnet${index}.conditioning`);
    last = `controlnet${index}.conditioning`;
  });
  return [nodes, [...wires, `${last} > ${to}`]];
}

async function readPicture(path: string): Promise<Tensor> {
  const { data, info } = await sharp(path).removeAlpha().toColourspace('srgb').raw().toBuffer({ resolveWithObject: true });
  const plane = info.width * info.height;
  const values = Float32Array.from({ length: 3 * plane }, (_, at) => (data[(at % plane) * 3 + Math.floor(at / plane)] ?? 0) / 255);
  return tensor(values, [1, 3, info.height, info.width]);
}
