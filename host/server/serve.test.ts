import { mkdir, rm, writeFile } from 'node:fs/promises';
import { type IncomingHttpHeaders, request } from 'node:http';
import { connect } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { GRAPHS, openTestService, type TestService } from '../../test/e2e/open-service.ts';
import { unwrap } from '../../test/unwrap.ts';
import { NONCE_PLACEHOLDER } from './editor-files.ts';
import { serve } from './serve.ts';

let test: TestService;
let cookie: string;
beforeAll(async () => {
  test = await openTestService();
  cookie = (await get(`/?token=${test.server.token}`)).headers['set-cookie']?.[0]?.split(';')[0] ?? '';
});
afterAll(() => test.close());

interface Answer {
  readonly status: number | undefined;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
}

/** One request, with any Host and Origin. */
function get(path: string, headers: Record<string, string> = {}, method = 'GET'): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const sent = request({ host: '127.0.0.1', port: test.server.port, path, method, headers }, (response) => {
      const parts: Buffer[] = [];
      response.on('data', (part: Buffer) => parts.push(part));
      response.on('end', () => resolve({ status: response.statusCode, headers: response.headers, body: Buffer.concat(parts) }));
    });
    sent.on('error', reject);
    sent.end();
  });
}

/** How an attempt to open a socket ends: `open`, or the status it was refused with. */
function knock(headers: Record<string, string>, path = '/socket'): Promise<'open' | number | undefined> {
  return new Promise((resolve) => {
    const socket = new WebSocket(`ws://127.0.0.1:${test.server.port}${path}`, { headers });
    socket.on('open', () => {
      socket.close();
      resolve('open');
    });
    socket.on('unexpected-response', (_request, response) => resolve(response.statusCode));
    socket.on('error', () => undefined);
  });
}

describe('who may come in', () => {
  it('the token gives a cookie that is not the token, and a clean address', async () => {
    const { status, headers } = await get(`/?token=${test.server.token}`);
    expect(status).toBe(303);
    expect(headers.location).toBe('/');
    expect(headers['set-cookie']).toEqual([
      expect.stringMatching(new RegExp(`^emulsion-${test.server.port}=\\d{13}\\.[0-9a-f]{64}; Path=/; HttpOnly; SameSite=Strict$`)),
    ]);
    expect(headers['set-cookie']?.[0]).not.toContain(test.server.token);
  });

  it('nobody without it', async () => {
    const wrong = `${test.server.token.slice(0, -1)}${test.server.token.endsWith('A') ? 'B' : 'A'}`;
    for (const path of ['/', '/?token=', `/?token=${wrong}`, '/artifact/abc', '/assets/main.js', '/nowhere']) {
      const { status, headers } = await get(path);
      expect([path, status, headers['set-cookie']]).toEqual([path, 401, undefined]);
    }
    expect(await get('/', { authorization: `Bearer ${wrong}` })).toMatchObject({ status: 401 });
    expect(await get('/', { cookie: cookie.replace(/.$/, 'x') })).toMatchObject({ status: 401 });
    expect(await get('/', { cookie: `${cookie.split('=')[0]}=${test.server.token}` })).toMatchObject({ status: 401 });
    expect(await knock({})).toBe(403);
    expect(await knock({ authorization: `Bearer ${wrong}` })).toBe(403);
    expect(await knock({ cookie: 'emulsion-1=x' })).toBe(403);
  });

  it('the cookie, or the token as a bearer', async () => {
    expect(await knock({ cookie: `other=1; ${cookie}` })).toBe('open');
    expect(await knock({ authorization: `Bearer ${test.server.token}` })).toBe('open');
    expect(await knock({ cookie }, '/elsewhere')).toBe(403);
    expect(await get('/nowhere', { cookie })).toMatchObject({ status: 404 });
  });

  it('nobody from another site, whatever they know', async () => {
    for (const origin of [
      'http://evil.example',
      'null',
      `http://127.0.0.1:${test.server.port + 1}`,
      `https://127.0.0.1:${test.server.port}`,
    ]) {
      expect([origin, await knock({ cookie, origin })]).toEqual([origin, 403]);
      expect([origin, (await get('/', { cookie, origin })).status]).toEqual([origin, 403]);
    }
    expect(await knock({ cookie, origin: `http://127.0.0.1:${test.server.port}` })).toBe('open');
  });

  it('nobody under another name, so that no page can rebind its own to this server', async () => {
    const { port } = test.server;
    for (const host of [
      'evil.example',
      `evil.example:${port}`,
      '127.0.0.1',
      `127.0.0.1:${port + 1}`,
      `127.0.0.1.evil.example:${port}`,
      `192.168.0.1:${port}`,
    ]) {
      expect([host, (await get('/', { cookie, host })).status]).toEqual([host, 403]);
      expect([host, await knock({ cookie, host })]).toEqual([host, 403]);
    }
    for (const host of [`localhost:${port}`, `LOCALHOST:${port}`, `[::1]:${port}`]) {
      expect([host, (await get('/', { cookie, host })).status]).toEqual([host, 503]);
    }
  });

  it('only to read', async () => {
    for (const method of ['POST', 'PUT', 'DELETE', 'OPTIONS']) expect((await get('/', { cookie }, method)).status).toBe(405);
  });

  it('sends every answer with headers that keep it to itself', async () => {
    const answers = [
      await get('/', { cookie }),
      await get('/'),
      await get('/', { host: 'evil.example' }),
      await get('/', { cookie }, 'POST'),
    ];
    for (const { headers } of answers) {
      expect(headers).toMatchObject({
        'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
        'x-content-type-options': 'nosniff',
        'referrer-policy': 'no-referrer',
        'cross-origin-resource-policy': 'same-origin',
        'cache-control': 'no-store',
      });
      expect(headers).not.toHaveProperty('access-control-allow-origin');
    }
  });

  it('survives those who hang up in the middle', async () => {
    for (const text of [
      'GET / HT',
      `GET /socket HTTP/1.1\r\nHost: 127.0.0.1:${test.server.port}\r\nUpgrade: websocket\r\nConnection: upgrade\r\n\r\n`,
    ]) {
      await new Promise<void>((resolve) => {
        const socket = connect(test.server.port, '127.0.0.1', () => socket.write(text, () => socket.resetAndDestroy()));
        socket.on('close', () => resolve());
        socket.on('error', () => undefined);
      });
    }
    expect((await get('/', { cookie })).status).toBe(503);
    expect(test.bugs).toEqual([]);
  });
});

describe('artifacts', () => {
  it('are read by an id that can’t be guessed, by those who are in', async () => {
    const client = await test.connect('web-socket');
    const { runId } = unwrap(await client.call('run.start', { graph: GRAPHS.picture }));
    const { artifacts } = await client.next('run.result', (event) => event.runId === runId && event.nodeId === 'save');
    const [artifact] = artifacts;
    expect(artifact).toMatchObject({ name: 'dot.png', mime: 'image/png', widthPx: 4, heightPx: 4 });
    expect(artifact?.id).toMatch(/^[\w-]{22}$/);
    const path = `/artifact/${artifact?.id}`;
    expect(await get(path)).toMatchObject({ status: 401 });
    const { status, headers, body } = await get(path, { cookie });
    expect({ status, type: headers['content-type'] }).toEqual({ status: 200, type: 'image/png' });
    expect(headers['content-disposition']).toBe("inline; filename*=UTF-8''dot.png");
    expect(body.subarray(1, 4).toString()).toBe('PNG');
    const head = await get(path, { cookie }, 'HEAD');
    expect({ status: head.status, bytes: head.body.length }).toEqual({ status: 200, bytes: 0 });
    client.close();

    await rm(join(test.test.folder, 'out', 'dot.png'));
    const gone = await get(path, { cookie });
    expect(gone).toMatchObject({ status: 404 });
    expect(gone.body.toString()).toMatch(/dot\.png is not where the run put it any more/);
  });

  it.each([
    '/artifact/',
    '/artifact/..%2f..%2fetc%2fpasswd',
    '/artifact/../../etc/passwd',
    `/artifact/${'a'.repeat(22)}`,
    '//etc/passwd',
    '/%',
  ])('and nothing else: %s', async (path) => {
    expect((await get(path, { cookie })).status).toBe(404);
  });
});

describe('the editor', () => {
  it('is sent once it is built, each time with a policy of its own', async () => {
    const folder = join(test.test.folder, 'editor');
    await mkdir(join(folder, 'assets'), { recursive: true });
    await writeFile(join(folder, 'index.html'), `<style nonce="${NONCE_PLACEHOLDER}"></style>`);
    await writeFile(join(folder, 'assets', 'main-1a2b.js'), 'export {};');
    const pages = [await get('/', { cookie }), await get('/', { cookie })];
    const nonces = pages.map(({ body }) => /nonce="([\w-]{24})"/.exec(body.toString())?.[1] ?? '');
    expect(new Set(nonces).size).toBe(2);
    for (const [at, { headers }] of pages.entries()) {
      const policy = String(headers['content-security-policy']);
      expect(policy).toContain(`'nonce-${nonces[at]}'`);
      expect(policy).toMatch(/^default-src 'none'; script-src 'self';/);
      expect(policy).not.toContain('unsafe');
    }
    expect(await get('/assets/main-1a2b.js', { cookie })).toMatchObject({ status: 200 });
    expect(await get('/assets/..%2findex.html', { cookie })).toMatchObject({ status: 404 });
    await rm(folder, { recursive: true });
    expect((await get('/', { cookie })).body.toString()).toMatch(/has not been built\. Run npm run build:editor, then reload/);
  });
});

describe('a server that can’t be', () => {
  it.each([
    ['short', /too easy to guess/],
    ['1234567890123456789012', /too easy to guess/],
    ['a'.repeat(64), /too easy to guess/],
    ['0123456789abcdef0123456789abcde', /too easy to guess/],
    ['with spaces in it, and long enough', /letters, digits/],
  ])('for its token %s', async (token, sentence) => {
    const started = await serve(test.service, { host: '127.0.0.1', port: 0, token, onBug: () => undefined });
    expect(started.ok ? '' : started.problem.message).toMatch(sentence);
  });

  it.each(['0123456789abcdef0123456789abcdef', 'x7Gk2-pQ9_vLm4RtY8sWaZ'])('takes the token %s', async (token) => {
    const server = unwrap(await serve(test.service, { host: '127.0.0.1', port: 0, token, onBug: () => undefined }));
    expect(server.address).toBe(`http://127.0.0.1:${server.port}/?token=${token}`);
    await server.close();
  });

  it('for its port or address', async () => {
    const taken = await serve(test.service, { host: '127.0.0.1', port: test.server.port, onBug: () => undefined });
    expect(taken.ok ? '' : taken.problem.message).toMatch(/in use by another program/);
    const elsewhere = await serve(test.service, { host: '192.0.2.1', port: 0, onBug: () => undefined });
    expect(elsewhere.ok ? '' : elsewhere.problem.message).toMatch(/no such address/);
  });
});
