import { Command } from 'cmdk';
import { useEffect, useMemo, useRef, useState } from 'react';
import type { NodeSchema } from '../../host/describe-node.ts';
import { addNodeAt } from '../operations/add-node.ts';
import { registryOf } from '../operations/carry-out.ts';
import type { AddMenu } from '../store/view-store.ts';
import { texts } from '../texts.ts';
import { useEditor, useHost, useInference, useView } from '../use-editor.ts';
import { firstFit } from '../wiring/judge-wire.ts';
import { createNodeSearch } from './search-nodes.ts';

const WIDTH = 320;
const HEIGHT = 380;

/** The menu that adds a node where it was called for. */
export function AddNodeMenu() {
  const menu = useView((view) => view.addMenu);
  return menu === undefined ? null : <OpenMenu key={`${menu.at.x} ${menu.at.y}`} menu={menu} />;
}

function OpenMenu({ menu }: { readonly menu: AddMenu }) {
  const editor = useEditor();
  const schemas = useHost((host) => host.schemas);
  const inference = useInference((state) => state);
  const [query, setQuery] = useState('');
  const root = useRef<HTMLDivElement>(null);
  const fitting = useMemo(() => {
    if (menu.fitting === undefined) return schemas;
    const end = menu.fitting;
    const registry = registryOf(editor);
    return schemas.filter(({ id }) => {
      const definition = registry.get(id);
      return definition !== undefined && firstFit(editor.documents.document(), registry, inference, end, definition) !== undefined;
    });
  }, [editor, inference, menu, schemas]);
  const search = useMemo(() => createNodeSearch(fitting), [fitting]);
  const found = search.find(query);
  const close = (): void => editor.view.setState({ addMenu: undefined });
  const choose = (type: string): void => {
    close();
    const added = addNodeAt(editor, type, menu.position, menu.fitting);
    if (added !== undefined) requestAnimationFrame(() => editor.canvas?.focusNode(added));
  };

  useEffect(() => {
    const onPointerDown = (event: PointerEvent): void => {
      if (event.target instanceof Node && root.current?.contains(event.target)) return;
      editor.view.setState({ addMenu: undefined });
    };
    window.addEventListener('pointerdown', onPointerDown, true);
    return () => window.removeEventListener('pointerdown', onPointerDown, true);
  }, [editor]);

  const left = Math.max(8, Math.min(menu.at.x, window.innerWidth - WIDTH - 8));
  const top = Math.max(8, Math.min(menu.at.y, window.innerHeight - HEIGHT - 8));
  return (
    <div ref={root} className="add-menu" style={{ left, top, width: WIDTH }} role="dialog" aria-label={texts.addMenu.name}>
      <Command
        label={texts.addMenu.name}
        shouldFilter={false}
        loop
        onKeyDown={(event) => {
          if (event.key === 'Escape' || event.key === 'Tab') {
            event.preventDefault();
            close();
          }
        }}
      >
        <Command.Input
          autoFocus
          value={query}
          onValueChange={setQuery}
          placeholder={menu.fitting ? texts.addMenu.searchFitting : texts.addMenu.search}
        />
        <Command.List style={{ maxHeight: HEIGHT - 48 }}>
          <Command.Empty>{texts.addMenu.nothing}</Command.Empty>
          {query === ''
            ? groupByCategory(found).map(([category, those]) => (
                <Command.Group key={category} heading={category}>
                  {those.map((schema) => (
                    <Item key={schema.id} schema={schema} choose={choose} />
                  ))}
                </Command.Group>
              ))
            : found.map((schema) => <Item key={schema.id} schema={schema} choose={choose} hint={schema.category} />)}
        </Command.List>
      </Command>
    </div>
  );
}

function Item({ schema, choose, hint }: { readonly schema: NodeSchema; readonly hint?: string; choose(type: string): void }) {
  const kind = Object.values(schema.outputs)[0]?.type ?? Object.values(schema.inputs)[0]?.type ?? 'any';
  return (
    <Command.Item value={schema.id} onSelect={() => choose(schema.id)} title={schema.summary}>
      <span className="kind-dot" data-kind={kind} aria-hidden="true" />
      <span className="item-title">{schema.title}</span>
      <span className="item-hint">{hint ?? schema.summary}</span>
    </Command.Item>
  );
}

/** Schemas by category, both in the order in which the host gives them. */
export function groupByCategory(schemas: readonly NodeSchema[]): [string, NodeSchema[]][] {
  const groups = new Map<string, NodeSchema[]>();
  for (const schema of schemas) {
    const those = groups.get(schema.category);
    if (those === undefined) groups.set(schema.category, [schema]);
    else those.push(schema);
  }
  return [...groups];
}
