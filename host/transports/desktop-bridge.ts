/** What the desktop's preload script puts into a page as `window.emulsion`. Everything else goes over the port. */
export interface DesktopBridge {
  /** Asks for a port to the host; it comes as a message to the window, `PORT_MESSAGE`, and is good for as long as the page is. */
  connect(): void;
  /** What may be said about a file that was dropped on the window, a `pickedFile`; null where it lies nowhere. Its path does not pass the page. */
  takeDropped(file: object): Promise<unknown>;
}

/** The message that brings the port. */
export const PORT_MESSAGE = 'emulsion:port';

/** The channels between preload script and main process. */
export const DESKTOP_CHANNELS = { connect: 'emulsion:connect', port: PORT_MESSAGE, dropped: 'emulsion:dropped' } as const;
