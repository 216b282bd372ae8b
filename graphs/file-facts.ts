import type { AddOnFacts, AddOnKind, ImageFacts, ModelFacts, ModelReference } from '../nodes/facts.ts';
import type { Result } from '../nodes/problem.ts';

/** What is known of the files that a graph names. Undefined: not looked at yet; nothing is wrong. */
export interface Facts {
  modelFacts(reference: ModelReference, configPath: string | null): Result<ModelFacts> | undefined;
  imageFacts(path: string): Result<ImageFacts> | undefined;
  addOnFacts(kind: AddOnKind, reference: ModelReference): Result<AddOnFacts> | undefined;
}
