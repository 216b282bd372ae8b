import { type BrowserWindow, dialog, shell, type WebContents } from 'electron';
import { isEditorAddress } from './editor-protocol.ts';
import { texts } from './texts.ts';

/** Keeps a window's contents where they are: it shows the editor, opens no windows and holds no other pages. */
export function guardContents(contents: WebContents, window: BrowserWindow): void {
  const stay = (event: { preventDefault(): void }, address: string): void => {
    if (!isEditorAddress(address)) event.preventDefault();
  };
  contents.on('will-navigate', (event) => stay(event, event.url));
  contents.on('will-frame-navigate', (event) => stay(event, event.url));
  contents.on('will-redirect', (event) => stay(event, event.url));
  contents.on('will-attach-webview', (event) => event.preventDefault());
  contents.setWindowOpenHandler(({ url }) => {
    void offerLink(url, window);
    return { action: 'deny' };
  });
}

/** A link in a note or a description opens in the person's browser, if the person says so: a graph may come from anybody. */
async function offerLink(address: string, window: BrowserWindow): Promise<void> {
  if (!URL.canParse(address)) return;
  const { protocol, host, href, username } = new URL(address);
  if (protocol !== 'https:' || username !== '') return;
  const { link } = texts;
  const { response } = await dialog.showMessageBox(window, {
    type: 'question',
    message: link.ask(host),
    detail: `${link.warn}\n${href.slice(0, 300)}`,
    buttons: [link.open, link.cancel],
    defaultId: 1,
    cancelId: 1,
    noLink: true,
  });
  if (response === 0) await shell.openExternal(href);
}
