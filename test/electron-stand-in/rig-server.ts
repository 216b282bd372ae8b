import { randomBytes } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { type WebSocket, WebSocketServer } from 'ws';

type Handler = (request: Request) => Response | Promise<Response>;

/** Answers for custom schemes, connects pages with the main process, and takes what a second instance hands over. */
export interface RigServer {
  readonly port: number;
  readonly secret: string;
  readonly schemes: Map<string, Handler>;
  /** Paths of files that tests drop, by name and size. */
  readonly droppable: Map<string, string>;
  onSocket: (contents: number, socket: WebSocket, url: string) => void;
  onSecondInstance: (data: unknown) => void;
  /** `emulsion://editor/a` as a page has it. */
  toPage(address: string): string;
  /** The address a page has, as the program knows it. */
  toProgram(address: string): string;
}

/** A server on loopback, for the life of this process. */
export async function startRigServer(): Promise<RigServer> {
  const secret = randomBytes(16).toString('hex');
  const schemes = new Map<string, Handler>();
  const droppable = new Map<string, string>();
  const server = createServer((request, response) => {
    void answer(request, response).catch((error: unknown) => {
      response.statusCode = 500;
      response.end(String(error));
    });
  });
  const sockets = new WebSocketServer({ noServer: true, perMessageDeflate: false, maxPayload: 2 ** 30 });
  server.on('upgrade', (request, socket, head) => {
    const { pathname, searchParams } = new URL(request.url ?? '', 'http://rig');
    if (pathname !== '/stand-in/socket' || searchParams.get('secret') !== secret) return socket.destroy();
    sockets.handleUpgrade(request, socket, head, (client) =>
      rig.onSocket(Number(searchParams.get('contents')), client, searchParams.get('url') ?? ''),
    );
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  server.unref();
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { pathname, searchParams } = new URL(request.url ?? '', 'http://rig');
    if (pathname.startsWith('/stand-in/')) {
      if (searchParams.get('secret') !== secret) return void response.writeHead(403).end();
      if (pathname === '/stand-in/path')
        return void response.end(droppable.get(`${searchParams.get('name')} ${searchParams.get('size')}`) ?? '');
      if (pathname === '/stand-in/second-instance') {
        rig.onSecondInstance(JSON.parse(await readText(request)));
        return void response.end();
      }
    }
    const [, host, scheme = ''] = /^(.*)\.([a-z0-9+-]+)\.localhost(?::\d+)?$/.exec(request.headers.host ?? '') ?? [];
    const handler = schemes.get(scheme);
    if (handler === undefined) return void response.writeHead(404).end();
    const headers = Object.entries(request.headers).filter(
      (pair): pair is [string, string] => typeof pair[1] === 'string' && pair[0] !== 'host',
    );
    const given = await handler(
      new Request(`${scheme}://${host}${request.url}`, {
        method: request.method ?? 'GET',
        headers: headers.filter(([name]) => name !== 'connection'),
      }),
    );
    response.writeHead(given.status, [...given.headers].flat());
    response.end(Buffer.from(await given.arrayBuffer()));
  }

  const rig: RigServer = {
    port,
    secret,
    schemes,
    droppable,
    onSocket: () => undefined,
    onSecondInstance: () => undefined,
    toPage(wanted) {
      const [, scheme = '', host, rest] = /^([a-z0-9+-]+):\/\/([^/]*)(.*)$/.exec(wanted) ?? [];
      return schemes.has(scheme) ? `http://${host}.${scheme}.localhost:${port}${rest}` : wanted;
    },
    toProgram: (shown) => shown.replace(/^http:\/\/([^/]+)\.([a-z0-9+-]+)\.localhost:\d+/, '$2://$1'),
  };
  return rig;
}

async function readText(request: IncomingMessage): Promise<string> {
  const parts: Buffer[] = [];
  for await (const part of request) parts.push(part as Buffer); // a request without an encoding gives these
  return Buffer.concat(parts).toString('utf8');
}
