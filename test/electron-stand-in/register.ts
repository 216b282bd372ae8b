// node --import: makes `electron` mean the stand-in, in this process only, and lets a test that forked it evaluate functions here.
import { register } from 'node:module';
import * as electron from './electron.ts';

// Children are ordinary processes of node, as they are Electron's.
process.execArgv = [];
const names = Object.keys(electron).filter((name) => name !== 'rig');
Object.defineProperty(globalThis, 'electronStandIn', { value: electron });
const standIn = `${names.map((name) => `export const ${name} = globalThis.electronStandIn.${name};`).join('\n')}`;
const hooks = `
  const standIn = ${JSON.stringify(`data:text/javascript,${encodeURIComponent(standIn)}`)};
  export async function resolve(specifier, context, next) {
    return specifier === 'electron' ? { url: standIn, shortCircuit: true } : next(specifier, context);
  }`;
register(`data:text/javascript,${encodeURIComponent(hooks)}`);

process.on('message', ({ id, source, args }: { id: number; source: string; args: unknown[] }) => {
  const act = new Function(`return (${source})`)() as (...given: unknown[]) => unknown; // what the test wrote
  void Promise.resolve()
    .then(() => act(electron, ...args))
    .then(
      (value) => process.send?.({ id, value }),
      (error: unknown) => process.send?.({ id, error: error instanceof Error ? (error.stack ?? error.message) : String(error) }),
    );
});
process.on('disconnect', () => electron.app.quit());
