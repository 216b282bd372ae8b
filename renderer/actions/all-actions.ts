import { fileActions } from '../documents/file-actions.ts';
import type { Editor } from '../editor.ts';
import { align, distribute, nudge } from '../operations/arrange.ts';
import { addNoteAt, frameSelection } from '../operations/canvas-items.ts';
import { copySelection, cutSelection, pasteClipboard } from '../operations/clipboard.ts';
import {
  duplicateSelection,
  removeSelection,
  selectedNodes,
  toggleBypass,
  toggleCollapsed,
  toggleMute,
} from '../operations/edit-selection.ts';
import { startRun } from '../operations/run-graph.ts';
import { RIGHT_TABS } from '../store/view-store.ts';
import { texts } from '../texts.ts';
import type { Action, ActionGroup } from './action.ts';

const NUDGE = 16;
const LONG_NUDGE = 96;

const isRunning = (editor: Editor): boolean => editor.runs.state.getState().current !== undefined;
const hasNodes = (editor: Editor): boolean => editor.selection.state.getState().nodes.size > 0;
/** Nodes, frames and notes: what lies on the canvas. */
const countItems = (editor: Editor): number => {
  const { nodes, frames, notes } = editor.selection.state.getState();
  return nodes.size + frames.size + notes.size;
};
const hasItems = (editor: Editor): boolean => countItems(editor) > 0;
const hasSeveral = (editor: Editor): boolean => countItems(editor) > 1;
const hasAny = (editor: Editor): boolean => Object.values(editor.selection.state.getState()).some((set) => set.size > 0);

/** Everything a person can do, in the order the palette shows it. */
export function allActions(): readonly Action[] {
  const t = texts.actions;
  const make = (group: ActionGroup, id: string, title: string, rest: Omit<Action, 'id' | 'title' | 'group'>): Action => ({
    id,
    title,
    group,
    ...rest,
  });
  const tell = (editor: Editor, done: { readonly ok: boolean; readonly problem?: { readonly message: string } }): void => {
    if (!done.ok && done.problem !== undefined) editor.notices.tell(done.problem.message);
  };
  return [
    make('run', 'run', t.run, { keys: ['Mod+Enter'], whileTyping: true, run: (e) => startRun(e) }),
    make('run', 'run.selection', t.runSelection, {
      keys: ['Mod+Shift+Enter'],
      whileTyping: true,
      isEnabled: hasNodes,
      run: (e) => startRun(e, selectedNodes(e)),
    }),
    make('run', 'run.cancel', t.cancel, { keys: ['Mod+.'], whileTyping: true, isEnabled: isRunning, run: (e) => e.runs.cancel() }),
    make('run', 'run.stop', t.stop, { isEnabled: isRunning, run: (e) => e.runs.stop() }),
    make('run', 'run.auto', t.autoRun, {
      isOn: (e) => e.view.getState().autoRun,
      run: (e) => e.view.setState(({ autoRun }) => ({ autoRun: !autoRun })),
    }),

    make('edit', 'edit.undo', t.undo, {
      keys: ['Mod+Z'],
      whileTyping: 'kept',
      isEnabled: (e) => e.documents.state.getState().edit.undo.length > 0,
      run: (e) => tell(e, e.documents.undo()),
    }),
    make('edit', 'edit.redo', t.redo, {
      keys: ['Mod+Shift+Z', 'Mod+Y'],
      whileTyping: 'kept',
      isEnabled: (e) => e.documents.state.getState().edit.redo.length > 0,
      run: (e) => tell(e, e.documents.redo()),
    }),
    make('edit', 'edit.cut', t.cut, { keys: ['Mod+X'], isEnabled: hasItems, run: cutSelection }),
    make('edit', 'edit.copy', t.copy, { keys: ['Mod+C'], isEnabled: hasItems, run: copySelection }),
    make('edit', 'edit.paste', t.paste, { keys: ['Mod+V'], run: pasteClipboard }),
    make('edit', 'edit.duplicate', t.duplicate, { keys: ['Mod+D'], isEnabled: hasNodes, run: duplicateSelection }),
    make('edit', 'edit.delete', t.remove, { keys: ['Delete', 'Backspace'], isEnabled: hasAny, run: removeSelection }),
    make('edit', 'edit.selectAll', t.selectAll, { keys: ['Mod+A'], run: selectAll }),
    make('edit', 'edit.selectNone', t.selectNone, { keys: ['Escape'], isEnabled: hasAny, run: (e) => e.selection.select({}) }),

    make('nodes', 'node.add', t.addNode, { keys: ['Shift+A', 'Tab'], run: openAddMenu }),
    make('nodes', 'node.rename', t.rename, {
      keys: ['F2'],
      isEnabled: (e) => selectedNodes(e).length === 1,
      run: (e) => e.view.setState({ renaming: selectedNodes(e)[0] }),
    }),
    make('nodes', 'node.bypass', t.bypass, { keys: ['Mod+B'], isEnabled: hasNodes, run: (e) => toggleBypass(e, selectedNodes(e)) }),
    make('nodes', 'node.mute', t.mute, { keys: ['Mod+M'], isEnabled: hasNodes, run: (e) => toggleMute(e, selectedNodes(e)) }),
    make('nodes', 'node.collapse', t.collapse, { keys: ['H'], isEnabled: hasNodes, run: (e) => toggleCollapsed(e, selectedNodes(e)) }),
    make('nodes', 'node.frame', t.frame, { keys: ['Mod+G'], run: (e) => frameSelection(e, place(e)) }),
    make('nodes', 'node.note', t.note, { keys: ['Shift+N'], run: (e) => addNoteAt(e, place(e)) }),

    ...(['left', 'centre', 'right', 'top', 'middle', 'bottom'] as const).map((edge) =>
      make('arrange', `arrange.${edge}`, t.align[edge], { isEnabled: hasSeveral, run: (e) => align(e, edge) }),
    ),
    make('arrange', 'arrange.distributeX', t.distributeAcross, { isEnabled: hasSeveral, run: (e) => distribute(e, 'x') }),
    make('arrange', 'arrange.distributeY', t.distributeDown, { isEnabled: hasSeveral, run: (e) => distribute(e, 'y') }),
    make('arrange', 'arrange.auto', t.autoLayout, {
      keys: ['Shift+L'],
      run: async (e) => (await import('../operations/auto-layout.ts')).autoLayout(e),
    }),
    ...nudges(make),

    make('view', 'view.palette', t.palette, { keys: ['Mod+K'], whileTyping: true, run: (e) => e.view.setState({ paletteOpen: true }) }),
    make('view', 'view.fit', t.fit, { keys: ['F', 'Home'], run: (e) => e.canvas?.fit() }),
    make('view', 'view.zoomSelection', t.zoomSelection, {
      keys: ['Z'],
      isEnabled: hasNodes,
      run: (e) => e.canvas?.fit(selectedNodes(e)),
    }),
    make('view', 'view.zoomIn', t.zoomIn, { keys: ['+', '='], run: (e) => e.canvas?.zoomBy(1.25) }),
    make('view', 'view.zoomOut', t.zoomOut, { keys: ['-'], run: (e) => e.canvas?.zoomBy(0.8) }),
    make('view', 'view.zoomFull', t.zoomFull, { keys: ['1'], run: (e) => e.canvas?.zoomTo(1) }),
    make('view', 'view.snap', t.snap, {
      isOn: (e) => e.view.getState().snap,
      run: (e) => e.view.setState(({ snap }) => ({ snap: !snap })),
    }),
    make('view', 'view.minimap', t.minimap, {
      keys: ['M'],
      isOn: (e) => e.view.getState().minimap,
      run: (e) => e.view.setState(({ minimap }) => ({ minimap: !minimap })),
    }),
    make('view', 'view.left', t.leftPanel, {
      keys: ['['],
      isOn: (e) => e.view.getState().leftOpen,
      run: (e) => e.view.setState(({ leftOpen }) => ({ leftOpen: !leftOpen })),
    }),
    make('view', 'view.right', t.rightPanel, { keys: [']'], run: (e) => e.view.setState(({ rightOpen }) => ({ rightOpen: !rightOpen })) }),
    ...RIGHT_TABS.map((rightTab, at) =>
      make('view', `view.${rightTab}`, t.showTab(texts.tabs[rightTab]), {
        keys: [`Alt+${at + 1}`],
        run: (e) => e.view.setState({ rightTab, rightOpen: true }),
      }),
    ),
    make('view', 'view.theme', t.theme, {
      run: (e) => e.view.setState(({ theme }) => ({ theme: theme === 'system' ? 'light' : theme === 'light' ? 'dark' : 'system' })),
    }),

    ...fileActions(),
  ];
}

function nudges(make: (group: ActionGroup, id: string, title: string, rest: Omit<Action, 'id' | 'title' | 'group'>) => Action): Action[] {
  const ways = { Left: [-1, 0], Right: [1, 0], Up: [0, -1], Down: [0, 1] } as const;
  return Object.entries(ways).flatMap(([way, [x, y]]) => [
    make('arrange', `arrange.nudge${way}`, texts.actions.nudge[way as keyof typeof ways], {
      keys: [`Arrow${way}`],
      isEnabled: hasItems,
      run: (e) => nudge(e, x * NUDGE, y * NUDGE),
    }),
    make('arrange', `arrange.nudgeFar${way}`, texts.actions.nudgeFar[way as keyof typeof ways], {
      keys: [`Shift+Arrow${way}`],
      isEnabled: hasItems,
      run: (e) => nudge(e, x * LONG_NUDGE, y * LONG_NUDGE),
    }),
  ]);
}

function openAddMenu(editor: Editor): void {
  const place = editor.canvas?.newPlace();
  if (place !== undefined) editor.view.setState({ addMenu: place });
}

function place(editor: Editor): { readonly x: number; readonly y: number } {
  return editor.canvas?.newPlace().position ?? { x: 0, y: 0 };
}

function selectAll(editor: Editor): void {
  const { nodes, layout } = editor.documents.document();
  // The document's own keys.
  editor.selection.select({
    nodes: Object.keys(nodes) as (keyof typeof nodes)[],
    frames: Object.keys(layout?.frames ?? {}),
    notes: Object.keys(layout?.notes ?? {}),
  });
}
