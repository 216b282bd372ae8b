import type { IncomingMessage } from 'node:http';
import { hostname } from 'node:os';
import { describe, expect, it } from 'vitest';
import { type Access, type AccessSettings, createAccess, isLoopback } from './access.ts';

const open = (other: Partial<AccessSettings> = {}): Access =>
  createAccess({ token: 'x7Gk2-pQ9_vLm4RtY8sWaZ', key: new Uint8Array(32), host: '127.0.0.1', port: 4840, now: () => 1e12, ...other });

/** Whether a server on `host` goes by the name in a request's Host. */
function goesBy(host: string, named: string): boolean {
  const access = open({ host });
  return access.explainRefusal({ headers: { host: named } } as IncomingMessage) === undefined; // all that is looked at
}

describe('the names a server goes by', () => {
  it.each(['0.0.0.0', '::'])('on all addresses (%s): any address, and the machine’s name', (host) => {
    for (const named of ['192.168.1.7:4840', '[fe80::1]:4840', 'localhost:4840', `${hostname()}:4840`])
      expect([named, goesBy(host, named)]).toEqual([named, true]);
    for (const named of ['evil.example:4840', '192.168.1.7.evil.example:4840', '192.168.1.7', ''])
      expect([named, goesBy(host, named)]).toEqual([named, false]);
  });

  it('under a name of its own: that one', () => {
    expect(goesBy('studio.lan', 'studio.lan:4840')).toBe(true);
    expect(goesBy('studio.lan', 'other.lan:4840')).toBe(false);
  });

  it('on this machine only: no other address', () => {
    expect(goesBy('127.0.0.1', 'localhost:4840')).toBe(true);
    expect(goesBy('127.0.0.1', '192.168.1.7:4840')).toBe(false);
  });
});

it('knows addresses that only this machine reaches', () => {
  expect(['127.0.0.1', '127.8.9.1', '::1', 'localhost'].map(isLoopback)).toEqual([true, true, true, true]);
  expect(['0.0.0.0', '::', '127.0.0.1.evil.example', '10.0.0.1', '128.0.0.1'].map(isLoopback)).toEqual([false, false, false, false, false]);
});

describe('a cookie', () => {
  const cookie = open().makeCookie().split(';')[0] ?? '';
  const letsIn = (other: Partial<AccessSettings>, shown = cookie): boolean =>
    open(other).isAuthorised({ headers: { cookie: shown } } as IncomingMessage); // all that is looked at
  const DAY_MS = 24 * 3_600_000;

  it('lets in wherever it was signed with the same key, whatever the token is by now', () => {
    expect(letsIn({ token: 'Zx8Gk2-pQ9_vLm4RtY8sWa' })).toBe(true);
    expect(letsIn({ key: new Uint8Array(32).fill(1) })).toBe(false);
  });

  it('is for one port', () => {
    const renamed = cookie.replace('emulsion-4840', 'emulsion-4841');
    expect(letsIn({ port: 4841 }, renamed)).toBe(false);
  });

  it('lasts for a month, from when it was signed', () => {
    expect([letsIn({ now: () => 1e12 + 29 * DAY_MS }), letsIn({ now: () => 1e12 + 31 * DAY_MS })]).toEqual([true, false]);
    expect([letsIn({ now: () => 1e12 - 30_000 }), letsIn({ now: () => 1e12 - DAY_MS })]).toEqual([true, false]);
    const dated = cookie.replace('=1000000000000.', `=${1e12 + 10 * DAY_MS}.`);
    expect(letsIn({ now: () => 1e12 + 35 * DAY_MS }, dated)).toBe(false);
  });

  it.each(['', 'emulsion-4840=', 'emulsion-4840=1000000000000', 'emulsion-4840=1000000000000.00', 'emulsion-4840=x7Gk2-pQ9_vLm4RtY8sWaZ'])(
    'is not %s',
    (shown) => expect(letsIn({}, shown)).toBe(false),
  );
});
