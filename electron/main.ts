// The desktop program: the host in Electron's main process, and windows on the editor.
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { app } from 'electron';
import { defaultStateFolder } from '../host/store/state-folder.ts';
import { findModelsRoot } from '../models/models-root.ts';
import { openDesktopHost } from './open-desktop-host.ts';
import { filesToOpen } from './read-arguments.ts';
import { startDesktop } from './start-desktop.ts';

const packageRoot = dirname(findModelsRoot());
const stateFolder = defaultStateFolder(process.env);

await startDesktop({
  userFolder: join(stateFolder, 'desktop'),
  editorFolder: join(packageRoot, 'dist', 'renderer'),
  preload: join(dirname(fileURLToPath(import.meta.url)), 'preload.cjs'),
  // A checkout is started as `electron .`, a package by its own name.
  files: filesToOpen(process.argv, app.isPackaged ? 1 : 2, process.cwd()),
  openHost: () =>
    openDesktopHost({
      packageRoot,
      stateFolder,
      outFolder: join(app.getPath('pictures'), 'Emulsion'),
      loadRegistry: async () => (await import('../nodes/registry.ts')).registry,
    }),
});
