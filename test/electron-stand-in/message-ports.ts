import { EventEmitter } from 'node:events';
import { decodeClone, encodeClone } from './clone-codec.ts';

/** Where a port's messages go once its other end is in a page. */
export interface PortWire {
  send(data: unknown): void;
  close(): void;
}

/** Electron's port in the main process: messages are clones, `message` events hold `data`, nothing comes before `start`. */
export class MessagePortMain extends EventEmitter {
  peer: MessagePortMain | undefined;
  #wire: PortWire | undefined;
  readonly #early: unknown[] = [];
  #isStarted = false;
  #isClosed = false;

  postMessage(message: unknown, transfer: readonly unknown[] = []): void {
    if (transfer.length > 0)
      throw new Error('stand-in: ports within ports are not modelled, and Electron drops messages that transfer bytes');
    if (this.#isClosed) return;
    const copy = decodeClone(encodeClone(message));
    const { peer } = this;
    setImmediate(() => peer?.deliver(copy));
  }

  start(): void {
    this.#isStarted = true;
    for (const data of this.#early.splice(0)) setImmediate(() => this.deliver(data));
  }

  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    const { peer } = this;
    setImmediate(() => {
      this.emit('close');
      peer?.onPeerClosed();
    });
  }

  /** This end goes to a page. */
  moveTo(wire: PortWire): void {
    if (this.#wire !== undefined) throw new Error('stand-in: the port has been given away already');
    this.#wire = wire;
    for (const data of this.#early.splice(0)) wire.send(data);
  }

  /** What the other end has sent. */
  deliver(data: unknown): void {
    if (this.#isClosed) return;
    if (this.#wire !== undefined) this.#wire.send(data);
    else if (this.#isStarted) this.emit('message', { data, ports: [] });
    else this.#early.push(data);
  }

  /** The other end is gone. */
  onPeerClosed(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#wire?.close();
    this.emit('close');
  }
}

/** Two ports that are each other's ends. */
export class MessageChannelMain {
  readonly port1 = new MessagePortMain();
  readonly port2 = new MessagePortMain();

  constructor() {
    this.port1.peer = this.port2;
    this.port2.peer = this.port1;
  }
}
