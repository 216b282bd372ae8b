import { totalmem } from 'node:os';
import { delimiter, join, resolve } from 'node:path';
import { findModelsRoot } from '../../models/models-root.ts';
import { registry } from '../../nodes/registry.ts';
import { createHost, type Host } from '../create-host.ts';
import type { FilePolicy } from '../file-access.ts';
import { readModelFacts } from '../model-facts.ts';
import { defaultCacheFolder } from '../store/cache-folder.ts';
import { createLog } from './log.ts';
import { findPackageRoot } from './package-root.ts';

const DISK_CACHE_BYTES = 2 * 2 ** 30;

/** Opens the host that all commands use, set up from the environment. */
export async function openHost(settings: { readonly verbose: boolean }): Promise<Host> {
  const log = await createLog(settings.verbose);
  const host = createHost({
    registry,
    evaluatorEntry: join(findPackageRoot(), 'dist', 'evaluator.mjs'),
    packsRoot: join(findModelsRoot(), 'packs'),
    cacheFolder: defaultCacheFolder(process.env),
    diskCacheBytes: DISK_CACHE_BYTES,
    memoryCacheBytes: Math.min(2 ** 30, Math.floor(totalmem() / 16)),
    readModelFacts,
    onEvaluatorOutput: (text) => log?.debug(text.trimEnd()),
  });
  host.watchEvaluator((state) => log?.debug({ state, pid: host.evaluatorPid }, 'evaluator'));
  return host;
}

/** The folders a command may read: the graph's, the working folder, and what the person named. */
export function makePolicy(
  host: Host,
  from: {
    readonly graphFolder: string | null;
    readonly allow: readonly string[];
    readonly models: readonly string[];
    readonly trusted: readonly string[];
  },
): FilePolicy {
  const here = process.cwd();
  const fromEnvironment = (process.env['EMULSION_MODELS'] ?? '').split(delimiter).filter((folder) => folder !== '');
  return {
    baseFolders: from.graphFolder === null || from.graphFolder === here ? [here] : [from.graphFolder, here],
    readFolders: from.allow.map((folder) => resolve(folder)),
    modelFolders: [...from.models, ...fromEnvironment].map((folder) => resolve(folder)),
    packsRoot: host.packsRoot,
    trusted: from.trusted,
  };
}
