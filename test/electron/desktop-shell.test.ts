import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { GRAPHS } from '../e2e/open-service.ts';
import { type Desktop, launchDesktop, makeDroppable } from '../electron-stand-in/launch-desktop.ts';

let desktop: Desktop;
let page: Page;
let files: string;
beforeAll(async () => {
  files = await mkdtemp(join(tmpdir(), 'emulsion-opened-'));
  desktop = await launchDesktop();
  page = (await desktop.pages(1))[0]!;
  await page.waitForFunction('window.client !== undefined');
});
afterAll(async () => {
  await desktop.close();
  await rm(files, { recursive: true, force: true });
});

/** A call from the page, over its port. */
const call = (name: string, args: unknown, from: Page = page): Promise<unknown> =>
  from.evaluate(`window.client.call(${JSON.stringify(name)}, ${JSON.stringify(args)})`);

describe('a window', () => {
  it('is on the editor, and its page has the bridge and nothing else of Electron or node', async () => {
    expect(await desktop.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows().map((one) => [one.isShown, one.webContents.getURL()]))).toEqual([
      [true, 'emulsion://editor/'],
    ]);
    expect(await page.evaluate('Object.keys(window.emulsion)')).toEqual(['connect', 'takeDropped']);
    expect(await page.evaluate('[typeof require, typeof process, typeof module]')).toEqual(['undefined', 'undefined', 'undefined']);
    expect(await page.evaluate('Object.isFrozen(window.emulsion)')).toBe(true);
  });

  it('runs a graph in the evaluator and is told of it, bytes as bytes', async () => {
    const started = await call('run.start', { graph: GRAPHS.picture });
    expect(started).toMatchObject({ ok: true });
    await page.waitForFunction("window.events.some((one) => one.name === 'run.ended')");
    expect(await page.evaluate("window.events.find((one) => one.name === 'run.ended').payload.outcome")).toBe('done');
    const id = await page.evaluate("window.events.find((one) => one.name === 'run.result' && one.payload.nodeId === 'show').payload.artifacts[0].id");
    // Over the port, and at its address.
    expect(await page.evaluate(`window.client.call('artifact.read', { id: '${id}' }).then((read) => [...read.value.bytes.subarray(0, 4)])`)).toEqual([
      0x89, 0x50, 0x4e, 0x47,
    ]);
    expect(await page.evaluate(`fetch('artifact/${id}').then((answer) => answer.headers.get('content-type'))`)).toBe('image/png');
    expect(await page.evaluate("fetch('artifact/AAAAAAAAAAAAAAAAAAAAAA').then((answer) => answer.status)")).toBe(404);
  });

  it('has an evaluator that was started before anybody asked', async () => {
    expect(await page.evaluate("window.events.filter((one) => one.name === 'evaluator.state').map((one) => one.payload.state)")).not.toContain('starting');
  });

  it('gets a port of its own when its page is loaded anew, and the old one is gone', async () => {
    await page.reload();
    await page.waitForFunction('window.client !== undefined');
    expect(await page.evaluate('window.connections')).toBe(1);
    expect(await call('shell.describe', {})).toEqual({ ok: true, value: { kind: 'desktop', platform: process.platform } });
  });

  it('answers what is no call, and arguments that are wrong, with a sentence', async () => {
    expect(await call('fs.read', { path: '/etc/passwd' })).toMatchObject({ ok: false, problem: { code: 'contract.unknownCall' } });
    expect(await call('shell.pick', { kind: 'everything' })).toMatchObject({ ok: false, problem: { code: 'contract.invalid' } });
  });
});
