import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type DocumentHost, firstEdit, openDocumentHost, rebuild } from '../../test/e2e/open-documents.ts';
import { unwrap } from '../../test/unwrap.ts';
import type { ContractClient, EventPayload } from '../contract.ts';

let host: DocumentHost;
let onlooker: ContractClient;
const states: EventPayload<'document.state'>['document'][] = [];
let onState = (): void => undefined;

beforeEach(async () => {
  host = await openDocumentHost({ graceMs: 40 });
  onlooker = await host.connect();
  states.length = 0;
  onlooker.on('document.state', ({ document }) => {
    states.push(document);
    onState();
  });
});
afterEach(() => host.close());

const isOpen = async (id: string): Promise<boolean | undefined> =>
  unwrap(await onlooker.call('document.list', {})).documents.find((one) => one.id === id)?.isOpen;
/** Resolves when the host says that it has let go of a document. */
const letGo = (id: string): Promise<void> =>
  new Promise((resolve) => {
    onState = () => states.some((one) => one.id === id && !one.isOpen) && resolve();
    onState();
  });

describe.each(['in-memory', 'web-socket'] as const)('a window that is gone without a word (%s)', (transport) => {
  it('is let go of: its document can be recovered, with everything done to it', async () => {
    const window = await host.connect(transport);
    const { document } = unwrap(await window.call('document.create', { client: 'gone', title: 'Mine' }));
    unwrap(await window.call('document.append', { id: document.id, client: 'gone', after: 0, lines: firstEdit('Two') }));
    expect(await isOpen(document.id)).toBe(true);
    window.close();
    await letGo(document.id);
    expect(await isOpen(document.id)).toBe(false);
    const again = unwrap(await onlooker.call('document.open', { client: 'other', source: { kind: 'document', id: document.id } }));
    expect(rebuild(again)).toMatchObject({ document: { meta: { title: 'Two' } }, undo: [{ label: 'Title Two' }] });
  });

  it('keeps what another window has, too', async () => {
    const [one, two] = [await host.connect(transport), await host.connect(transport)];
    const { document } = unwrap(await one.call('document.create', { client: 'one' }));
    const { document: alone } = unwrap(await one.call('document.create', { client: 'one' }));
    unwrap(await two.call('document.open', { client: 'two', source: { kind: 'document', id: document.id } }));
    one.close();
    await letGo(alone.id);
    expect(await isOpen(document.id)).toBe(true);
    two.close();
    await letGo(document.id);
  });

  it('has its documents when it is back, whether the host still had them or not', async () => {
    const window = await host.connect(transport);
    const { document } = unwrap(await window.call('document.create', { client: 'back' }));
    const { document: other } = unwrap(await window.call('document.create', { client: 'other' }));
    window.close();
    // The page that was loaded anew speaks for the same window, and for that one only.
    const again = await host.connect(transport);
    const append = (after: number, title: string) =>
      again.call('document.append', { id: document.id, client: 'back', after, lines: firstEdit(title) });
    unwrap(await append(0, 'Two'));
    await letGo(other.id);
    expect(await isOpen(document.id)).toBe(true);
    again.close();
    await letGo(document.id);
    const late = await host.connect(transport);
    expect(unwrap(await late.call('document.append', { id: document.id, client: 'back', after: 1, lines: '' }))).toEqual({
      outcome: 'added',
      sequence: 1,
    });
    expect(await isOpen(document.id)).toBe(true);
  });
});
