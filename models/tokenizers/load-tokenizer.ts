import { fail, ok, type Result } from '../../nodes/problem.ts';
import { isJsonObject, type JsonObject, readJsonFile, readTextFile } from '../read-json.ts';
import { buildBertEngine, correctBertNormalizer, parseVocabularyLines } from './bert-engine.ts';
import { buildClipEngine, parseMerges, vocabularyFromMerges } from './clip-engine.ts';
import { type BuiltEngine, makeEngine, type Vocabulary } from './engine.ts';
import { isTokenId, specialTokenText } from './special-tokens.ts';
import { makeTokenizer, type Tokenizer } from './tokenizer.ts';
import type { TokenizerFiles, VocabularyFiles } from './tokenizer-files.ts';

const MAX_VOCABULARY_BYTES = 64 << 20;

const CLIP_MERGES = 49_152 - 256 - 2;

/** Bytes in two forms, and room for special tokens of one's own. */
const MOST_TOKENS_WITHOUT_MERGE = 2048;

/** transformers writes a number beyond this where there is no limit. */
const NO_LIMIT = 1e6;

/** Reads a tokenizer's files and makes it ready; what is wrong with them comes back as a sentence that names the file. */
export async function loadTokenizer(files: TokenizerFiles): Promise<Result<Tokenizer>> {
  let settings: JsonObject = files.defaults;
  for (const path of files.settingsPaths) {
    const read = await readJsonFile(path);
    if (!read.ok) return read;
    settings = { ...settings, ...read.value };
  }
  const extra = files.addedTokensPath === undefined ? ok<JsonObject>({}) : await readJsonFile(files.addedTokensPath);
  if (!extra.ok) return extra;
  const built = await build(files.vocabulary, settings, extra.value);
  if (!built.ok) return built;
  const { engine } = built.value;
  const padToken = specialTokenText(built.value.settings, 'pad_token');
  const limit = built.value.settings['model_max_length'];
  const maxLength = typeof limit === 'number' && limit >= 2 && limit < NO_LIMIT ? Math.floor(limit) : undefined;
  return ok(makeTokenizer(engine, maxLength, padToken === undefined ? undefined : engine.token_to_id(padToken)));
}

async function build(files: VocabularyFiles, settings: JsonObject, extra: JsonObject): Promise<Result<BuiltEngine>> {
  switch (files.kind) {
    case 'tokenizerJson':
      return await buildFromJson(files.path, settings);
    case 'clip': {
      const merges = await readTextFile(files.mergesPath, MAX_VOCABULARY_BYTES);
      if (!merges.ok) return merges;
      const pairs = parseMerges(merges.value);
      const broken = pairs.find((pair) => pair.indexOf(' ') < 1 || pair.indexOf(' ') !== pair.lastIndexOf(' '));
      if (broken !== undefined) {
        const line = JSON.stringify(broken.slice(0, 60));
        return fail('model.tokenizer', `${files.mergesPath} has the line ${line}, which is no pair of tokens. Download it again.`);
      }
      const vocabulary = files.vocabPath === undefined ? ok(vocabularyFromMerges(pairs)) : await readVocabularyJson(files.vocabPath);
      if (!vocabulary.ok) return vocabulary;
      const misfit = files.vocabPath === undefined ? undefined : explainMisfit(vocabulary.value, pairs, files.vocabPath, files.mergesPath);
      if (misfit !== undefined) return fail('model.tokenizer', misfit);
      return nameFile(buildClipEngine(vocabulary.value, pairs, settings, extra), files.vocabPath ?? files.mergesPath);
    }
    case 'bert': {
      const words = await readTextFile(files.vocabPath, MAX_VOCABULARY_BYTES);
      if (!words.ok) return words;
      return nameFile(buildBertEngine(parseVocabularyLines(words.value), settings, extra), files.vocabPath);
    }
  }
}

/** Both files come of one training: a token a merge, beside 256 bytes in two forms and a few special ones. A file cut short shows there. */
function explainMisfit(vocabulary: Vocabulary, pairs: readonly string[], vocabPath: string, mergesPath: string): string | undefined {
  if (vocabulary.size - pairs.length > MOST_TOKENS_WITHOUT_MERGE) {
    return `${mergesPath} makes ${pairs.length} tokens, and ${vocabPath} has ${vocabulary.size}: it is cut short. Download both again.`;
  }
  // Like transformers, which reads no merge beyond CLIP's own count.
  const strange = pairs.slice(0, CLIP_MERGES).find((pair) => !vocabulary.has(pair.replace(' ', '')));
  if (strange === undefined) return undefined;
  return `${mergesPath} makes a token ${JSON.stringify(strange.replace(' ', '').slice(0, 60))}, which ${vocabPath} does not have. They do not belong together; download both again.`;
}

async function readVocabularyJson(path: string): Promise<Result<Vocabulary>> {
  const json = await readJsonFile(path, MAX_VOCABULARY_BYTES);
  if (!json.ok) return json;
  const vocabulary = new Map<string, number>();
  for (const [token, id] of Object.entries(json.value)) {
    if (!isTokenId(id))
      return fail('model.tokenizer', `${path} gives ${JSON.stringify(token)} a value that is no token id. Download it again.`);
    vocabulary.set(token, id);
  }
  return ok(vocabulary);
}

async function buildFromJson(path: string, given: JsonObject): Promise<Result<BuiltEngine>> {
  const json = await readJsonFile(path, MAX_VOCABULARY_BYTES);
  if (!json.ok) return json;
  const parts = ['model', 'normalizer', 'pre_tokenizer', 'post_processor', 'decoder', 'added_tokens'];
  const missing = parts.find((key) => !(key in json.value));
  if (missing !== undefined) return fail('model.tokenizer', `${path} is not a tokenizer: it has no ${missing}. Download it again.`);
  try {
    const engine = makeEngine({ ...json.value, normalizer: correctBertNormalizer(json.value['normalizer']) });
    const { padding } = json.value;
    const settings = isJsonObject(padding) ? { pad_token: padding['pad_token'], ...given } : given;
    engine.encode('a');
    return ok({ engine, settings });
  } catch (error) {
    // The engine throws plain errors for whatever it does not understand in a file that is JSON but no tokenizer.
    const reason = error instanceof Error ? error.message : String(error);
    return fail('model.tokenizer', `${path} describes a tokenizer that cannot be built: ${reason}. Download it again.`);
  }
}

function nameFile<T>(result: Result<T>, path: string): Result<T> {
  if (result.ok) return result;
  return { ok: false, problem: { ...result.problem, message: `In ${path}, ${result.problem.message}` } };
}
