// Finds Electron's program without loading the package, which would begin to download it.
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** The path of Electron's program; undefined where it has not been fetched. */
export function findElectron(root, env) {
  const folder = join(root, 'node_modules/electron');
  const pathFile = join(folder, 'path.txt');
  const name = existsSync(pathFile) ? readFileSync(pathFile, 'utf8').trim() : undefined;
  const path = env.ELECTRON_OVERRIDE_DIST_PATH
    ? join(env.ELECTRON_OVERRIDE_DIST_PATH, name ?? 'electron')
    : name === undefined
      ? undefined
      : join(folder, 'dist', name);
  return path !== undefined && existsSync(path) ? path : undefined;
}

/** The script that fetches it; undefined where the package is not installed. */
export function electronInstaller(root) {
  const path = join(root, 'node_modules/electron/install.js');
  return existsSync(path) ? path : undefined;
}
