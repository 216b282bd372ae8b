// An editor that only connects, and leaves its client where tests find it.
import type { ContractClient, NamedEvent } from '../../../host/contract.ts';
import { EVENTS, type EventName } from '../../../host/contract.ts';
import { type DesktopBridge, PORT_MESSAGE } from '../../../host/transports/desktop-bridge.ts';
import { connectMessagePort } from '../../../host/transports/message-port.ts';

declare global {
  interface Window {
    readonly emulsion: DesktopBridge;
    client: ContractClient | undefined;
    /** Everything it was told. */
    events: NamedEvent[];
    /** How many ports it was given. */
    connections: number;
  }
}

window.events = [];
window.connections = 0;
window.addEventListener('message', ({ data, source, ports }) => {
  const [port] = ports;
  if (source !== window || data !== PORT_MESSAGE || port === undefined) return;
  const client = connectMessagePort(port);
  for (const name of Object.keys(EVENTS) as EventName[]) {
    client.on(name, (payload) => window.events.push({ name, payload } as NamedEvent)); // the pair that `on` gives
  }
  window.client = client;
  window.connections += 1;
});
window.emulsion.connect();
