import type { GraphDocument } from '../graphs/document.ts';
import { createWorkspace, type Workspace } from './documents/workspace.ts';
import { createKeptDrawings, type KeptDrawings } from './draw/kept-drawings.ts';
import { createGalleryStore, type GalleryStore } from './gallery/gallery-store.ts';
import { createQueueStore, type QueueStore } from './queue/queue-store.ts';
import { createDocumentStore, type DocumentStore } from './store/document-store.ts';
import { createHostStore } from './store/host-store.ts';
import { createInferenceStore, type InferenceStore } from './store/inference-store.ts';
import { createKeyedStore, type KeyedStore } from './store/keyed-store.ts';
import { createNoticeStore, type NoticeStore } from './store/notice-store.ts';
import { createPictureStore, type PictureStore } from './store/picture-store.ts';
import { createRunStore, type RunStore } from './store/run-store.ts';
import { createSelectionStore, type SelectionStore } from './store/selection-store.ts';
import { createThumbnailStore, type ThumbnailStore } from './store/thumbnail-store.ts';
import { createViewStore } from './store/view-store.ts';
import { texts } from './texts.ts';
import type { ReconnectingClient } from './transport/reconnecting-client.ts';
import { createWireDragStore, type WireDragStore } from './wiring/wire-drag.ts';

/** A place in the window or on the canvas. */
export type XY = { readonly x: number; readonly y: number };

/** Where the canvas stands in its part of the window, in CSS pixels, and how large it shows things. */
export type CanvasView = { readonly x: number; readonly y: number; readonly zoom: number };

/** What the rest of the window may ask of the canvas, once it is there. */
export interface CanvasPort {
  fit(nodes?: readonly string[]): void;
  zoomBy(factor: number): void;
  zoomTo(zoom: number): void;
  /** Where it stands; `show` goes there again. */
  view(): CanvasView;
  show(view: CanvasView): void;
  toCanvas(point: XY): XY;
  /**
   * Where something new is wanted: under the pointer when it is over the canvas, else right of what is selected or was shown as new last,
   * else in the middle of what is seen.
   */
  newPlace(): { readonly at: XY; readonly position: XY };
  /** The nearest place to a wanted one where something new covers no node and no note. */
  roomFor(size: { readonly width: number; readonly height: number }, wanted: XY): XY;
  /** Moves the view as far as it must for something new to be seen, at the zoom it has. */
  showNew(nodes: readonly string[]): void;
  /** Of a node in the open document, or in another one. */
  sizeOf(node: string, document?: GraphDocument): { readonly width: number; readonly height: number };
  focusNode(node: string): void;
}

/** One editor: its stores and the way to the host. Everything in the window works on this. */
export interface Editor {
  readonly client: ReconnectingClient;
  readonly host: ReturnType<typeof createHostStore>;
  /** The open document. */
  readonly documents: DocumentStore;
  /** All documents that are open in this window. */
  readonly workspace: Workspace;
  readonly selection: SelectionStore;
  readonly inference: InferenceStore;
  readonly pictures: PictureStore;
  readonly runs: RunStore;
  readonly view: ReturnType<typeof createViewStore>;
  readonly notices: NoticeStore;
  readonly queue: QueueStore;
  readonly gallery: GalleryStore;
  readonly thumbnails: ThumbnailStore;
  readonly drawings: KeptDrawings;
  readonly wireDrag: WireDragStore;
  /** Seeds that runs have used, newest first, by document and parameter. */
  readonly usedSeeds: KeyedStore<readonly string[]>;
  canvas: CanvasPort | undefined;
}

/** An editor with an empty document, in a window that is so wide. */
export function createEditor(client: ReconnectingClient, onNextFrame: (act: () => void) => void, widthPx: number): Editor {
  const documents = createDocumentStore(texts.document.untitled);
  const selection = createSelectionStore();
  const pictures = createPictureStore(onNextFrame);
  const runs = createRunStore(client, pictures, (artifact) => `artifact/${artifact}`);
  documents.state.subscribe((now, before) => {
    if (now.edit.document !== before.edit.document) selection.prune(now.edit.document);
    if (now.session !== before.session) runs.reset();
  });
  const inference = createInferenceStore(client, documents, () => editor.workspace.shared());
  // Saved elsewhere, it finds other files beside it.
  client.on('document.state', () => inference.refresh());
  // A run leaves results behind that are cached from then on.
  runs.state.subscribe((now, before) => {
    if (now.current === undefined && before.current !== undefined) inference.refresh();
  });
  const notices = createNoticeStore();
  // What is about a node is told at the node.
  const isOwn = (runId: string): boolean => runs.state.getState().runs.some(({ id }) => id === runId);
  client.on('run.problem', ({ runId, problem }) => {
    if (isOwn(runId) && problem.nodeId === undefined) notices.tell(problem.message);
  });
  client.on('run.ended', ({ runId, problems }) => {
    const general = problems.find(({ nodeId, severity }) => nodeId === undefined && severity === 'error');
    if (isOwn(runId) && general !== undefined) notices.tell(general.message, 'trouble');
  });
  const editor: Editor = {
    client,
    host: createHostStore(client),
    documents,
    workspace: createWorkspace({ client, documents, selection, runs, pictures, notices, canvas: () => editor.canvas }),
    selection,
    inference,
    pictures,
    runs,
    view: createViewStore(widthPx),
    notices,
    queue: createQueueStore(client),
    gallery: createGalleryStore(client),
    thumbnails: createThumbnailStore(
      client,
      (artifact) => `artifact/${artifact}`,
      () => editor.workspace.documentArg(),
    ),
    drawings: createKeptDrawings(),
    wireDrag: createWireDragStore(),
    usedSeeds: createKeyedStore(),
    canvas: undefined,
  };
  return editor;
}
