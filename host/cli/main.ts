import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { findModelsRoot } from '../../models/models-root.ts';
import { runCommandLine } from './command-line.ts';

const modelsRoot = findModelsRoot();
const packageRoot = dirname(modelsRoot);
const manifest: { version: string } = JSON.parse(readFileSync(join(packageRoot, 'package.json'), 'utf8'));

await runCommandLine({
  version: manifest.version,
  loadRegistry: async () => (await import('../../nodes/registry.ts')).registry,
  evaluatorEntry: join(packageRoot, 'dist', 'evaluator.mjs'),
  templatesFolder: join(packageRoot, 'graphs', 'templates'),
  packsRoot: join(modelsRoot, 'packs'),
  editorFolder: join(packageRoot, 'dist', 'renderer'),
});
