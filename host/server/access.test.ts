import type { IncomingMessage } from 'node:http';
import { hostname } from 'node:os';
import { describe, expect, it } from 'vitest';
import { createAccess, isLoopback } from './access.ts';

/** Whether a server on `host` goes by the name in a request's Host. */
function goesBy(host: string, named: string): boolean {
  const access = createAccess({ token: 'x7Gk2-pQ9_vLm4RtY8sWaZ', host, port: 4840 });
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
