import { X } from 'lucide-react';
import { Dialog } from 'radix-ui';
import type { ReactNode } from 'react';
import { documentTexts as texts } from '../texts/document-texts.ts';

/** A dialog with its title and a way to close it. */
export function DialogFrame({
  title,
  message,
  className = '',
  close,
  children,
}: {
  readonly title: string;
  readonly message?: string;
  readonly className?: string;
  readonly children: ReactNode;
  close(): void;
}) {
  return (
    <Dialog.Root open onOpenChange={(isOpen) => isOpen || close()}>
      <Dialog.Portal>
        <Dialog.Overlay className="dialog-shade" />
        <Dialog.Content className={`dialog ${className}`} {...(message === undefined ? { 'aria-describedby': undefined } : {})}>
          <header className="dialog-head">
            <Dialog.Title className="dialog-title">{title}</Dialog.Title>
            <Dialog.Close className="icon-button" aria-label={texts.dialog.close} title={texts.dialog.close}>
              <X aria-hidden="true" />
            </Dialog.Close>
          </header>
          {message === undefined ? null : <Dialog.Description className="dialog-message">{message}</Dialog.Description>}
          {children}
        </Dialog.Content>
      </Dialog.Portal>
    </Dialog.Root>
  );
}
