// Runs before the page's own code, in a world of its own. It hands the page one port and knows nothing else.
import { contextBridge, ipcRenderer, webUtils } from 'electron';
import { DESKTOP_CHANNELS, type DesktopBridge, PORT_MESSAGE } from '../host/transports/desktop-bridge.ts';

ipcRenderer.on(DESKTOP_CHANNELS.port, (event) => {
  // To this very window: whatever its origin is called, nobody else hears it.
  window.postMessage(PORT_MESSAGE, '*', event.ports);
});

const bridge: DesktopBridge = {
  connect: () => ipcRenderer.send(DESKTOP_CHANNELS.connect),
  async takeDropped(file) {
    // Only a file that a person dropped or chose has a path; one that a script has made gives ''.
    const path = file instanceof File ? webUtils.getPathForFile(file) : '';
    return path === '' ? null : ipcRenderer.invoke(DESKTOP_CHANNELS.dropped, path);
  },
};
contextBridge.exposeInMainWorld('emulsion', bridge);
