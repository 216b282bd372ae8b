import type { ControlNetModel } from '../models/controlnet/open-controlnet.ts';
import type { AddOnFacts, AddOnKind } from '../nodes/facts.ts';
import { ok, type Result } from '../nodes/problem.ts';

/** What graphs may know of a ControlNet. */
export function controlNetFactsOf({ name, family, parsed, fingerprint }: ControlNetModel): AddOnFacts {
  return { name, family, conditioningWidth: parsed.unet.textWidth, fingerprint };
}

/** Reads the header of a file that adds to a checkpoint and says what graphs may know of it. The code for that is loaded when it is needed. */
export async function readAddOnFacts(kind: AddOnKind, path: string): Promise<Result<AddOnFacts>> {
  switch (kind) {
    case 'controlNet': {
      const { openControlNet } = await import('../models/controlnet/open-controlnet.ts');
      const opened = await openControlNet(path);
      return opened.ok ? ok(controlNetFactsOf(opened.value)) : opened;
    }
    default:
      return kind satisfies never;
  }
}
