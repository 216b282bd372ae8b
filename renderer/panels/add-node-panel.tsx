import { Search } from 'lucide-react';
import { useMemo, useState } from 'react';
import { addNodeAt } from '../operations/add-node.ts';
import { groupByCategory } from '../palette/add-menu.tsx';
import { createNodeSearch } from '../palette/search-nodes.ts';
import { texts } from '../texts.ts';
import { useEditor, useHost } from '../use-editor.ts';
import { NODE_MIME } from './node-mime.ts';

/** All nodes by category: pressed to add one in the middle of the canvas, or dragged there. */
export function AddNodePanel() {
  const editor = useEditor();
  const schemas = useHost((host) => host.schemas);
  const search = useMemo(() => createNodeSearch(schemas), [schemas]);
  const [query, setQuery] = useState('');
  const found = search.find(query);
  return (
    <nav className="panel-scroll" aria-label={texts.addPanel.name}>
      <div className="search-box">
        <Search aria-hidden="true" />
        <input
          type="search"
          aria-label={texts.addPanel.search}
          placeholder={texts.addPanel.search}
          value={query}
          onChange={(event) => setQuery(event.target.value)}
        />
      </div>
      {found.length === 0 ? <p className="empty">{texts.addMenu.nothing}</p> : null}
      {groupByCategory(found).map(([category, those]) => (
        <section key={category} className="node-group">
          <h2>{category}</h2>
          <ul>
            {those.map((schema) => (
              <li key={schema.id}>
                <button
                  type="button"
                  title={schema.summary}
                  draggable
                  onDragStart={(event) => {
                    event.dataTransfer.setData(NODE_MIME, schema.id);
                    event.dataTransfer.effectAllowed = 'copy';
                  }}
                  onClick={() => {
                    const place = editor.canvas?.newPlace();
                    if (place !== undefined) addNodeAt(editor, schema.id, place.position);
                  }}
                >
                  <span
                    className="kind-dot"
                    data-kind={Object.values(schema.outputs)[0]?.type ?? Object.values(schema.inputs)[0]?.type ?? 'any'}
                    aria-hidden="true"
                  />
                  {schema.title}
                </button>
              </li>
            ))}
          </ul>
        </section>
      ))}
    </nav>
  );
}
