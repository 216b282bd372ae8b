import type { Session } from 'electron';
import { isEditorAddress } from './editor-protocol.ts';

/** All that the editor needs: copying and pasting graphs. */
const ALLOWED_PERMISSIONS: ReadonlySet<string> = new Set(['clipboard-read', 'clipboard-sanitized-write']);

/** What requests of a window may go to. Nothing of it leaves the machine. */
const LOCAL = /^(?:emulsion|blob|data|devtools):/;

/** Refuses every permission but the clipboard, every device, and every request that is not to the program itself. */
export function guardSession(session: Session): void {
  session.setPermissionRequestHandler((_contents, permission, answer, details) => {
    answer(ALLOWED_PERMISSIONS.has(permission) && details.isMainFrame && isEditorAddress(details.requestingUrl));
  });
  session.setPermissionCheckHandler(
    (_contents, permission, origin) => ALLOWED_PERMISSIONS.has(permission) && isEditorAddress(`${origin.replace(/\/$/, '')}/`),
  );
  session.setDevicePermissionHandler(() => false);
  session.webRequest.onBeforeRequest((details, answer) => answer({ cancel: !LOCAL.test(details.url) }));
}
