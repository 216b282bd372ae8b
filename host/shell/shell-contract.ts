import { z } from 'zod';

/** A file or folder that a person chose or dropped. Its path stays in the host; the token can't be guessed and means that path only. */
export const pickedFile = z.object({
  token: z.string().max(100),
  name: z.string(),
  /** What a file parameter of a node may hold, now that the person has opened it. */
  file: z.string(),
});
export type PickedFile = z.infer<typeof pickedFile>;

/** What a dialog is about: which files it shows, and what it is called. */
export const PICK_KINDS = ['graph', 'picture', 'model', 'folder'] as const;
export type PickKind = (typeof PICK_KINDS)[number];

/** Calls about the program around the window. In a browser there is none, and all but the first refuse. */
export const SHELL_CALLS = {
  'shell.describe': {
    args: z.object({}),
    result: z.object({ kind: z.enum(['desktop', 'browser']), platform: z.string() }),
  },
  /** The system's dialog for opening. No files: it was cancelled. */
  'shell.pick': {
    args: z.object({ kind: z.enum(PICK_KINDS), many: z.boolean() }),
    result: z.object({ files: z.array(pickedFile) }),
  },
  /** The system's dialog for saving, which asks before it names a file that is there. Null: it was cancelled. */
  'shell.pickTarget': {
    args: z.object({ kind: z.enum(['graph', 'picture', 'page']), name: z.string().max(200) }),
    result: z.object({ target: z.object({ token: z.string(), name: z.string() }).nullable() }),
  },
  /** Shows a picture's file in the system's file manager. */
  'shell.showArtifact': { args: z.object({ id: z.string().max(100) }), result: z.object({}) },
  /** Lets a person drag a picture's file out of the window, beginning at the pointer; called while it is held. */
  'shell.dragArtifact': { args: z.object({ id: z.string().max(100) }), result: z.object({}) },
  /** Files this window was told to open (started with, double-clicked, chosen among the recent ones) and has not taken yet. */
  'shell.takeOpened': { args: z.object({}), result: z.object({ files: z.array(pickedFile) }) },
} as const satisfies Record<string, { args: z.ZodType; result: z.ZodType }>;

/** Events for one window. */
export const SHELL_EVENTS = {
  /** A menu item was chosen: the id of what the window calls an action. */
  'shell.action': z.object({ action: z.string() }),
  /** There is something to take with `shell.takeOpened`. */
  'shell.opened': z.object({}),
} as const satisfies Record<string, z.ZodType>;
