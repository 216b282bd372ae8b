import { createHmac } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { isIPv6 } from 'node:net';
import { hostname } from 'node:os';
import type { Duplex } from 'node:stream';
import { WebSocketServer } from 'ws';
import { fail, ok, type Result } from '../../nodes/problem.ts';
import type { HostService } from '../create-service.ts';
import type { ArtifactStore } from '../store/artifact-store.ts';
import { serveWebSocket } from '../transports/web-socket.ts';
import { type Access, createAccess } from './access.ts';
import { readEditorFile } from './editor-files.ts';
import { createLogins, type Logins } from './logins.ts';
import { makeSessionKey } from './session-key.ts';
import { explainWeakToken, makeToken } from './token.ts';

const MAX_MESSAGE_BYTES = 48 * 2 ** 20;
const MOST_CONNECTIONS = 64;

const NO_EDITOR = 'The host is running and answers on /socket, but the editor has not been built. Run npm run build:editor, then reload.';

/** How a server is set up. */
export interface ServeSettings {
  readonly host: string;
  /** 0: any free one. */
  readonly port: number;
  /** Left out: a random one of 192 bits. */
  readonly token?: string;
  /** What cookies are signed with; one that is kept lets windows in again after a restart. Left out: a random one. */
  readonly sessionKey?: Uint8Array;
  /** Where the built editor lies; left out: there is none. */
  readonly editorFolder?: string;
  onBug(error: unknown): void;
}

/** A server that listens. */
export interface RunningServer {
  readonly port: number;
  readonly token: string;
  /** Where a browser logs in: holds the token. */
  readonly address: string;
  /** An address that logs in once, soon: for the command line of a browser, which others on the machine may read. */
  makeLogin(): string;
  close(): Promise<void>;
}

/** Serves the contract over WebSocket and artifacts over HTTP, to those who know the token. */
export async function serve(service: HostService, settings: ServeSettings): Promise<Result<RunningServer>> {
  const token = settings.token ?? makeToken();
  const weakness = explainWeakToken(token);
  if (weakness !== undefined) return fail('contract.refused', weakness);
  const server = createServer({ maxHeaderSize: 16_384, requestTimeout: 30_000, headersTimeout: 10_000 });
  server.maxConnections = MOST_CONNECTIONS;
  const listening = await listen(server, settings);
  if (!listening.ok) return listening;
  const port = listening.value;
  // A token that was chosen is part of it: who chooses another logs out those who knew the old one.
  const base = settings.sessionKey ?? makeSessionKey();
  const key = createHmac('sha256', base)
    .update(settings.token ?? '')
    .digest();
  const access = createAccess({ token, key, host: settings.host, port, now: Date.now });
  const logins = createLogins(Date.now);
  const sockets = new WebSocketServer({ noServer: true, maxPayload: MAX_MESSAGE_BYTES, perMessageDeflate: false, clientTracking: true });

  server.on('request', (request, response) => {
    void answer(request, response, { access, logins, artifacts: service.artifacts, editorFolder: settings.editorFolder }).catch(
      (error: unknown) => {
        settings.onBug(error);
        response.destroy();
      },
    );
  });
  server.on('upgrade', (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    // From here on nobody else listens, and a client that is gone in the middle is no fault of ours.
    socket.on('error', () => socket.destroy());
    const { pathname } = readUrl(request);
    if (pathname !== '/socket' || access.explainRefusal(request) !== undefined || !access.isAuthorised(request)) {
      socket.end('HTTP/1.1 403 Forbidden\r\nConnection: close\r\n\r\n');
      return;
    }
    sockets.handleUpgrade(request, socket, head, (client) => {
      client.on('error', () => client.terminate());
      serveWebSocket(client, service, settings.onBug);
    });
  });

  return ok({
    port,
    token,
    address: `http://${reachableName(settings.host)}:${port}/?token=${token}`,
    makeLogin: () => `http://${reachableName(settings.host)}:${port}/?token=${logins.make()}`,
    async close() {
      for (const client of sockets.clients) client.terminate();
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  });
}

/** What other programs call the place: an address that means "all of them" is no name. */
function reachableName(host: string): string {
  if (host === '0.0.0.0' || host === '::') return hostname();
  return isIPv6(host) ? `[${host}]` : host;
}

function listen(server: Server, { host, port }: ServeSettings): Promise<Result<number>> {
  return new Promise((resolve) => {
    server.once('error', (error: NodeJS.ErrnoException) => {
      resolve(fail('contract.refused', `The server can't listen on ${host}, port ${port}: ${explainListenError(error)}.`));
    });
    server.listen({ port, host }, () => {
      const address = server.address();
      resolve(ok(typeof address === 'object' && address !== null ? address.port : port));
    });
  });
}

/** What requests are answered from. */
interface Answers {
  readonly access: Access;
  readonly logins: Logins;
  readonly artifacts: ArtifactStore;
  readonly editorFolder: string | undefined;
}

function explainListenError({ code, message }: NodeJS.ErrnoException): string {
  switch (code) {
    case 'EADDRINUSE':
      return 'the port is in use by another program. Choose another with --port';
    case 'EACCES':
      return 'the system does not let you use this port. Choose one above 1023 with --port';
    case 'EADDRNOTAVAIL':
    case 'ENOTFOUND':
      return 'this machine has no such address. Choose another with --host';
    default:
      return code ?? message;
  }
}

async function answer(
  request: IncomingMessage,
  response: ServerResponse,
  { access, logins, artifacts, editorFolder }: Answers,
): Promise<void> {
  response.setHeader('X-Content-Type-Options', 'nosniff');
  response.setHeader('Referrer-Policy', 'no-referrer');
  response.setHeader('Content-Security-Policy', "default-src 'none'; frame-ancestors 'none'");
  response.setHeader('Cross-Origin-Resource-Policy', 'same-origin');
  response.setHeader('Cache-Control', 'no-store');
  const refusal = access.explainRefusal(request);
  if (refusal !== undefined) return end(response, 403, `Refused: ${refusal}.`);
  if (request.method !== 'GET' && request.method !== 'HEAD') return end(response, 405, 'Only GET and HEAD are answered here.');
  const { pathname, searchParams } = readUrl(request);
  const shown = searchParams.get('token');
  if (pathname === '/' && shown !== null && (access.isToken(shown) || logins.take(shown))) {
    response.setHeader('Set-Cookie', access.makeCookie());
    response.setHeader('Location', '/');
    return end(response, 303, 'Welcome.');
  }
  if (!access.isAuthorised(request)) return end(response, 401, 'Open the address that emulsion serve has printed; it holds the token.');
  const file = editorFolder === undefined ? undefined : await readEditorFile(editorFolder, pathname);
  if (file !== undefined) {
    for (const [name, value] of Object.entries(file.headers)) response.setHeader(name, value);
    response.end(file.body);
    return;
  }
  if (pathname === '/') return end(response, 503, NO_EDITOR);
  const id = /^\/artifact\/([\w-]{1,100})$/.exec(pathname)?.[1];
  if (id === undefined) return end(response, 404, 'There is nothing here.');
  const read = await artifacts.read(id);
  if (!read.ok) return end(response, 404, read.problem.message);
  response.setHeader('Content-Type', read.value.mime);
  response.setHeader('Content-Disposition', `inline; filename*=UTF-8''${encodeURIComponent(read.value.name)}`);
  response.end(read.value.bytes);
}

function end(response: ServerResponse, status: number, sentence: string): void {
  response.statusCode = status;
  response.setHeader('Content-Type', 'text/plain; charset=utf-8');
  response.end(`${sentence}\n`);
}

/** The path and query of a request; one that can't be read leads nowhere. */
function readUrl(request: IncomingMessage): { readonly pathname: string; readonly searchParams: URLSearchParams } {
  try {
    return new URL(request.url ?? '', 'http://host.invalid');
  } catch {
    return { pathname: '', searchParams: new URLSearchParams() };
  }
}
