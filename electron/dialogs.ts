import { type BrowserWindow, dialog, type FileFilter, type OpenDialogOptions } from 'electron';
import type { CallArgs } from '../host/contract.ts';
import type { PickKind } from '../host/shell/shell-contract.ts';
import { texts } from './texts.ts';

const PICTURES = ['png', 'webp', 'jpg', 'jpeg', 'gif', 'tif', 'tiff', 'avif', 'bmp'];

const FILTERS: Readonly<Record<Exclude<PickKind, 'folder'>, FileFilter>> = {
  graph: { name: texts.dialog.graphs, extensions: ['json', 'emulsion', 'png', 'webp', 'jpg', 'jpeg'] },
  picture: { name: texts.dialog.pictures, extensions: PICTURES },
  model: { name: texts.dialog.models, extensions: ['safetensors', 'onnx'] },
};

const TARGETS = {
  graph: { title: texts.dialog.saveGraph, filter: { name: texts.dialog.onlyGraphs, extensions: ['emulsion.json'] } },
  picture: { title: texts.dialog.savePicture, filter: { name: texts.dialog.pictures, extensions: ['png', 'webp'] } },
  page: { title: texts.dialog.savePage, filter: { name: texts.dialog.pages, extensions: ['html'] } },
} as const satisfies Record<CallArgs<'shell.pickTarget'>['kind'], { title: string; filter: FileFilter }>;

/** Paths a person chose in the system's dialog; none when it was cancelled. */
export async function pickPaths(window: BrowserWindow, { kind, many }: CallArgs<'shell.pick'>): Promise<readonly string[]> {
  const properties: OpenDialogOptions['properties'] = [
    kind === 'folder' ? 'openDirectory' : 'openFile',
    ...(many ? (['multiSelections'] as const) : []),
  ];
  const filters = kind === 'folder' ? [] : [FILTERS[kind], { name: texts.dialog.all, extensions: ['*'] }];
  const { canceled, filePaths } = await dialog.showOpenDialog(window, { title: texts.dialog[kind], filters, properties });
  return canceled ? [] : filePaths;
}

/** The path a person chose to save under; undefined when it was cancelled. */
export async function pickTargetPath(window: BrowserWindow, { kind, name }: CallArgs<'shell.pickTarget'>): Promise<string | undefined> {
  const { title, filter } = TARGETS[kind];
  const { canceled, filePath } = await dialog.showSaveDialog(window, {
    title,
    // A name from a document's title is a name and no way to somewhere.
    defaultPath: name.replace(/[/\\:*?"<>|\p{Cc}]/gu, '_'),
    filters: [{ ...filter, extensions: [...filter.extensions] }],
    properties: ['createDirectory', 'showOverwriteConfirmation'],
  });
  return canceled || filePath === '' ? undefined : filePath;
}
