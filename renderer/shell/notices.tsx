import { X } from 'lucide-react';
import { Toast } from 'radix-ui';
import { useStore } from 'zustand';
import { texts } from '../texts.ts';
import { useEditor } from '../use-editor.ts';

const SHOWN_MS = 7000;

/** Sentences that come up for a while. */
export function Notices() {
  const { notices } = useEditor();
  const shown = useStore(notices.state, (state) => state);
  return (
    <Toast.Provider label={texts.notices.name} duration={SHOWN_MS} swipeDirection="right">
      {shown.map(({ id, message, tone }) => (
        <Toast.Root key={id} className="notice" data-tone={tone} onOpenChange={(isOpen) => isOpen || notices.dismiss(id)}>
          <Toast.Description>{message}</Toast.Description>
          <Toast.Close className="icon-button is-small" aria-label={texts.notices.dismiss}>
            <X aria-hidden="true" />
          </Toast.Close>
        </Toast.Root>
      ))}
      <Toast.Viewport className="notices" />
    </Toast.Provider>
  );
}
