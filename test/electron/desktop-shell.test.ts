import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { writeGraph } from '../../graphs/write-graph.ts';
import { GRAPHS } from '../e2e/open-service.ts';
import { makeDocument } from '../e2e/open-test-host.ts';
import { type Desktop, launchDesktop, makeDroppable } from '../electron-stand-in/launch-desktop.ts';

let desktop: Desktop;
let page: Page;
let files: string;
beforeAll(async () => {
  files = await mkdtemp(join(tmpdir(), 'emulsion-opened-'));
  desktop = await launchDesktop();
  page = (await desktop.pages(1))[0]!;
  await until('window.client');
});
afterAll(async () => {
  await desktop.close();
  await rm(files, { recursive: true, force: true });
});

/** A call from the page, over its port. */
const call = (name: string, args: unknown, from: Page = page): Promise<unknown> =>
  from.evaluate(`window.client.call(${JSON.stringify(name)}, ${JSON.stringify(args)})`);

/** What an expression is in the page once it is something; the page's policy lets nothing be evaluated by polling for it. */
const until = (expression: string, from: Page = page): Promise<unknown> =>
  from.evaluate(
    `new Promise((resolve) => { const look = () => { const value = ${expression}; if (value) resolve(value); else setTimeout(look, 10); }; look(); })`,
  );
const told = (name: string, fits = 'true', from: Page = page): Promise<unknown> =>
  until(`window.events.find(({ name, payload }) => name === '${name}' && ${fits})?.payload`, from);
const calls = (name: string): Promise<readonly unknown[]> =>
  desktop.evaluate(({ rig }, wanted) => rig.calls.filter((one) => one.name === wanted).map((one) => one.args), name);

describe('a window', () => {
  it('is on the editor, and its page has the bridge and nothing else of Electron or node', async () => {
    const windows = await desktop.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows().map((one) => one.webContents.getURL()));
    expect(windows).toEqual(['emulsion://editor/']);
    await expect.poll(() => desktop.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows()[0]?.isShown)).toBe(true);
    expect(await page.evaluate('Object.keys(window.emulsion)')).toEqual(['connect', 'takeDropped']);
    expect(await page.evaluate('[typeof require, typeof process, typeof module]')).toEqual(['undefined', 'undefined', 'undefined']);
    expect(await page.evaluate('Object.isFrozen(window.emulsion)')).toBe(true);
  });

  it('runs a graph in the evaluator and is told of it, bytes as bytes', async () => {
    expect(await call('run.start', { graph: GRAPHS.picture })).toMatchObject({ ok: true });
    expect(await told('run.ended')).toMatchObject({ outcome: 'done' });
    const shown = (await told('run.result', "payload.nodeId === 'show'")) as { artifacts: [{ id: string }] }; // as the contract has it
    const [{ id }] = shown.artifacts;
    // Over the port, and at its address.
    const read = `window.client.call('artifact.read', { id: '${id}' }).then(({ value }) => [...value.bytes.subarray(0, 4)])`;
    expect(await page.evaluate(read)).toEqual([0x89, 0x50, 0x4e, 0x47]);
    expect(await page.evaluate(`fetch('artifact/${id}').then((answer) => answer.headers.get('content-type'))`)).toBe('image/png');
    expect(await page.evaluate("fetch('artifact/AAAAAAAAAAAAAAAAAAAAAA').then((answer) => answer.status)")).toBe(404);
    const saved = (await told('run.result', "payload.nodeId === 'save'")) as typeof shown;
    expect(await call('shell.showArtifact', { id: saved.artifacts[0].id })).toMatchObject({ ok: true });
    expect(await calls('showItemInFolder')).toEqual([[join(desktop.folder, 'Pictures', 'Emulsion', 'dot.png')]]);
    expect(await call('shell.showArtifact', { id })).toMatchObject({ ok: false, problem: { code: 'file.missing' } });
    // Only what is a file of a run can be dragged out, by its id.
    for (const other of [id, 'AAAAAAAAAAAAAAAAAAAAAA', '/etc/passwd']) {
      expect(await call('shell.dragArtifact', { id: other })).toMatchObject({ ok: false, problem: { code: 'file.missing' } });
    }
    expect(await calls('startDrag')).toEqual([]);
    expect(await call('shell.dragArtifact', { id: saved.artifacts[0].id })).toEqual({ ok: true, value: {} });
    expect(await calls('startDrag')).toEqual([
      [{ file: join(desktop.folder, 'Pictures', 'Emulsion', 'dot.png'), icon: { width: expect.any(Number), height: expect.any(Number) } }],
    ]);
  });

  it('has an evaluator that was started before anybody asked', async () => {
    const states = "window.events.filter((one) => one.name === 'evaluator.state').map((one) => one.payload.state)";
    expect(await page.evaluate(states)).not.toContain('starting');
  });

  it('gets a port of its own when its page is loaded anew, and the old one is gone', async () => {
    await page.reload();
    await until('window.client');
    expect(await page.evaluate('window.connections')).toBe(1);
    expect(await call('shell.describe', {})).toEqual({ ok: true, value: { kind: 'desktop', platform: process.platform } });
  });

  it('answers what is no call, and arguments that are wrong, with a sentence', async () => {
    expect(await call('fs.read', { path: '/etc/passwd' })).toMatchObject({ ok: false, problem: { code: 'contract.unknownCall' } });
    expect(await call('shell.pick', { kind: 'everything' })).toMatchObject({ ok: false, problem: { code: 'contract.invalid' } });
  });
});

describe('menus', () => {
  it('tell the front window which action was chosen', async () => {
    await desktop.chooseMenu('file.save');
    expect(await told('shell.action')).toEqual({ action: 'file.save' });
  });

  it('leave shortcuts to the page, and take the rest', async () => {
    const registered = await desktop.evaluate(({ Menu }) => {
      const keys: string[] = [];
      const collect = (menu: ReturnType<typeof Menu.getApplicationMenu>): void => {
        for (const item of menu?.items ?? []) {
          if (item.accelerator !== undefined) keys.push(item.accelerator);
          if (item.submenu !== undefined) collect(item.submenu);
        }
      };
      collect(Menu.getApplicationMenu());
      return keys;
    });
    // What text fields and the canvas have of their own is not among them.
    expect(registered.sort()).toEqual(['CmdOrCtrl+Shift+N', 'CmdOrCtrl+Shift+R', 'CmdOrCtrl+Shift+W', 'Ctrl+Q']);
    await page.getByLabel('text').focus();
    await page.keyboard.type('abc');
    await page.keyboard.press('Control+A');
    await page.keyboard.press('Control+X');
    expect(await page.getByLabel('text').inputValue()).toBe('');
    expect(await page.evaluate("window.events.filter((one) => one.name === 'shell.action').length")).toBe(1);
  });

  it('open a second window, which has a service of its own, and close it again', async () => {
    await page.keyboard.press('Control+Shift+N');
    const second = (await desktop.pages(2)).find((one) => one !== page)!;
    await until('window.client', second);
    await desktop.chooseMenu('view.fit');
    expect(await told('shell.action', 'true', second)).toEqual({ action: 'view.fit' });
    // Both hear what the host says.
    expect(await call('queue.pause', {}, second)).toMatchObject({ ok: true });
    await told('queue.changed');
    await call('queue.resume', {}, second);
    const closed = second.waitForEvent('close');
    // The window may be gone before the keys are up.
    await second.keyboard.press('Control+Shift+W').catch(() => undefined);
    await closed;
    await expect.poll(() => desktop.evaluate(({ rig }) => rig.windows.size)).toBe(1);
    expect(await call('nodes.list', {})).toMatchObject({ ok: true });
  });
});

describe('files', () => {
  it('are chosen in the system\u2019s dialog and known to the page by a token', async () => {
    const path = join(files, 'first.emulsion.json');
    await writeFile(path, GRAPHS.quick);
    await desktop.answer('showOpenDialog', { canceled: false, filePaths: [path] });
    const picked = (await call('shell.pick', { kind: 'graph', many: false })) as { value: { files: [{ token: string; name: string }] } };
    const [file] = picked.value.files;
    expect(file).toMatchObject({ name: 'first.emulsion.json', token: expect.stringMatching(/^[\w-]{20,}$/) });
    const opened = await call('document.open', { client: 'w1', source: { kind: 'token', token: file.token } });
    expect(opened).toMatchObject({ ok: true, value: { document: { title: 'first', path } } });
    expect(await call('document.open', { client: 'w1', source: { kind: 'token', token: 'A'.repeat(22) } })).toMatchObject({ ok: false });
    const [[asked]] = (await calls('showOpenDialog')) as [[{ properties: string[]; filters: { extensions: string[] }[] }]];
    expect(asked.properties).toEqual(['openFile']);
    expect(asked.filters[0]?.extensions).toContain('json');
  });

  it('are none when the dialog was cancelled', async () => {
    await desktop.answer('showOpenDialog', { canceled: true, filePaths: [] });
    expect(await call('shell.pick', { kind: 'folder', many: true })).toEqual({ ok: true, value: { files: [] } });
    await desktop.answer('showSaveDialog', { canceled: true, filePath: '' });
    expect(await call('shell.pickTarget', { kind: 'graph', name: 'x' })).toEqual({ ok: true, value: { target: null } });
  });

  it('are saved where a person said, under a name that leads nowhere else', async () => {
    const path = join(files, 'second.emulsion.json');
    await desktop.answer('showSaveDialog', { canceled: false, filePath: path });
    const picked = (await call('shell.pickTarget', { kind: 'graph', name: '../../etc/second' })) as {
      value: { target: { token: string } };
    };
    expect(await calls('showSaveDialog')).toMatchObject([[{}], [{ defaultPath: '.._.._etc_second' }]]);
    const { value } = (await call('document.create', { client: 'w1', graph: GRAPHS.quick })) as { value: { document: { id: string } } };
    const target = { kind: 'token', token: picked.value.target.token };
    const saved = await call('document.saveAs', { id: value.document.id, target });
    expect(saved).toMatchObject({ ok: true, value: { document: { path, isSaved: true } } });
    expect(await readFile(path, 'utf8')).toBe(GRAPHS.quick);
  });

  it('of late are in the menu, and open the window that takes them', async () => {
    const recent = (): Promise<string[]> =>
      desktop.evaluate(
        ({ Menu }) =>
          Menu.getApplicationMenu()
            ?.getMenuItemById('recent')
            ?.submenu?.items.map(({ label }) => label) ?? [],
      );
    await expect.poll(async () => (await recent()).slice(0, 2)).toEqual(['second', 'first']);
    await desktop.evaluate(({ Menu }) => Menu.getApplicationMenu()?.getMenuItemById('recent')?.submenu?.items[1]?.click());
    await told('shell.opened');
    expect(await call('shell.takeOpened', {})).toMatchObject({ ok: true, value: { files: [{ name: 'first.emulsion.json' }] } });
    expect(await call('shell.takeOpened', {})).toEqual({ ok: true, value: { files: [] } });
  });

  it('that are dropped are known by a token; what a script has made is none', async () => {
    const path = join(files, 'dropped.png');
    await writeFile(path, 'not really a picture');
    await page.getByLabel('file').setInputFiles(await makeDroppable(desktop, path));
    const taken = await page.evaluate("window.emulsion.takeDropped(document.querySelector('input').files[0])");
    expect(taken).toEqual({ name: 'dropped.png', file: path, token: expect.any(String) });
    expect(await page.evaluate("window.emulsion.takeDropped(new File(['x'], 'made.png'))")).toBeNull();
    expect(await page.evaluate("window.emulsion.takeDropped({ path: '/etc/passwd' })")).toBeNull();
  });

  it('that a person has opened may be named by graphs, and others not', async () => {
    // A document's own folder may be read: this is another one.
    const elsewhere = await mkdtemp(join(tmpdir(), 'emulsion-elsewhere-'));
    const [mine, other] = [join(elsewhere, 'mine.txt'), join(elsewhere, 'other.txt')];
    await Promise.all([writeFile(mine, 'mine'), writeFile(other, 'other')]);
    await desktop.answer('showOpenDialog', { canceled: false, filePaths: [mine] });
    await call('shell.pick', { kind: 'picture', many: false });
    const check = async (file: string): Promise<unknown> => {
      const graph = writeGraph(makeDocument({ load: ['test.load', { file }] }));
      const { value } = (await call('graph.check', { graph })) as { value: { problems: { code: string }[] } };
      return value.problems.map(({ code }) => code);
    };
    expect(await check(other)).toContain('file.outside');
    expect(await check(mine)).not.toContain('file.outside');
    await rm(elsewhere, { recursive: true });
  });
});

describe('a page that wants more than it may have', () => {
  it('stays where it is', async () => {
    await page.getByText('away').click();
    await page.evaluate("void (location.href = 'https://example.org/')");
    await page.evaluate("void (location.href = 'file:///etc/passwd')");
    expect(await call('shell.describe', {})).toMatchObject({ ok: true });
    expect(page.url()).toMatch(/^http:\/\/editor\.emulsion\.localhost:\d+\/$/);
  });

  it('opens no windows; a link goes to the browser when the person says so', async () => {
    await desktop.answer('showMessageBox', { response: 1 });
    await page.getByText('paper').click();
    await expect.poll(() => calls('showMessageBox')).toMatchObject([[{ message: 'Open example.org in your browser?' }]]);
    expect(await calls('openExternal')).toEqual([]);
    await desktop.answer('showMessageBox', { response: 0 });
    await page.getByText('paper').click();
    await expect.poll(() => calls('openExternal')).toEqual([['https://example.org/paper']]);
    // Nobody is asked about these.
    for (const address of ['file:///etc/passwd', 'javascript:alert(1)', 'smb://host/share', 'https://user@example.org/']) {
      await page.evaluate(`void window.open('${address}')`);
    }
    await call('shell.describe', {});
    expect(await calls('showMessageBox')).toHaveLength(2);
    await expect.poll(() => desktop.evaluate(({ rig }) => rig.windows.size)).toBe(1);
  });

  it('reaches nothing but the program, by policy and by refusal', async () => {
    expect(await page.evaluate("fetch('https://example.org/').then(() => 'reached', () => 'refused')")).toBe('refused');
    expect(await page.evaluate("fetch('artifact/../../package.json').then((answer) => answer.status)")).toBe(404);
    expect(await page.evaluate("fetch('/', { method: 'POST' }).then((answer) => answer.status)")).toBe(405);
    const headers = await page.evaluate("fetch('/').then((answer) => Object.fromEntries(answer.headers))");
    expect(headers).toMatchObject({ 'content-security-policy': expect.not.stringMatching(/unsafe-/), 'x-content-type-options': 'nosniff' });
    const judged = await desktop.evaluate(({ session }) =>
      ['https://example.org/a.js', 'http://127.0.0.1/', 'file:///etc/passwd', 'ws://example.org/', 'emulsion://editor/'].map((url) =>
        session.defaultSession.mayRequest(url),
      ),
    );
    expect(judged).toEqual([false, false, false, false, true]);
  });

  it('has the clipboard and nothing else', async () => {
    const state = (name: string): Promise<unknown> =>
      page.evaluate(`navigator.permissions.query({ name: '${name}' }).then(({ state }) => state)`);
    expect(await Promise.all(['clipboard-read', 'geolocation', 'notifications', 'midi'].map(state))).toEqual([
      'granted',
      'denied',
      'denied',
      'denied',
    ]);
    expect(await desktop.evaluate(({ session }) => session.defaultSession.mayUseDevices())).toBe(false);
    const elsewhere = await desktop.evaluate(({ session }) => session.defaultSession.mayUse({}, 'clipboard-read', 'https://example.org/'));
    expect(elsewhere).toBe(false);
  });

  it('has a menu in its text fields', async () => {
    await desktop.evaluate(({ BrowserWindow }) =>
      BrowserWindow.getAllWindows()[0]?.webContents.emit('context-menu', {}, { isEditable: true, selectionText: '' }),
    );
    const roles = await desktop.evaluate(({ Menu }) => Menu.popped?.items.map(({ role }) => role));
    expect(roles).toContain('paste');
  });
});
