import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { GRAPHS } from '../e2e/open-service.ts';
import { type Desktop, type LaunchOptions, launchDesktop } from '../electron-stand-in/launch-desktop.ts';

let folder: string;
const started: Desktop[] = [];
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'emulsion-lifecycle-'));
});
afterAll(async () => {
  await Promise.all(started.map((one) => one.close()));
  await rm(folder, { recursive: true, force: true, maxRetries: 3 });
});

/** Starts the program: in the folder that several tests share, or in a new one. */
async function start(options: LaunchOptions = { folder }): Promise<Desktop> {
  const desktop = await launchDesktop(options);
  started.push(desktop);
  return desktop;
}

async function firstPage(desktop: Desktop): Promise<Page> {
  const page = (await desktop.pages(1))[0]!;
  await connected(page);
  return page;
}
const connected = (page: Page): Promise<unknown> => until(page, 'window.client');
const until = (page: Page, expression: string): Promise<unknown> =>
  page.evaluate(
    `new Promise((resolve) => { const look = () => { const value = ${expression}; if (value) resolve(value); else setTimeout(look, 10); }; look(); })`,
  );
const call = (page: Page, name: string, args: unknown): Promise<unknown> =>
  page.evaluate(`window.client.call(${JSON.stringify(name)}, ${JSON.stringify(args)})`);

describe('the program', () => {
  it('opens the files it was started with', async () => {
    const path = join(folder, 'mine.emulsion.json');
    await writeFile(path, GRAPHS.quick);
    const desktop = await start({ folder, files: [path, '--not-a-file', join(folder, 'notes.txt')] });
    const page = await firstPage(desktop);
    expect(await call(page, 'shell.takeOpened', {})).toMatchObject({
      ok: true,
      value: { files: [{ name: 'mine.emulsion.json', file: path }] },
    });
    await desktop.close();
    expect((await desktop.ended).code).toBe(0);
  });

  it('is one: a second start hands its files to the first and ends', async () => {
    const first = await start();
    const page = await firstPage(first);
    const path = join(folder, 'second.json');
    await writeFile(path, GRAPHS.quick);
    await first.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows()[0]?.minimize());
    const second = await start({ folder, files: [path] });
    expect(await second.ended).toEqual({ code: 0 });
    await until(page, "window.events.some((one) => one.name === 'shell.opened')");
    expect(await call(page, 'shell.takeOpened', {})).toMatchObject({ value: { files: [{ file: path }] } });
    expect(await first.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows().map((one) => one.isMinimized()))).toEqual([false]);
    expect(await first.evaluate(({ app }) => app.recentDocuments)).toEqual([path]);
    await first.close();
  });

  it('opens its window where it was, unless no screen shows that place', async () => {
    const first = await start();
    await firstPage(first);
    await first.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows()[0]?.setBounds({ x: 200, y: 100, width: 900, height: 650 }));
    await first.close();
    const second = await start();
    await firstPage(second);
    const place = await second.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows()[0]?.getNormalBounds());
    expect(place).toEqual({ x: 200, y: 100, width: 900, height: 650 });
    await second.close();
    expect(JSON.parse(await readFile(join(folder, 'state', 'desktop', 'window.json'), 'utf8'))).toMatchObject({
      x: 200,
      isMaximized: false,
    });
  });

  it('takes its evaluator with it', async () => {
    const desktop = await start({});
    const page = await firstPage(desktop);
    await call(page, 'run.start', { graph: GRAPHS.long, useCache: false });
    await until(page, "window.events.some((one) => one.name === 'run.progress')");
    const children = (await readFile(`/proc/${desktop.child.pid}/task/${desktop.child.pid}/children`, 'utf8').catch(() => ''))
      .trim()
      .split(' ');
    await desktop.close();
    expect(await desktop.ended).toEqual({ code: 0 });
    const alive = await Promise.all(
      children.map((pid) =>
        readFile(`/proc/${pid}/status`, 'utf8').then(
          (text) => !/^State:\tZ/m.test(text),
          () => false,
        ),
      ),
    );
    expect(alive).not.toContain(true);
  });

  it('that was killed has everything when it starts again', async () => {
    const first = await start();
    const page = await firstPage(first);
    const created = (await call(page, 'document.create', { client: 'w', title: 'Unsaved', graph: GRAPHS.quick })) as {
      value: { document: { id: string } };
    };
    first.child.kill('SIGKILL');
    await first.ended;
    const second = await start();
    const again = await firstPage(second);
    const { value } = (await call(again, 'document.list', {})) as {
      value: { documents: { id: string; title: string; isOpen: boolean }[] };
    };
    expect(value.documents).toContainEqual(expect.objectContaining({ id: created.value.document.id, title: 'Unsaved', isOpen: false }));
    const source = { kind: 'document', id: created.value.document.id };
    expect(await call(again, 'document.open', { client: 'w', source })).toMatchObject({
      ok: true,
      value: { document: { title: 'Unsaved' } },
    });
    await second.close();
  });
});

describe('a window whose page dies', () => {
  it('says so, offers the way back, and everything goes on', async () => {
    const desktop = await start({});
    const page = await firstPage(desktop);
    await call(page, 'run.start', { graph: GRAPHS.long, useCache: false });
    await until(page, "window.events.some((one) => one.name === 'run.progress')");
    await desktop.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows()[0]?.webContents.forcefullyCrashRenderer());
    await expect
      .poll(() => desktop.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows()[0]?.webContents.getURL()))
      .toBe('emulsion://editor/crash?why=crashed');
    // A page that has crashed is lost to Playwright; the program's own connection has the new one.
    const shown = (expression: string): Promise<unknown> =>
      desktop.evaluate(({ BrowserWindow }, wanted) => BrowserWindow.getAllWindows()[0]?.webContents.executeJavaScript(wanted), expression);
    await expect
      .poll(() => shown('document.body?.innerText ?? ""'))
      .toMatch(/This window has stopped[\s\S]*Your graphs are safe[\s\S]*Back to the editor/);
    await shown("void document.querySelector('a').click()");
    await expect.poll(() => shown('Boolean(window.client)').catch(() => false)).toBe(true);
    // The run did not notice.
    await expect.poll(() => shown("window.events.some((one) => one.name === 'run.progress')")).toBe(true);
    await desktop.close();
  });

  it('that does not answer is loaded anew when the person says so', async () => {
    const desktop = await start({});
    await firstPage(desktop);
    await desktop.answer('showMessageBox', { response: 0 });
    const hang = (): Promise<unknown> => desktop.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows()[0]?.emit('unresponsive'));
    await hang();
    const address = (): Promise<unknown> => desktop.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows()[0]?.webContents.getURL());
    expect(await address()).toBe('emulsion://editor/');
    await desktop.answer('showMessageBox', { response: 1 });
    await hang();
    await expect.poll(address).toMatch(/^emulsion:\/\/editor\/crash/);
    await desktop.close();
  });
});

describe('a window whose page holds edits that are nowhere else', () => {
  it('is closed only when the person says so', async () => {
    const desktop = await start({});
    await firstPage(desktop);
    const closes = (answer: number): Promise<boolean> =>
      desktop.evaluate(({ BrowserWindow, rig }, given) => {
        rig.answers.push({ dialog: 'showMessageBoxSync', answer: given });
        let isClosed = false;
        BrowserWindow.getAllWindows()[0]?.webContents.emit('will-prevent-unload', { preventDefault: () => (isClosed = true) });
        return isClosed;
      }, answer);
    expect([await closes(0), await closes(1)]).toEqual([false, true]);
    await desktop.close();
  });
});

describe('a fault in the main process', () => {
  it('is told, and ends the program', async () => {
    const desktop = await start({});
    await firstPage(desktop);
    await desktop.evaluate(
      () =>
        void setTimeout(() => {
          throw new Error('a mistake');
        }, 0),
    );
    expect(await desktop.ended).toEqual({ code: 70 });
    expect(desktop.stderr()).toMatch(/There is a mistake in Emulsion; please report it\. Your graphs are safe\.[\s\S]*a mistake/);
  });
});
