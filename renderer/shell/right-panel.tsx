import { Tabs } from 'radix-ui';
import { GalleryPanel } from '../gallery/gallery-panel.tsx';
import { InspectorPanel } from '../panels/inspector-panel.tsx';
import { OutlinePanel } from '../panels/outline-panel.tsx';
import { QueuePanel } from '../queue/queue-panel.tsx';
import { RIGHT_TABS, type RightTab } from '../store/view-store.ts';
import { texts } from '../texts.ts';
import { useEditor, useView } from '../use-editor.ts';

const PANELS: Readonly<Record<RightTab, () => React.ReactNode>> = {
  inspector: InspectorPanel,
  outline: OutlinePanel,
  queue: QueuePanel,
  gallery: GalleryPanel,
};

/** The panel at the right with its tabs. */
export function RightPanel() {
  const editor = useEditor();
  const tab = useView((view) => view.rightTab);
  return (
    <Tabs.Root asChild value={tab} onValueChange={(value) => editor.view.setState({ rightTab: value as RightTab })}>
      <aside className="side-panel is-right" aria-label={texts.actions.rightPanel}>
        <Tabs.List className="tabs" aria-label={texts.actions.rightPanel}>
          {RIGHT_TABS.map((name) => (
            <Tabs.Trigger key={name} value={name} className="tab">
              {texts.tabs[name]}
            </Tabs.Trigger>
          ))}
        </Tabs.List>
        {RIGHT_TABS.map((name) => {
          const Panel = PANELS[name];
          return (
            <Tabs.Content key={name} value={name} className="tab-content">
              <Panel />
            </Tabs.Content>
          );
        })}
      </aside>
    </Tabs.Root>
  );
}
