import { type DesktopBridge, PORT_MESSAGE } from '../../host/transports/desktop-bridge.ts';
import { connectMessagePort } from '../../host/transports/message-port.ts';
import type { Connection } from './connect-host.ts';

/** Connects to the host in the desktop program around this page, over a port that its preload script brings. */
export function connectDesktop(bridge: DesktopBridge): Promise<Connection> {
  return new Promise((resolve) => {
    const receive = ({ source, data, ports }: MessageEvent<unknown>): void => {
      const [port] = ports;
      if (source !== window || data !== PORT_MESSAGE || port === undefined) return;
      window.removeEventListener('message', receive);
      const lost = new Promise<void>((end) => {
        port.addEventListener('close', () => end());
      });
      resolve({ client: connectMessagePort(port), lost });
    };
    window.addEventListener('message', receive);
    bridge.connect();
  });
}

/** What the desktop's preload script has put into the page; undefined in a browser. */
export function findDesktop(page: Window): DesktopBridge | undefined {
  return (page as { emulsion?: DesktopBridge }).emulsion; // nobody else puts anything there
}
