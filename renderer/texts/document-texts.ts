/** Everything that tabs, files and dialogs about documents say. */
export const documentTexts = {
  untitled: 'Untitled',
  step: { undo: 'Undo', redo: 'Redo', bridge: 'Recovered edits' },
  lostEdits: (first: string, more: number) =>
    more === 0
      ? `Another window has changed the same thing: “${first}” no longer fits and was left out.`
      : `Another window has changed the same things: “${first}” and ${more} more no longer fit and were left out.`,
  begunAnew: (title: string) => `The host had lost ${title}. It was begun anew with what this window has of it; save it under a name.`,
  recovered: (count: number) =>
    count === 1
      ? 'Unsaved changes were recovered, with their undo steps.'
      : `Unsaved changes of ${count} graphs were recovered, with their undo steps.`,
  saved: (path: string) => `Saved as ${path}.`,
  openedWith: (first: string, more: number) => (more > 0 ? `${first} And ${more} more: see the inspector.` : first),
  safety: {
    kept: 'Every change is kept safe',
    sending: 'Keeping the last change safe',
    waiting: 'Not connected: changes are kept in this window and sent when the host is back',
    refused: 'The last change could not be kept safe. Save the graph.',
  },
  actions: {
    new: 'New graph',
    open: 'Open',
    recent: 'Open recent',
    start: 'Start page',
    save: 'Save',
    saveAs: 'Save as',
    rename: 'Rename graph',
    close: 'Close tab',
    next: 'Next tab',
    previous: 'Previous tab',
    exportGraph: 'Export graph file',
    exportPage: 'Export as a web page',
    exportPicture: 'Export as a picture with its graph',
    compare: 'Compare with another version',
  },
  tabs: {
    name: 'Open graphs',
    unsaved: 'unsaved changes',
    close: (title: string) => `Close ${title}`,
    help: 'Arrow keys choose a graph, Delete closes it.',
  },
  pictureHint: 'Every picture that Emulsion saves carries its graph. Run the graph, then save the picture from the gallery.',
  dialog: { close: 'Close', cancel: 'Cancel' },
  closing: {
    title: (title: string) => `Save changes to ${title}?`,
    message: 'It has changes that are in no file. Kept for later, it is on the start page with all its undo steps.',
    save: 'Save',
    keep: 'Keep for later',
    discard: 'Discard changes',
  },
  replacing: {
    title: (name: string) => `Replace ${name}?`,
    message: (folder: string) => `There is a file of this name in ${folder}. What it holds will be lost.`,
    replace: 'Replace',
  },
  changedFile: {
    title: 'The file was changed by another program',
    overwrite: 'Overwrite the file',
    saveAs: 'Save under another name',
    compare: 'Show the differences',
  },
  renaming: { title: 'Rename graph', label: 'Name', done: 'Rename' },
  picker: {
    titles: { graph: 'Open a graph', picture: 'Choose a picture', model: 'Choose a model', folder: 'Choose a folder', save: 'Save graph' },
    chooseModel: 'Choose a file…',
    places: 'Folders',
    up: 'Folder above',
    search: 'Search this folder',
    list: (folder: string) => `Files in ${folder}`,
    nothing: 'Nothing here fits.',
    noFolders: 'Emulsion may read no folder. Start it in a folder with your files, or allow one with --allow.',
    more: (count: number) => `${count} more are not shown. Search does not find them either.`,
    readOnly: 'Files can’t be saved in this folder.',
    fileName: 'File name',
    open: 'Open',
    choose: 'Choose',
    chooseFolder: 'Choose this folder',
    save: 'Save',
    kinds: { folder: 'Folder', graph: 'Graph', picture: 'Picture', model: 'Model', other: 'File' },
    fromComputer: 'From this computer…',
    noWritable: 'There is no folder that Emulsion may write, so the graph was saved as a download.',
  },
  diff: {
    title: 'Compare',
    with: (title: string) => `What changes from the version chosen here to ${title} as it is now.`,
    label: 'Compare with',
    file: 'Its file, as saved',
    chooseFile: 'A file of this computer…',
    nothing: 'They are the same.',
    count: (count: number) => (count === 1 ? '1 difference' : `${count} differences`),
    list: 'Differences',
    show: 'Show on canvas',
  },
  drop: {
    title: (name: string) => `${name} carries the graph that made it`,
    message: 'Open that graph, or use the picture in this one?',
    openGraph: 'Open graph',
    addPicture: 'Add as Load Image',
    addPictureStep: (title: string) => `Add ${title}`,
    replacePicture: (title: string) => `Change picture of ${title}`,
    here: 'Drop to open',
    unreadable: (name: string) => `${name} is neither a graph nor a picture. Graph files, PNG, JPEG and WebP pictures can be dropped here.`,
    model: (name: string) =>
      `A browser does not say where ${name} lies, and models stay where they are. Put it into a folder that Emulsion looks through, and choose it in the list.`,
    pickle: (name: string) =>
      `${name} is a PyTorch pickle. Pickles can run code while they load, so they are never opened. Convert it to .safetensors first.`,
    notSafetensors: (name: string) =>
      `${name} is no safetensors file: it does not begin with a header of its tensors. It may have been cut off while it was downloaded, or be something else.`,
    noNode: 'No node of this Emulsion reads a picture.',
    tooLarge: (name: string) =>
      `${name} is too large to be dropped here. Put it into a folder that Emulsion may read, and choose it there.`,
  },
  start: {
    title: 'Start',
    templates: 'Templates',
    recent: 'Recent files',
    recoverable: 'Not saved yet',
    elsewhere: 'open in another Emulsion',
    isOpen: 'open in another window',
    missing: 'missing',
    newGraph: 'New graph',
    open: 'Open',
    dismiss: 'Close start page',
    forget: (title: string) => `Forget ${title}`,
    forgetting: {
      title: (title: string) => `Forget ${title}?`,
      message: 'Its changes are in no file and will be lost.',
      forget: 'Forget',
    },
    clearRecent: 'Clear list',
    never: 'never saved',
  },
  missing: {
    title: 'Model not found',
    use: (label: string) => `Use ${label}`,
    because: { hash: 'the same file', name: 'a similar name', family: 'the same family' },
    none: 'No other model here fits. Put the file into a models folder, then look again.',
    looking: 'Looking for models that fit …',
    again: 'Look again',
    unread: (count: number) => (count === 1 ? '1 file has not been compared yet.' : `${count} files have not been compared yet.`),
    step: (title: string) => `Change ${title.toLowerCase()}`,
  },
} as const;

const UNITS = ['bytes', 'KB', 'MB', 'GB', 'TB'] as const;

/** A size as people read it: 512 bytes, 1.2 MB. */
export function formatBytes(bytes: number): string {
  let size = bytes;
  let at = 0;
  while (size >= 1000 && at < UNITS.length - 1) {
    size /= 1000;
    at += 1;
  }
  return `${at === 0 ? size : size >= 100 ? Math.round(size) : size.toFixed(1)} ${UNITS[at]}`;
}
