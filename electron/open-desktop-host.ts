import { join } from 'node:path';
import { makeServePolicy } from '../host/cli/make-policy.ts';
import { openHost } from '../host/cli/open-host.ts';
import { createService } from '../host/create-service.ts';
import type { NodeRegistry } from '../nodes/define-node.ts';
import { readOpenedPaths } from './opened-paths.ts';
import type { DesktopHost } from './start-desktop.ts';

/** Where the host's parts lie. */
export interface DesktopHostParts {
  readonly packageRoot: string;
  readonly stateFolder: string;
  readonly outFolder: string;
  /** Left out: the one that was built with this. */
  readonly evaluatorEntry?: string;
  loadRegistry(): Promise<NodeRegistry>;
}

/** Opens the host for a person at this machine: files are what they open, and the first run finds an evaluator that is ready. */
export async function openDesktopHost(parts: DesktopHostParts): Promise<DesktopHost> {
  const { packageRoot, stateFolder, outFolder } = parts;
  const packsRoot = join(packageRoot, 'models', 'packs');
  const templatesFolder = join(packageRoot, 'graphs', 'templates');
  const host = await openHost(
    {
      loadRegistry: () => parts.loadRegistry(),
      evaluatorEntry: parts.evaluatorEntry ?? join(packageRoot, 'dist', 'evaluator.mjs'),
      packsRoot,
    },
    { verbose: false },
  );
  host.warmUp();
  const opened = await readOpenedPaths(join(stateFolder, 'desktop', 'opened-paths.json'));
  const policy = makeServePolicy(packsRoot, { allow: [], models: [], outFolder, templatesFolder });
  const service = createService(host, {
    policy: { ...policy, trusted: opened.trusted },
    outFolder,
    templatesFolder,
    stateFolder,
    trustsRecent: true,
  });
  await opened.grantFolders(service.grants);
  return {
    service,
    opened,
    async close() {
      await service.close();
      await host.close();
    },
  };
}
