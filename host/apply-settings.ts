import { applySetting } from '../graphs/apply-setting.ts';
import type { GraphDocument } from '../graphs/document.ts';
import type { NodeRegistry } from '../nodes/define-node.ts';
import { ok, type Result } from '../nodes/problem.ts';

/** A graph with the settings of a command line in it. */
export interface AppliedSettings {
  readonly document: GraphDocument;
  /** Paths among the settings: whoever typed them means them, wherever they lie. */
  readonly trusted: readonly string[];
}

/** Applies settings `node.param=value`, one after another; the first that can't be applied is the answer. */
export function applySettings(document: GraphDocument, registry: NodeRegistry, settings: readonly string[]): Result<AppliedSettings> {
  let current = document;
  const trusted: string[] = [];
  for (const setting of settings) {
    const applied = applySetting(current, registry, setting);
    if (!applied.ok) return applied;
    current = applied.value.document;
    trusted.push(...applied.value.trusted);
  }
  return ok({ document: current, trusted });
}
