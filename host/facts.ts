import { createHash } from 'node:crypto';
import { stat } from 'node:fs/promises';
import type { GraphDocument } from '../graphs/document.ts';
import { inferTypes } from '../graphs/infer.ts';
import type { NodeRegistry } from '../nodes/define-node.ts';
import type { AddOnFacts, ImageFacts, ModelFacts } from '../nodes/facts.ts';
import { ok, type Result } from '../nodes/problem.ts';
import { readAddOnFacts } from './add-on-facts.ts';
import { addOnFactsKey, type FactQuestion, type FactsTable, factsFromTable, modelFactsKey } from './facts-table.ts';
import { type FilePolicy, resolveReadable } from './file-access.ts';
import { locateModel } from './model-locator.ts';
import { uprightSize } from './picture-header.ts';
import { readPictureFile } from './read-picture-file.ts';
import { stampFiles } from './runtime/stamp-files.ts';

/** A graph asks anew only when an answer leads to another file; nobody nests that deep. */
const MOST_ROUNDS = 8;

/** Looks up what is known of the files that graphs name, and remembers it while they stay the same. */
export interface FactFinder {
  /** Everything that inferring and planning this graph will ask. */
  find(document: GraphDocument, policy: FilePolicy): Promise<FactsTable>;
}

/** What a fact finder is made of. */
export interface FactFinderParts {
  readonly registry: NodeRegistry;
  /** Facts of the checkpoint at an absolute path, with the folder its configs come from. */
  readModelFacts(path: string, configPath: string | null): Promise<Result<ModelFacts>>;
}

/** A fact finder that knows nothing yet. */
export function createFactFinder(parts: FactFinderParts): FactFinder {
  const pictures = new Map<string, { readonly stamp: string; readonly facts: Result<ImageFacts> }>();
  const models = new Map<string, { readonly stamp: string; readonly facts: Result<ModelFacts> }>();

  /** Each run and each edit asks, and reading a checkpoint's headers takes longer than the answer to all other questions. */
  const readOnce = async (path: string, configPath: string | null): Promise<Result<ModelFacts>> => {
    const key = `${path}\0${configPath ?? ''}`;
    const stamp = stampFiles(configPath === null ? [path] : [path, configPath], Date.now());
    const known = models.get(key);
    if (known !== undefined && known.stamp === stamp) return known.facts;
    const facts = await parts.readModelFacts(path, configPath);
    if (stamp !== undefined && facts.ok) models.set(key, { stamp, facts });
    return facts;
  };

  const findPicture = async (path: string, policy: FilePolicy): Promise<Result<ImageFacts>> => {
    const real = await resolveReadable(path, policy);
    if (!real.ok) return real;
    const found = await stat(real.value).catch(() => undefined);
    // The time of the last change of status can't be set back, as that of the content can.
    const stamp = `${found?.ino} ${found?.size} ${found?.mtimeMs} ${found?.ctimeMs}`;
    const known = pictures.get(real.value);
    if (known?.stamp === stamp) return known.facts;
    const facts = await readImageFacts(path, real.value);
    pictures.set(real.value, { stamp, facts });
    return facts;
  };

  const findModel = async (question: FactQuestion & { kind: 'model' }, policy: FilePolicy): Promise<Result<ModelFacts>> => {
    const path = await locateModel(question.reference, policy);
    if (!path.ok) return path;
    if (question.configPath === null) return readOnce(path.value, null);
    const config = await resolveReadable(question.configPath, policy);
    return config.ok ? readOnce(path.value, config.value) : config;
  };

  const findAddOn = async ({ what, reference }: FactQuestion & { kind: 'addOn' }, policy: FilePolicy): Promise<Result<AddOnFacts>> => {
    const path = await locateModel(reference, policy);
    return path.ok ? readAddOnFacts(what, path.value) : path;
  };

  return {
    async find(document, policy) {
      // Without a prototype, a file may be called `__proto__`.
      const models: Record<string, Result<ModelFacts>> = Object.create(null);
      const images: Record<string, Result<ImageFacts>> = Object.create(null);
      const addOns: Record<string, Result<AddOnFacts>> = Object.create(null);
      for (let round = 0; round < MOST_ROUNDS; round++) {
        const questions = collectQuestions(document, parts.registry, { models, images, addOns });
        if (questions.length === 0) break;
        for (const question of questions) {
          if (question.kind === 'image') images[question.path] = await findPicture(question.path, policy);
          else if (question.kind === 'addOn') addOns[addOnFactsKey(question.what, question.reference)] = await findAddOn(question, policy);
          else models[modelFactsKey(question.reference, question.configPath)] = await findModel(question, policy);
        }
      }
      return { models, images, addOns };
    },
  };
}

/** Size and content hash of a picture file. */
async function readImageFacts(path: string, realPath: string): Promise<Result<ImageFacts>> {
  const file = await readPictureFile(path, realPath);
  if (!file.ok) return file;
  const { bytes, header } = file.value;
  const fingerprint = createHash('sha256').update(bytes).digest('hex');
  return ok({ ...uprightSize(header), channels: header.hasAlpha ? 4 : 3, fingerprint });
}

/** What inferring the graph asks that the table can't answer yet, each once. */
function collectQuestions(document: GraphDocument, registry: NodeRegistry, table: FactsTable): FactQuestion[] {
  const questions = new Map<string, FactQuestion>();
  inferTypes(
    document,
    registry,
    factsFromTable(table, (question) => questions.set(JSON.stringify(question), question)),
  );
  return [...questions.values()];
}
