import { Command } from 'cmdk';
import { Check } from 'lucide-react';
import { Dialog } from 'radix-ui';
import { nodeEntries } from '../../graphs/document.ts';
import { ACTION_GROUPS } from '../actions/action.ts';
import { useActions } from '../actions/actions-context.ts';
import { isMac, showKeys } from '../actions/keys.ts';
import { addNodeAt } from '../operations/add-node.ts';
import { titleOf } from '../operations/node-title.ts';
import { texts } from '../texts.ts';
import { useEditor, useHost, useView } from '../use-editor.ts';

/** Every action with its shortcut, every node to add, and every node to go to. */
export function CommandPalette() {
  const editor = useEditor();
  const isOpen = useView((view) => view.paletteOpen);
  const setOpen = (paletteOpen: boolean): void => editor.view.setState({ paletteOpen });
  return (
    <Dialog.Root open={isOpen} onOpenChange={setOpen}>
      <Dialog.Portal>
        <Dialog.Overlay className="palette-overlay" />
        <Dialog.Content className="palette" aria-describedby={undefined}>
          <Dialog.Title className="sr-only">{texts.palette.name}</Dialog.Title>
          <Commands close={() => setOpen(false)} />
        </Dialog.Content>
      </Dialog.Portal>
    </Dialog.Root>
  );
}

function Commands({ close }: { close(): void }) {
  const editor = useEditor();
  const actions = useActions();
  const schemas = useHost((host) => host.schemas);
  const mac = isMac(navigator.platform);
  const perform = (act: () => unknown) => (): void => {
    close();
    // After the dialog has given the focus back.
    requestAnimationFrame(() => void act());
  };
  return (
    <Command label={texts.palette.name} loop>
      <Command.Input autoFocus placeholder={texts.palette.search} />
      <Command.List>
        <Command.Empty>{texts.palette.nothing}</Command.Empty>
        {ACTION_GROUPS.map((group) => (
          <Command.Group key={group} heading={texts.palette.groups[group]}>
            {actions
              .filter((action) => action.group === group)
              .map((action) => (
                <Command.Item
                  key={action.id}
                  value={`${action.title} ${action.id}`}
                  disabled={action.isEnabled?.(editor) === false}
                  onSelect={perform(() => action.run(editor))}
                >
                  <span className="item-title">{action.title}</span>
                  {action.isOn?.(editor) ? <Check className="item-check" aria-label={texts.palette.on} /> : null}
                  {action.keys?.[0] === undefined ? null : <kbd>{showKeys(action.keys[0], mac)}</kbd>}
                </Command.Item>
              ))}
          </Command.Group>
        ))}
        <Command.Group heading={texts.palette.groups.add}>
          {schemas.map((schema) => (
            <Command.Item
              key={schema.id}
              value={`${texts.palette.add(schema.title)} ${schema.id}`}
              keywords={[schema.category, schema.summary]}
              onSelect={perform(() => addNodeAt(editor, schema.id, editor.canvas?.newPlace().position ?? { x: 0, y: 0 }))}
            >
              <span className="item-title">{texts.palette.add(schema.title)}</span>
              <span className="item-hint">{schema.category}</span>
            </Command.Item>
          ))}
        </Command.Group>
        <Command.Group heading={texts.palette.groups.goTo}>
          {nodeEntries(editor.documents.document()).map(([id]) => (
            <Command.Item
              key={id}
              value={`${texts.palette.goTo(titleOf(editor, id))} ${id}`}
              onSelect={perform(() => {
                editor.selection.select({ nodes: [id] });
                editor.canvas?.fit([id]);
                requestAnimationFrame(() => editor.canvas?.focusNode(id));
              })}
            >
              <span className="item-title">{texts.palette.goTo(titleOf(editor, id))}</span>
              <span className="item-hint">{id}</span>
            </Command.Item>
          ))}
        </Command.Group>
      </Command.List>
    </Command>
  );
}
