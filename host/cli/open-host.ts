import { totalmem } from 'node:os';
import { createHost, type Host } from '../create-host.ts';
import { readModelFacts } from '../model-facts.ts';
import { defaultCacheFolder } from '../store/cache-folder.ts';
import type { CommandLineParts } from './command-context.ts';
import { createLog } from './log.ts';

const DISK_CACHE_BYTES = 2 * 2 ** 30;

/** Opens the host that all commands use, set up from the environment. */
export async function openHost(
  parts: Pick<CommandLineParts, 'loadRegistry' | 'evaluatorEntry' | 'packsRoot'>,
  settings: { readonly verbose: boolean },
): Promise<Host> {
  const log = await createLog(settings.verbose);
  const host = createHost({
    registry: await parts.loadRegistry(),
    evaluatorEntry: parts.evaluatorEntry,
    packsRoot: parts.packsRoot,
    cacheFolder: defaultCacheFolder(process.env),
    diskCacheBytes: DISK_CACHE_BYTES,
    memoryCacheBytes: Math.min(2 ** 30, Math.floor(totalmem() / 16)),
    readModelFacts,
    onEvaluatorOutput: (text) => log?.debug(text.trimEnd()),
  });
  host.watchEvaluator((state) => log?.debug({ state, pid: host.evaluatorPid }, 'evaluator'));
  return host;
}
