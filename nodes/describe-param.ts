import type { AddOnKind } from './facts.ts';
import type { ParamSpec } from './params.ts';

/** What a parameter that names an addition to a checkpoint holds. */
const HOLDS: Readonly<Record<AddOnKind, string>> = {
  controlNet: 'ControlNet',
  lora: 'LoRA',
  embedding: 'embedding',
  vae: 'VAE',
  upscaler: 'upscaler',
  onnx: 'ONNX file',
  ipAdapter: 'IP-Adapter',
  clipVision: 'CLIP vision encoder',
};

/** What a parameter may be, in a few words: "whole number 1 to 1000", "png | webp | jpeg". */
export function describeParam(spec: ParamSpec): string {
  switch (spec.kind) {
    case 'int':
    case 'number': {
      const unit = spec.unit ? ` ${spec.unit}` : '';
      const multiple = spec.kind === 'int' && spec.multipleOf !== undefined ? `, multiple of ${spec.multipleOf}` : '';
      return `${spec.kind === 'int' ? 'whole number' : 'number'} ${spec.min} to ${spec.max}${unit}${multiple}`;
    }
    case 'choice':
      return Object.keys(spec.options).join(' | ');
    case 'boolean':
      return 'true | false';
    case 'file':
      return spec.holds === 'image' ? 'picture file' : 'folder';
    case 'scheduler':
      return "scheduler's name or diffusers config";
    case 'model':
      return `${spec.holds === undefined ? 'model' : HOLDS[spec.holds]}'s name or path`;
    case 'color':
      return '#rgb | #rrggbb | #rrggbbaa';
    case 'text':
    case 'seed':
      return spec.kind;
    default:
      return spec satisfies never;
  }
}
