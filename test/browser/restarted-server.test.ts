import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { EditorPage } from './drive-editor.ts';
import { type EditorPlace, openEditorPlace } from './open-editor.ts';

let place: EditorPlace;
let editor: EditorPage;
beforeAll(async () => {
  place = await openEditorPlace();
  editor = await place.open();
  await editor.node('sampler').waitFor();
});
afterAll(() => place.close());

const steps = () => editor.node('sampler').getByLabel('Steps', { exact: true });
const setSteps = async (value: string): Promise<void> => {
  await steps().fill(value);
  await editor.page.keyboard.press('Enter');
};
const tokenOf = (address: string): string => new URL(address).searchParams.get('token') ?? '';
/** How the server answers a browser with this window's cookies, or without any. */
const statusOf = (path: string): Promise<number | undefined> =>
  editor.page.request.get(new URL(path, place.address()).href).then((it) => it.status());

describe('a server that is killed and started again on its port', () => {
  it('takes its windows back: they go on by themselves, with their document and the steps before', async () => {
    const before = place.address();
    await setSteps('7');
    await setSteps('8');
    await place.killAndRestart();
    await editor.outcome(/^Connected/).waitFor();
    expect(tokenOf(place.address())).not.toBe(tokenOf(before));
    expect(await steps().inputValue()).toBe('8');
    await setSteps('9');
    for (const value of ['8', '7', '20']) {
      await editor.button('Undo').click();
      await expect.poll(() => steps().inputValue()).toBe(value);
    }
    // The host has heard of all that.
    await editor.page.reload();
    await editor.node('sampler').waitFor();
    expect(await steps().inputValue()).toBe('20');
    await editor.page.keyboard.press('ControlOrMeta+Shift+Z');
    await expect.poll(() => steps().inputValue()).toBe('7');
  });

  it('lets in nobody by the token it had before, and nobody without a cookie', async () => {
    const old = tokenOf(place.address());
    await place.killAndRestart();
    await editor.outcome(/^Connected/).waitFor();
    const stranger = await place.browser.newContext();
    const status = async (path: string) => (await stranger.request.get(new URL(path, place.address()).href)).status();
    expect([await status('/'), await status(`/?token=${old}`)]).toEqual([401, 401]);
    await stranger.close();
  });

  it('with --new-session has logged everybody out', async () => {
    expect(await statusOf('/')).toBe(200);
    await place.killAndRestart('--new-session');
    expect(await statusOf('/')).toBe(401);
    await editor.page.goto(place.address());
    await editor.outcome(/^Connected/).waitFor();
    expect(editor.complaints.filter((one) => !/WebSocket|ERR_CONNECTION/.test(one))).toEqual([]);
  });
});
