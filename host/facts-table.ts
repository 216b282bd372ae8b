import type { Facts } from '../graphs/file-facts.ts';
import type { AddOnFacts, AddOnKind, ImageFacts, ModelFacts, ModelReference } from '../nodes/facts.ts';
import type { Result } from '../nodes/problem.ts';

/** Facts as plain data, so that they can be sent to another process. */
export interface FactsTable {
  readonly models: Readonly<Record<string, Result<ModelFacts>>>;
  readonly images: Readonly<Record<string, Result<ImageFacts>>>;
  readonly addOns: Readonly<Record<string, Result<AddOnFacts>>>;
}

/** What facts are asked for. */
export type FactQuestion =
  | { readonly kind: 'model'; readonly reference: ModelReference; readonly configPath: string | null }
  | { readonly kind: 'image'; readonly path: string }
  | { readonly kind: 'addOn'; readonly what: AddOnKind; readonly reference: ModelReference };

/** The key of a model in a `FactsTable`. */
export function modelFactsKey(reference: ModelReference, configPath: string | null): string {
  return JSON.stringify([partsOf(reference), configPath]);
}

/** The key of a file that adds to a checkpoint in a `FactsTable`. */
export function addOnFactsKey(kind: AddOnKind, reference: ModelReference): string {
  return JSON.stringify([kind, partsOf(reference)]);
}

function partsOf(reference: ModelReference): readonly (string | null)[] {
  return typeof reference === 'string' ? [reference] : [reference.name, reference.sha256 ?? null, reference.family ?? null];
}

/** Answers from a table; what it does not hold is passed to `onUnknown` and answered with "not known". */
export function factsFromTable(table: FactsTable, onUnknown?: (question: FactQuestion) => void): Facts {
  return {
    modelFacts(reference, configPath) {
      const key = modelFactsKey(reference, configPath);
      if (Object.hasOwn(table.models, key)) return table.models[key];
      onUnknown?.({ kind: 'model', reference, configPath });
      return undefined;
    },
    imageFacts(path) {
      if (Object.hasOwn(table.images, path)) return table.images[path];
      onUnknown?.({ kind: 'image', path });
      return undefined;
    },
    addOnFacts(what, reference) {
      const key = addOnFactsKey(what, reference);
      if (Object.hasOwn(table.addOns, key)) return table.addOns[key];
      onUnknown?.({ kind: 'addOn', what, reference });
      return undefined;
    },
  };
}
