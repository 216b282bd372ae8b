import { basename } from 'node:path';
import type { ControlModel } from '../models/controlnet/open-controlnet.ts';
import { combineFingerprints } from '../models/fingerprint.ts';
import { encoderBeside } from '../models/ip-adapter/encoder-beside.ts';
import type { AddOnFacts, AddOnKind } from '../nodes/facts.ts';
import { ok, type Result } from '../nodes/problem.ts';

/** What graphs may know of a ControlNet or T2I-Adapter. */
export function controlNetFactsOf(model: ControlModel): AddOnFacts {
  const { name, family, fingerprint } = model;
  // T2I-Adapters read no text.
  return { name, family, fingerprint, ...(model.kind === 'controlNet' ? { conditioningWidth: model.parsed.unet.textWidth } : {}) };
}

async function readIpAdapterFacts(path: string): Promise<Result<AddOnFacts>> {
  const { openIpAdapter } = await import('../models/ip-adapter/open-ip-adapter.ts');
  const { openClipVision } = await import('../models/clip-vision/open-clip-vision.ts');
  const opened = await openIpAdapter(path);
  if (!opened.ok) return opened;
  const { name, family, projection, fingerprint } = opened.value;
  // The encoder beside it counts as a part of it: with another one, the same picture says something else.
  const encoder = await openClipVision(encoderBeside(path));
  const parts = encoder.ok ? [fingerprint, encoder.value.fingerprint] : [fingerprint];
  const told = family === undefined ? {} : { family };
  return ok({ name, ...told, conditioningWidth: projection.width, fingerprint: combineFingerprints(parts) });
}

async function readOnnxFacts(path: string): Promise<Result<AddOnFacts>> {
  const { openOnnx } = await import('../models/onnx/open-onnx.ts');
  const { findPicturePorts } = await import('../models/onnx/picture-ports.ts');
  const opened = await openOnnx(path);
  if (!opened.ok) return opened;
  const ports = findPicturePorts(opened.value, null);
  if (!ports.ok) return ports;
  const { input, output } = ports.value;
  const sizes = ({ channels, widthPx, heightPx }: typeof input) => ({
    ...(channels === undefined ? {} : { channels }),
    ...(widthPx === undefined ? {} : { widthPx }),
    ...(heightPx === undefined ? {} : { heightPx }),
  });
  const keepsWidth = output.widthName !== undefined && output.widthName === input.widthName;
  const keepsHeight = output.heightName !== undefined && output.heightName === input.heightName;
  const picture = { input: sizes(input), output: { ...sizes(output), keepsWidth, keepsHeight } };
  return ok({ name: basename(path), fingerprint: opened.value.fingerprint, picture });
}

/** Reads the header of a file that adds to a checkpoint and says what graphs may know of it. The code for that is loaded when it is needed. */
export async function readAddOnFacts(kind: AddOnKind, path: string): Promise<Result<AddOnFacts>> {
  switch (kind) {
    case 'controlNet': {
      const { openControlNet } = await import('../models/controlnet/open-controlnet.ts');
      const opened = await openControlNet(path);
      return opened.ok ? ok(controlNetFactsOf(opened.value)) : opened;
    }
    case 'lora': {
      const { openLora } = await import('../models/lora/open-lora.ts');
      const opened = await openLora(path);
      if (!opened.ok) return opened;
      const { name, families, conditioningWidth, fingerprint } = opened.value;
      return ok({
        name,
        ...(families.length === 0 ? {} : { family: families }),
        ...(conditioningWidth === undefined ? {} : { conditioningWidth }),
        fingerprint,
      });
    }
    case 'embedding': {
      const { openEmbedding } = await import('../models/embeddings/open-embedding.ts');
      const opened = await openEmbedding(path);
      if (!opened.ok) return opened;
      const { name, family, vectors, fingerprint } = opened.value;
      return ok({ name, ...(family === undefined ? {} : { family }), encoderWidths: vectors.map(({ width }) => width), fingerprint });
    }
    case 'vae': {
      const { describeVae, openVae } = await import('../models/vae/open-vae.ts');
      const opened = await openVae(path);
      if (!opened.ok) return opened;
      const described = describeVae(opened.value, 'auto');
      if (!described.ok) return described;
      const { id, label, channels, factor } = described.value.space;
      return ok({ name: opened.value.name, space: { id, label, channels, factor }, fingerprint: opened.value.fingerprint });
    }
    case 'upscaler': {
      const { openUpscalerModel } = await import('../models/upscaler/open-upscaler.ts');
      const opened = await openUpscalerModel(path);
      if (!opened.ok) return opened;
      const { name, fingerprint } = opened.value;
      return ok({ name, fingerprint, ...(opened.value.kind === 'srvgg' ? { scale: opened.value.config.scale } : {}) });
    }
    case 'ipAdapter':
      return readIpAdapterFacts(path);
    case 'clipVision': {
      const { openClipVision } = await import('../models/clip-vision/open-clip-vision.ts');
      const opened = await openClipVision(path);
      return opened.ok ? ok({ name: opened.value.name, fingerprint: opened.value.fingerprint }) : opened;
    }
    case 'onnx':
      return readOnnxFacts(path);
    default:
      return kind satisfies never;
  }
}
