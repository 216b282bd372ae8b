import { basename } from 'node:path';
import { type BrowserWindow, nativeImage, shell } from 'electron';
import type { ContractService, NamedEvent } from '../host/contract.ts';
import type { HostService } from '../host/create-service.ts';
import { makeIcon } from '../host/service/thumbnails.ts';
import type { ShellHandlers } from '../host/shell/no-shell.ts';
import type { PickedFile } from '../host/shell/shell-contract.ts';
import { fail, ok } from '../nodes/problem.ts';
import { pickPaths, pickTargetPath } from './dialogs.ts';
import type { OpenedPaths } from './opened-paths.ts';

/** Of the picture under the pointer while a file is dragged. */
const DRAG_ICON_PX = 96;

/** What the program's windows share. */
export interface SharedService {
  readonly service: HostService;
  readonly opened: OpenedPaths;
}

/** The contract as one window has it: the host's, with the dialogs, files and menu of that window. */
export interface WindowService extends ContractService {
  /** Does in the window what a menu item says. */
  act(action: string): void;
  /** Lets the window open files; it takes them when it is there. */
  openFiles(paths: readonly string[]): void;
  /** A file that was dropped on the window. */
  takeDropped(path: string): PickedFile;
}

/** Binds the host's service to a window. */
export function createWindowService({ service, opened }: SharedService, window: BrowserWindow): WindowService {
  const listeners = new Set<(event: NamedEvent) => void>();
  const tell = (event: NamedEvent): void => {
    for (const listener of listeners) listener(event);
  };
  const { grants } = service;
  let waiting: PickedFile[] = [];

  const handlers: ShellHandlers = {
    'shell.describe': async () => ok({ kind: 'desktop', platform: process.platform }),
    async 'shell.pick'(args) {
      const paths = await pickPaths(window, args);
      if (args.kind === 'folder') await Promise.all(paths.map((path) => grants.grantFolder(path)));
      return ok({ files: paths.map((path) => opened.open(path, grants)) });
    },
    async 'shell.pickTarget'(args) {
      const path = await pickTargetPath(window, args);
      return ok({ target: path === undefined ? null : { token: grants.grantFile(path), name: basename(path) } });
    },
    async 'shell.showArtifact'({ id }) {
      const path = service.artifacts.findFile(id);
      if (path === undefined) return fail('file.missing', 'That picture is not a file, or was made long ago. Run its graph again.');
      shell.showItemInFolder(path);
      return ok({});
    },
    async 'shell.dragArtifact'({ id }) {
      const file = service.artifacts.findFile(id);
      // Only what can be read as a picture leaves the window, and it looks like itself on the way.
      const icon = file === undefined ? undefined : await makeIcon(file, DRAG_ICON_PX);
      if (file === undefined || icon === undefined || window.isDestroyed()) {
        return fail('file.missing', 'That picture is not a file, or was moved, or made long ago. Run its graph again.');
      }
      window.webContents.startDrag({ file, icon: nativeImage.createFromBuffer(Buffer.from(icon.bytes)) });
      return ok({});
    },
    async 'shell.takeOpened'() {
      const files = waiting;
      waiting = [];
      return ok({ files });
    },
  };

  return {
    handlers: { ...service.handlers, ...handlers },
    presence: service.presence,
    subscribe(listener) {
      listeners.add(listener);
      const stop = service.subscribe(listener);
      return () => {
        listeners.delete(listener);
        stop();
      };
    },
    act: (action) => tell({ name: 'shell.action', payload: { action } }),
    openFiles(paths) {
      waiting.push(...paths.map((path) => opened.open(path, grants)));
      if (paths.length > 0) tell({ name: 'shell.opened', payload: {} });
    },
    takeDropped: (path) => opened.open(path, grants),
  };
}
