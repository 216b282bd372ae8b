import { join } from 'node:path';
import { openDesktopHost } from '../../electron/open-desktop-host.ts';
import { filesToOpen } from '../../electron/read-arguments.ts';
import { startDesktop } from '../../electron/start-desktop.ts';
import { testRegistry } from '../e2e/test-nodes.ts';

/** The real shell over test nodes; where its parts lie comes from the environment. */
const place = (name: string): string => process.env[`EMULSION_TEST_${name}`] ?? '/nowhere';
const stateFolder = process.env['EMULSION_STATE_DIR'] ?? '/nowhere';
const packageRoot = place('FOLDER');

await startDesktop({
  userFolder: join(stateFolder, 'desktop'),
  editorFolder: place('EDITOR'),
  preload: place('PRELOAD'),
  files: filesToOpen(process.argv, 3, process.cwd()),
  openHost: () =>
    openDesktopHost({
      packageRoot,
      stateFolder,
      outFolder: join(packageRoot, 'Pictures', 'Emulsion'),
      evaluatorEntry: place('EVALUATOR'),
      loadRegistry: async () => testRegistry,
    }),
});
