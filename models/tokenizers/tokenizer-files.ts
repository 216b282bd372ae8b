import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { fail, ok, type Result } from '../../nodes/problem.ts';

/** Where a tokenizer's vocabulary is and in which form. */
export type VocabularyFiles =
  | { readonly kind: 'tokenizerJson'; readonly path: string }
  /** CLIP's byte pairs; without `vocabPath` the ids follow from the merges. */
  | { readonly kind: 'clip'; readonly mergesPath: string; readonly vocabPath?: string }
  | { readonly kind: 'bert'; readonly vocabPath: string };

/** The files a tokenizer is made of, found but not read. */
export interface TokenizerFiles {
  readonly vocabulary: VocabularyFiles;
  /** JSON files with settings, later ones over earlier ones; `added_tokens.json` apart. */
  readonly settingsPaths: readonly string[];
  readonly addedTokensPath?: string;
  /** Settings that hold where the files say nothing, e.g. the padding token of a single-file checkpoint. */
  readonly defaults: Readonly<Record<string, unknown>>;
}

/** The folder of CLIP's bundled vocabulary, given the `models` folder of the package. */
export function bundledClipFolder(modelsRoot: string): string {
  return join(modelsRoot, 'tokenizers', 'clip');
}

/**
 * Finds a tokenizer's files in a folder as transformers lays them out: tokenizer.json, else vocab.json and merges.txt (CLIP), else
 * vocab.txt (BERT), with tokenizer_config.json and special_tokens_map.json. `bundledClip` lends CLIP's vocabulary to a folder that
 * has settings only, or to no folder at all.
 */
export function findTokenizerFiles(
  folder: string | undefined,
  bundledClip?: string,
  defaults: Readonly<Record<string, unknown>> = {},
): Result<TokenizerFiles> {
  const inFolder = (name: string) => {
    const path = folder === undefined ? undefined : join(folder, name);
    return path !== undefined && existsSync(path) ? path : undefined;
  };
  const vocabulary = findVocabulary(inFolder, bundledClip);
  if (vocabulary === undefined) {
    return fail(
      'model.tokenizer',
      `${folder ?? 'The checkpoint'} has no tokenizer: tokenizer.json, vocab.json with merges.txt, or vocab.txt is wanted. Download the missing files from where the model came from.`,
    );
  }
  const addedTokensPath = inFolder('added_tokens.json');
  return ok({
    vocabulary,
    settingsPaths: [inFolder('tokenizer_config.json'), inFolder('special_tokens_map.json')].filter((path) => path !== undefined),
    ...(addedTokensPath === undefined ? {} : { addedTokensPath }),
    defaults,
  });
}

/** Every file that says how the text is split; a change in one changes the ids. */
export function tokenizerPaths({ vocabulary, settingsPaths, addedTokensPath }: TokenizerFiles): string[] {
  const own =
    vocabulary.kind === 'tokenizerJson'
      ? [vocabulary.path]
      : vocabulary.kind === 'bert'
        ? [vocabulary.vocabPath]
        : [vocabulary.mergesPath, vocabulary.vocabPath];
  return [...own, ...settingsPaths, addedTokensPath].filter((path) => path !== undefined);
}

function findVocabulary(inFolder: (name: string) => string | undefined, bundledClip: string | undefined): VocabularyFiles | undefined {
  const json = inFolder('tokenizer.json');
  if (json !== undefined) return { kind: 'tokenizerJson', path: json };
  const mergesPath = inFolder('merges.txt');
  const vocabPath = inFolder('vocab.json');
  if (mergesPath !== undefined && vocabPath !== undefined) return { kind: 'clip', mergesPath, vocabPath };
  const words = inFolder('vocab.txt');
  if (words !== undefined) return { kind: 'bert', vocabPath: words };
  return bundledClip === undefined ? undefined : { kind: 'clip', mergesPath: join(bundledClip, 'merges.txt') };
}
