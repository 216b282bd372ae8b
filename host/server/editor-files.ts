import { randomBytes } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { extname, join } from 'node:path';

const MIME: Readonly<Record<string, string>> = {
  '.css': 'text/css; charset=utf-8',
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.png': 'image/png',
  '.svg': 'image/svg+xml',
  '.woff2': 'font/woff2',
};

/** A file of the built editor, with the headers it is sent with. */
export interface EditorFile {
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer | string;
}

/** Stands in the built page where each answer's own nonce goes. */
export const NONCE_PLACEHOLDER = 'EMULSION-NONCE';

/** What the page may load: itself only. Style elements that menus and dialogs add carry the nonce of this answer. */
export function editorPolicy(nonce: string): string {
  return [
    "default-src 'none'",
    "script-src 'self'",
    `style-src 'self' 'nonce-${nonce}'`,
    "img-src 'self' blob: data:",
    "font-src 'self'",
    "connect-src 'self'",
    "worker-src 'self'",
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ].join('; ');
}

/** The file of the built editor that a path asks for; undefined when there is none. `/` is the page. */
export async function readEditorFile(folder: string, pathname: string): Promise<EditorFile | undefined> {
  const name = pathname === '/' ? 'index.html' : /^\/(assets\/[\w.-]+|[\w-]+\.(?:svg|png))$/.exec(pathname)?.[1];
  if (name === undefined || name.includes('..')) return undefined;
  const body = await readFile(join(folder, name)).catch(() => undefined);
  if (body === undefined) return undefined;
  const type = { 'Content-Type': MIME[extname(name)] ?? 'application/octet-stream' };
  // Names of assets hold a hash of what is in them.
  if (name !== 'index.html') return { headers: { ...type, 'Cache-Control': 'private, max-age=31536000, immutable' }, body };
  const nonce = randomBytes(18).toString('base64url');
  return {
    headers: { ...type, 'Content-Security-Policy': editorPolicy(nonce) },
    body: body.toString('utf8').replaceAll(NONCE_PLACEHOLDER, nonce),
  };
}
