import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/**
 * The package's `models` folder, where vocabularies and packs lie: found by climbing from `from`, so that it is the same for a source
 * file under models/ and for a bundle under dist/. A package without it is broken: throws.
 */
export function findModelsRoot(from: string = import.meta.url): string {
  let folder = dirname(fileURLToPath(from));
  for (;;) {
    const models = join(folder, 'models');
    if (existsSync(join(models, 'tokenizers', 'clip', 'merges.txt'))) return models;
    const parent = dirname(folder);
    if (parent === folder) throw new Error(`no models folder with the bundled files above ${fileURLToPath(from)}`);
    folder = parent;
  }
}
