import '@fontsource-variable/inter/wght.css';
import './styles/tokens.css';
import './styles/shell.css';
import './styles/controls.css';
import './styles/canvas.css';
import './styles/panels.css';
import './styles/menus.css';
import './styles/dialogs.css';
import './documents/documents.css';
import './start/start-page.css';
import './queue/queue-panel.css';
import './gallery/gallery-panel.css';
import './draw/draw.css';
import { setNonce } from 'get-nonce';
import { createRoot } from 'react-dom/client';
import { z } from 'zod';
import { App } from './app.tsx';
import { startWorkspace } from './documents/start-workspace.ts';
import { openWindowMemory } from './documents/window-memory.ts';
import { createEditor } from './editor.ts';
import { keepSeeds } from './store/keep-seeds.ts';
import { keepView } from './store/keep-view.ts';
import { connectHost } from './transport/connect-host.ts';
import { createReconnectingClient } from './transport/reconnecting-client.ts';

// Without this zod tries to compile its checks, which the page's policy rightly reports.
z.config({ jitless: true });

// Dialogs lock scrolling with a style element; the policy admits those that carry the page's own nonce.
const nonce = document.querySelector<HTMLScriptElement>('script[nonce]')?.nonce;
if (nonce) setNonce(nonce);

const editor = createEditor(
  createReconnectingClient(() => connectHost(window.location)),
  requestAnimationFrame.bind(window),
  window.innerWidth,
);
keepView(editor.view, window.localStorage);
keepSeeds(editor.usedSeeds, window.localStorage);
const root = document.getElementById('root');
if (root === null) throw new Error('the page has no root element');
createRoot(root).render(<App editor={editor} />);

void Promise.all([openWindowMemory(), editor.host.ready]).then(([memory]) => startWorkspace(editor, memory));

// Steps that follow each other quickly wait for the answer to the first, which this page may not live to see.
window.addEventListener('pagehide', () => {
  for (const { session } of editor.workspace.state.getState().tabs) session.leave();
});

// What the host refuses to keep would be lost with the page.
window.addEventListener('beforeunload', (event) => {
  if (editor.workspace.state.getState().tabs.some(({ session }) => session.state.getState().safety === 'refused')) event.preventDefault();
});
