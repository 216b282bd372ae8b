import { ContextMenu } from 'radix-ui';
import { type ReactNode, useState } from 'react';
import { useActions } from '../actions/actions-context.ts';
import { isMac, showKeys } from '../actions/keys.ts';
import { useEditor } from '../use-editor.ts';
import { nodeOf, readCanvasId } from './canvas-id.ts';

/** What is offered on what was pressed; a list is a group. */
const MENUS = {
  node: [
    ['run.selection'],
    ['edit.cut', 'edit.copy', 'edit.duplicate', 'edit.delete'],
    ['node.rename', 'node.bypass', 'node.mute', 'node.collapse', 'node.frame'],
    ['view.zoomSelection'],
  ],
  item: [['edit.delete'], ['view.fit']],
  pane: [
    ['node.add', 'node.note', 'node.frame'],
    ['edit.paste', 'edit.selectAll'],
    ['arrange.auto', 'view.fit', 'view.snap', 'view.minimap'],
  ],
} as const;

/** The menu of the right mouse button, or the menu key, over the canvas. */
export function CanvasMenu({ children }: { readonly children: ReactNode }) {
  const editor = useEditor();
  const actions = useActions();
  const [menu, setMenu] = useState<keyof typeof MENUS>('pane');
  const mac = isMac(navigator.platform);

  /** What was pressed becomes the selection, unless it is part of it already. */
  const take = (target: Element): void => {
    const element = target.closest<HTMLElement>('.react-flow__node, .react-flow__edge');
    const id = element?.dataset['id'];
    if (id === undefined || element === null) {
      setMenu('pane');
      return;
    }
    const selection = editor.selection.state.getState();
    if (element.classList.contains('react-flow__edge')) {
      editor.selection.select({ edges: [id as keyof ReturnType<typeof editor.documents.document>['edges']] }); // wires keep their ids on the canvas
      setMenu('item');
      return;
    }
    const item = readCanvasId(id);
    setMenu(item.kind === 'node' ? 'node' : 'item');
    if (item.kind === 'node' && !selection.nodes.has(nodeOf(id))) editor.selection.select({ nodes: [nodeOf(id)] });
    if (item.kind === 'frame' && !selection.frames.has(item.id)) editor.selection.select({ frames: [item.id] });
    if (item.kind === 'note' && !selection.notes.has(item.id)) editor.selection.select({ notes: [item.id] });
  };
  return (
    <ContextMenu.Root modal={false}>
      <ContextMenu.Trigger
        asChild
        onContextMenuCapture={(event) => {
          if (event.target instanceof Element) take(event.target);
        }}
      >
        {children}
      </ContextMenu.Trigger>
      <ContextMenu.Portal>
        <ContextMenu.Content className="menu" onCloseAutoFocus={(event) => event.preventDefault()}>
          {MENUS[menu].map((group, at) => (
            <ContextMenu.Group key={group[0]} className="menu-group" data-first={at === 0 ? '' : undefined}>
              {group.map((id) => {
                const action = actions.find((one) => one.id === id);
                if (action === undefined) return null;
                const [keys] = action.keys ?? [];
                return (
                  <ContextMenu.Item
                    key={id}
                    className="menu-item"
                    disabled={action.isEnabled?.(editor) === false}
                    onSelect={() => void action.run(editor)}
                  >
                    <span className="item-title">{action.title}</span>
                    {keys === undefined ? null : <kbd>{showKeys(keys, mac)}</kbd>}
                  </ContextMenu.Item>
                );
              })}
            </ContextMenu.Group>
          ))}
        </ContextMenu.Content>
      </ContextMenu.Portal>
    </ContextMenu.Root>
  );
}
