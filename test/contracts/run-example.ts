import { watchModels } from '../../host/evaluator/run-signal.ts';
import { Cancelled, type CancelSignal } from '../../nodes/cancelled.ts';
import type { EvaluateContext, ModelRuntime, PictureFiles, PreviewPicture, RunResult } from '../../nodes/context.ts';
import type { AnyNodeDefinition, InferenceContext } from '../../nodes/define-node.ts';
import { ok, type Result } from '../../nodes/problem.ts';

/** One way to call a node. */
export interface NodeExample {
  /** Values by input; an input that takes several wires has an array. */
  readonly inputs?: Readonly<Record<string, unknown>>;
  /** Values that differ from the defaults. */
  readonly params?: Readonly<Record<string, unknown>>;
  /** What the node opens models with, where it needs any. */
  readonly models?: ModelRuntime;
  /** What it reads and writes pictures with, where it does. */
  readonly pictures?: PictureFiles;
  /** What its types ask of files. */
  readonly facts?: Partial<Pick<InferenceContext, 'modelFacts' | 'imageFacts' | 'addOnFacts'>>;
}

/** What a node did. */
export interface ExampleRun {
  readonly outcome: Result<Readonly<Record<string, unknown>>>;
  readonly results: readonly RunResult[];
  readonly progress: readonly (readonly [done: number, total: number])[];
  readonly previews: readonly PreviewPicture[];
}

/** The parameters of an example, defaults filled in. */
export function paramsOf(definition: AnyNodeDefinition, example: NodeExample): Record<string, unknown> {
  const defaults = Object.entries(definition.params).map(([name, spec]) => [name, spec.default]);
  return { ...Object.fromEntries(defaults), ...example.params };
}

/** Evaluates a node as an evaluator would, and notes what it reports. */
export async function runExample(definition: AnyNodeDefinition, example: NodeExample, signal = countingSignal()): Promise<ExampleRun> {
  const results: RunResult[] = [];
  const progress: [number, number][] = [];
  const previews: PreviewPicture[] = [];
  const context: EvaluateContext = {
    nodeId: 'example',
    signal,
    models: watchModels(example.models ?? absent('models'), { takeBreath: async () => signal.throwIfCancelled() }),
    pictures: example.pictures ?? absent('pictures'),
    savedState: undefined,
    saveState: () => undefined,
    progress: (done, total) => progress.push([done, total]),
    preview: (make) => previews.push(make()),
    async previewDecoded(make) {
      const made = await make();
      if (made.ok) previews.push(made.value);
      return made.ok ? ok(undefined) : made;
    },
    result: (result) => results.push(result),
  };
  const outcome = await definition.evaluate(example.inputs ?? {}, paramsOf(definition, example), context);
  return { outcome, results, progress, previews };
}

/** The outputs of an example that must succeed. */
export async function outputsOf(definition: AnyNodeDefinition, example: NodeExample): Promise<Readonly<Record<string, unknown>>> {
  const { outcome } = await runExample(definition, example);
  if (!outcome.ok) throw new Error(`${outcome.problem.code}: ${outcome.problem.message}`);
  return outcome.value;
}

/** A signal that counts how often it is asked, and is set from a certain question on. */
export interface CountingSignal extends CancelSignal {
  readonly asked: number;
}

/** A signal that is set when it is asked for the `from`th time; never by default. */
export function countingSignal(from = Number.POSITIVE_INFINITY): CountingSignal {
  let asked = 0;
  const ask = (): boolean => ++asked >= from;
  return {
    get asked() {
      return asked;
    },
    get cancelled() {
      return ask();
    },
    throwIfCancelled() {
      if (ask()) throw new Cancelled();
    },
  };
}

/** Stands where an example brings nothing: a node that uses it after all fails with a sentence. */
function absent<T extends object>(what: string): T {
  const refuse = (_target: T, name: string | symbol): never => {
    throw new Error(`the node uses context.${what}.${String(name)}, and the example brings no ${what}`);
  };
  return new Proxy({} as T, { get: refuse }); // never handed out as what it claims to be: every access throws
}
