import type { RigServer } from './rig-server.ts';

type Details = { readonly isMainFrame: boolean; readonly requestingUrl: string };
type RequestHandler = (contents: unknown, permission: string, answer: (isGranted: boolean) => void, details: Details) => void;
type CheckHandler = (contents: unknown, permission: string, origin: string, details: Details) => boolean;
type BeforeRequest = (details: { readonly url: string }, answer: (response: { readonly cancel?: boolean }) => void) => void;

/** What a page may ask for: Electron's names, and Chromium's. */
export const PERMISSIONS: readonly (readonly [electron: string, chromium: string])[] = [
  ['clipboard-read', 'clipboard-read'],
  ['clipboard-sanitized-write', 'clipboard-write'],
  ['geolocation', 'geolocation'],
  ['notifications', 'notifications'],
  ['midi', 'midi'],
];

/** The one session: what the program decides about permissions and requests. */
export class Session {
  #onPermission: RequestHandler = (_contents, _permission, answer) => answer(true);
  #onCheck: CheckHandler = () => true;
  #onDevice: () => boolean = () => true;
  #onRequest: BeforeRequest = (_details, answer) => answer({});
  readonly webRequest = {
    onBeforeRequest: (handler: BeforeRequest): void => {
      this.#onRequest = handler;
    },
  };

  setPermissionRequestHandler(handler: RequestHandler): void {
    this.#onPermission = handler;
  }

  setPermissionCheckHandler(handler: CheckHandler): void {
    this.#onCheck = handler;
  }

  setDevicePermissionHandler(handler: () => boolean): void {
    this.#onDevice = handler;
  }

  /** What the program says to a page that asks. */
  mayUse(contents: unknown, permission: string, address: string): boolean {
    const details = { isMainFrame: true, requestingUrl: address };
    let isGranted = false;
    this.#onPermission(contents, permission, (answer) => (isGranted = answer), details);
    return (
      isGranted &&
      this.#onCheck(
        contents,
        permission,
        new URL(address).origin === 'null' ? address.replace(/(\w)\/.*$/, '$1') : new URL(address).origin,
        details,
      )
    );
  }

  mayUseDevices(): boolean {
    return this.#onDevice();
  }

  mayRequest(url: string): boolean {
    let isAllowed = true;
    this.#onRequest({ url }, ({ cancel }) => (isAllowed = cancel !== true));
    return isAllowed;
  }
}

/** Custom schemes. */
export class Protocol {
  readonly #server: RigServer;
  readonly privileged: unknown[] = [];
  isReady = false;

  constructor(server: RigServer) {
    this.#server = server;
  }

  registerSchemesAsPrivileged(schemes: readonly unknown[]): void {
    if (this.isReady) throw new Error('protocol.registerSchemesAsPrivileged should be called before app is ready');
    this.privileged.push(...schemes);
  }

  handle(scheme: string, handler: (request: Request) => Response | Promise<Response>): void {
    if (this.#server.schemes.has(scheme)) throw new Error(`The scheme ${scheme} is handled already`);
    this.#server.schemes.set(scheme, handler);
  }
}
