import type { CDPSession, Page } from 'playwright-core';
import { encodeFrame } from '../../host/transports/frame.ts';

/** One move each 16 ms, as a hand does it. */
const PACE_MS = 16;
const RUN = 'bench';

/**
 * Runs in the page before anything else: marks every key, and every frame where frames are counted, and keeps the connection's socket, whose runs it answers by
 * itself, so that pictures can be sent into the page without anything that computes.
 */
const PREPARE = `(() => {
  addEventListener('keydown', () => performance.mark('key'), true);
  addEventListener('drop', () => { window.bench.droppedMs = performance.now(); }, true);
  let isMarking = false;
  const frame = () => { if (!isMarking) return; performance.mark('frame'); requestAnimationFrame(frame); };
  window.bench = {
    markFrames(isOn) { isMarking = isOn; if (isOn) requestAnimationFrame(frame); },
  };
  const Real = WebSocket;
  window.WebSocket = class extends Real {
    constructor(...args) { super(...args); window.bench.socket = this; }
    send(data) {
      const call = typeof data === 'string' && data.includes('"run.start"') ? JSON.parse(data) : undefined;
      if (call?.name !== 'run.start') return super.send(data);
      const answer = { kind: 'answer', id: call.id, result: { ok: true, value: { runId: '${RUN}', problems: [] } } };
      setTimeout(() => this.dispatchEvent(new MessageEvent('message', { data: JSON.stringify(answer) })));
    }
  };
})()`;

/** A place in the window. */
export interface Point {
  readonly x: number;
  readonly y: number;
}

/** A page on the editor whose gestures can be repeated and measured. */
export interface MeasuredPage {
  readonly page: Page;
  readonly session: CDPSession;
  /** The middle of the first thing that fits and is covered by nothing. */
  find(selector: string): Promise<Point>;
  /** Presses at a point and moves the pointer from there, so many moves. */
  drag(from: Point, moves: number, stepPx: number): Promise<void>;
  wheel(at: Point, count: number, deltaY: number): Promise<void>;
  /** So many pictures for nodes in view, in each of so many frames. */
  storm(pictures: number, frames: number): Promise<void>;
  /** Frames are marked from now on, or no longer: marks are script too. */
  markFrames(isOn: boolean): Promise<void>;
  /** Waits until nothing is left to do. */
  settle(): Promise<void>;
}

/** Prepares a page that has not been opened yet. */
export async function measurePage(page: Page): Promise<MeasuredPage> {
  await page.addInitScript(PREPARE);
  const session = await page.context().newCDPSession(page);
  type Mouse = Parameters<typeof session.send<'Input.dispatchMouseEvent'>>[1];
  const mouse = (event: NonNullable<Mouse>): Promise<unknown> => session.send('Input.dispatchMouseEvent', event);
  /** Not waiting for what each move leads to, as a hand does not. */
  const paced = async (count: number, act: (at: number) => Promise<unknown>): Promise<void> => {
    const under: Promise<unknown>[] = [];
    for (let at = 0; at < count; at++) {
      under.push(act(at));
      await new Promise((resolve) => setTimeout(resolve, PACE_MS));
    }
    await Promise.all(under);
  };
  const find = (selector: string): Promise<Point> =>
    page.evaluate<Point>(`(() => {
        const canvas = document.querySelector('.canvas').getBoundingClientRect();
        const fits = (x, y) => document.elementFromPoint(x, y)?.matches(${JSON.stringify(selector)});
        for (let y = canvas.top + canvas.height * 0.4; y < canvas.bottom - 40; y += 7)
          for (let x = canvas.left + canvas.width * 0.3; x < canvas.right - 40; x += 7) if (fits(x, y)) return { x, y };
        throw new Error('nothing fits ' + ${JSON.stringify(selector)});
      })()`);
  return {
    page,
    session,
    find,
    async drag({ x, y }, moves, stepPx) {
      await mouse({ type: 'mouseMoved', x, y });
      await mouse({ type: 'mousePressed', x, y, button: 'left', buttons: 1, clickCount: 1 });
      const to = (at: number) => ({ x: x + at * stepPx, y: y + Math.round(Math.sin(at / 8) * 60) });
      await paced(moves, (at) => mouse({ type: 'mouseMoved', ...to(at + 1), button: 'left', buttons: 1 }));
      await mouse({ type: 'mouseReleased', ...to(moves), button: 'left', buttons: 0, clickCount: 1 });
    },
    async wheel({ x, y }, count, deltaY) {
      await paced(count, () => mouse({ type: 'mouseWheel', x, y, deltaX: 0, deltaY }));
    },
    async storm(pictures, frames) {
      const nodes = await page.evaluate<string[]>(
        "[...document.querySelectorAll('.node[data-node-body]')].map((one) => one.dataset.nodeBody)",
      );
      const png = await page.evaluate<string>(`(() => {
        const canvas = document.createElement('canvas');
        canvas.width = canvas.height = 64;
        canvas.getContext('2d').fillRect(10, 10, 20, 20);
        return canvas.toDataURL('image/png').split(',')[1];
      })()`);
      const bytes = new Uint8Array(Buffer.from(png, 'base64'));
      const sent = nodes.map((nodeId) => {
        const payload = { runId: RUN, nodeId, mime: 'image/png', widthPx: 64, heightPx: 64, bytes };
        return Buffer.from(encodeFrame({ kind: 'event', name: 'run.preview', payload }) as Uint8Array).toString('base64'); // it has bytes in it
      });
      await page.evaluate(`new Promise((resolve) => {
        const all = ${JSON.stringify(sent)}.map((text) => Uint8Array.from(atob(text), (one) => one.charCodeAt(0)).buffer);
        let [frame, next] = [0, 0];
        const send = () => {
          for (let at = 0; at < ${pictures}; at++, next++) window.bench.socket.dispatchEvent(new MessageEvent('message', { data: all[next % all.length] }));
          if (++frame < ${frames}) requestAnimationFrame(send);
          else resolve();
        };
        requestAnimationFrame(send);
      })`);
    },
    markFrames: (isOn) => page.evaluate(`window.bench.markFrames(${isOn})`),
    async settle() {
      await page.evaluate(`new Promise((resolve) => {
        const began = performance.now();
        const look = (calm) => requestIdleCallback(({ didTimeout }) => {
          if (performance.now() - began > 10000 || calm >= 10) resolve();
          else requestAnimationFrame(() => look(didTimeout ? 0 : calm + 1));
        }, { timeout: 1000 });
        look(0);
      })`);
    },
  };
}
