import { randomBytes } from 'node:crypto';
import type { Protocol } from 'electron';
import { readEditorFile } from '../host/server/editor-files.ts';
import type { ArtifactStore } from '../host/store/artifact-store.ts';
import { CRASH_PATH, renderCrashPage } from './crash-page.ts';

const SCHEME = 'emulsion';
const EDITOR_HOST = 'editor';

/** Where the editor lies: the one address that windows show. */
export const EDITOR_ADDRESS = `${SCHEME}://${EDITOR_HOST}/`;

const NO_EDITOR = 'The editor has not been built. Run npm run build:editor, then start again.\n';

/** Makes the scheme one with an origin, before the program is ready; afterwards is too late. */
export function registerEditorScheme(protocol: Protocol): void {
  protocol.registerSchemesAsPrivileged([
    { scheme: SCHEME, privileges: { standard: true, secure: true, supportFetchAPI: true, stream: true, codeCache: true } },
  ]);
}

/** True for addresses that belong to the editor. */
export function isEditorAddress(address: string): boolean {
  return URL.canParse(address) && new URL(address).href.startsWith(EDITOR_ADDRESS);
}

/** What the editor's addresses are answered from. */
export interface EditorSources {
  readonly editorFolder: string;
  readonly artifacts: ArtifactStore;
}

/** Answers `emulsion://editor/…`: the built editor, and artifacts by ids that can't be guessed. */
export function serveEditor(protocol: Protocol, sources: EditorSources): void {
  protocol.handle(SCHEME, (request) => answerEditorRequest(request, sources));
}

/** The answer to one request. */
export async function answerEditorRequest(request: Request, { editorFolder, artifacts }: EditorSources): Promise<Response> {
  const { host, pathname, searchParams } = new URL(request.url);
  if (host !== EDITOR_HOST) return answer(404, 'There is nothing here.\n');
  if (request.method !== 'GET' && request.method !== 'HEAD') return answer(405, 'Only GET and HEAD are answered here.\n');
  if (pathname === CRASH_PATH) {
    const nonce = randomBytes(18).toString('base64url');
    return answer(200, renderCrashPage(searchParams.get('why'), nonce), {
      'Content-Type': 'text/html; charset=utf-8',
      'Content-Security-Policy': `default-src 'none'; style-src 'nonce-${nonce}'; base-uri 'none'; form-action 'none'`,
    });
  }
  const file = await readEditorFile(editorFolder, pathname);
  if (file !== undefined) return answer(200, file.body, file.headers);
  if (pathname === '/') return answer(503, NO_EDITOR);
  const id = /^\/artifact\/([\w-]{1,100})$/.exec(pathname)?.[1];
  if (id === undefined) return answer(404, 'There is nothing here.\n');
  const read = await artifacts.read(id);
  if (!read.ok) return answer(404, `${read.problem.message}\n`);
  const { mime, name, bytes } = read.value;
  return answer(200, bytes, { 'Content-Type': mime, 'Content-Disposition': `inline; filename*=UTF-8''${encodeURIComponent(name)}` });
}

function answer(status: number, body: string | Uint8Array, headers: Readonly<Record<string, string>> = {}): Response {
  // A Response wants bytes in memory that is not shared, which is what files are read into.
  return new Response(typeof body === 'string' ? body : new Uint8Array(body), {
    status,
    headers: {
      'Content-Type': 'text/plain; charset=utf-8',
      'Content-Security-Policy': "default-src 'none'",
      'X-Content-Type-Options': 'nosniff',
      'Referrer-Policy': 'no-referrer',
      'Cache-Control': 'no-store',
      ...headers,
    },
  });
}
