import { EventEmitter } from 'node:events';
import { WebSocket } from 'ws';

type Params = Readonly<Record<string, unknown>>;
type Answer = Record<string, never>;

/** One target's side of a DevTools connection: commands, and events by their names. */
export class CdpSession extends EventEmitter {
  readonly #connection: CdpConnection;
  readonly #id: string | undefined;

  constructor(connection: CdpConnection, id: string | undefined) {
    super();
    this.setMaxListeners(0);
    this.#connection = connection;
    this.#id = id;
  }

  /** Sends a command. The protocol gives the answer's shape. */
  send<T = Answer>(method: string, params: Params = {}): Promise<T> {
    return this.#connection.send(method, params, this.#id) as Promise<T>;
  }
}

/** A DevTools connection to a browser. */
export class CdpConnection {
  readonly browser = new CdpSession(this, undefined);
  readonly #socket: WebSocket;
  readonly #waiting = new Map<number, { method: string; resolve: (value: unknown) => void; reject: (error: Error) => void }>();
  readonly #sessions = new Map<string, CdpSession>();
  #lastId = 0;

  private constructor(socket: WebSocket) {
    this.#socket = socket;
    socket.on('message', (data) => {
      const message: { id?: number; sessionId?: string; method?: string; params?: unknown; result?: unknown; error?: { message: string } } =
        JSON.parse(String(data));
      if (message.id !== undefined) {
        const call = this.#waiting.get(message.id);
        this.#waiting.delete(message.id);
        if (message.error === undefined) call?.resolve(message.result);
        else call?.reject(new Error(`${call.method}: ${message.error.message}`));
        return;
      }
      const session = message.sessionId === undefined ? this.browser : this.#sessions.get(message.sessionId);
      if (message.method !== undefined) session?.emit(message.method, message.params);
    });
    socket.on('close', () => {
      for (const { method, reject } of this.#waiting.values()) reject(new Error(`${method}: the browser has gone`));
      this.#waiting.clear();
    });
  }

  static connect(address: string): Promise<CdpConnection> {
    return new Promise((resolve, reject) => {
      const socket = new WebSocket(address, { maxPayload: 2 ** 30, perMessageDeflate: false });
      socket.once('error', reject);
      socket.once('open', () => resolve(new CdpConnection(socket)));
    });
  }

  send(method: string, params: Params, sessionId: string | undefined): Promise<unknown> {
    this.#lastId += 1;
    const id = this.#lastId;
    return new Promise((resolve, reject) => {
      // A socket that is closed takes what is sent and says nothing.
      if (this.#socket.readyState !== WebSocket.OPEN) {
        reject(new Error(`${method}: the browser has gone`));
        return;
      }
      this.#waiting.set(id, { method, resolve, reject });
      this.#socket.send(JSON.stringify({ id, method, params, sessionId }));
    });
  }

  /** A session with a target of its own. */
  async attach(targetId: string): Promise<CdpSession> {
    const { sessionId } = await this.browser.send<{ sessionId: string }>('Target.attachToTarget', { targetId, flatten: true });
    const session = new CdpSession(this, sessionId);
    this.#sessions.set(sessionId, session);
    return session;
  }

  close(): void {
    this.#socket.close();
  }
}
