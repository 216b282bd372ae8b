import { createHash, createHmac, timingSafeEqual } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { isIP } from 'node:net';
import { hostname } from 'node:os';

/** Who may come in: the one who knows the token, from pages that this server has sent. */
export interface Access {
  /** Undefined: the request names this server and comes from nowhere else. Else why it is refused. */
  explainRefusal(request: IncomingMessage): string | undefined;
  /** The request carries the cookie, or the token as a bearer. */
  isAuthorised(request: IncomingMessage): boolean;
  isToken(text: string | null): boolean;
  /** `Set-Cookie` for a browser that has shown the token. */
  makeCookie(): string;
}

/** What access is checked against. */
export interface AccessSettings {
  readonly token: string;
  /** What cookies are signed with: as long as it is the same, so are their bearers. */
  readonly key: Uint8Array;
  readonly host: string;
  readonly port: number;
  now(): number;
}

/** A cookie lets its browser in for so long; by then the browser itself has mostly forgotten it. */
const COOKIE_MS = 30 * 24 * 3_600_000;
/** Clocks are set back by this much at most. */
const CLOCK_MS = 60_000;

/** True for addresses that only this machine can reach. */
export function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || /^127\.\d+\.\d+\.\d+$/.test(host);
}

/** Checks every request's Host (against DNS rebinding), Origin (against other pages) and secret. */
export function createAccess({ token, key, host, port, now }: AccessSettings): Access {
  // A cookie is no token: what a browser stores can't be used to log in elsewhere, or at a server on another port.
  const sign = (sinceMs: string): string => createHmac('sha256', key).update(`cookie ${port} ${sinceMs}`).digest('hex');
  const isCookie = (value: string): boolean => {
    const [, sinceMs, signature] = /^(\d{1,15})\.([\da-f]{64})$/.exec(value) ?? [];
    if (sinceMs === undefined || signature === undefined || !equalSecrets(signature, sign(sinceMs))) return false;
    const ageMs = now() - Number(sinceMs);
    return ageMs > -CLOCK_MS && ageMs < COOKIE_MS;
  };
  // Cookies do not know ports, so that two servers on one machine need two names.
  const cookieName = `emulsion-${port}`;
  return {
    makeCookie() {
      const sinceMs = String(now());
      return `${cookieName}=${sinceMs}.${sign(sinceMs)}; Path=/; HttpOnly; SameSite=Strict`;
    },
    isToken: (text) => text !== null && equalSecrets(text, token),
    explainRefusal(request) {
      const named = request.headers.host;
      if (named === undefined || !isOwnName(named, host, port)) return 'this server does not go by that name';
      const { origin } = request.headers;
      return origin === undefined || origin === `http://${named}` ? undefined : 'the request comes from another site';
    },
    isAuthorised(request) {
      const bearer = /^Bearer (.+)$/.exec(request.headers.authorization ?? '')?.[1];
      if (bearer !== undefined) return equalSecrets(bearer, token);
      const cookies = (request.headers.cookie ?? '').split(';').map((one) => one.trim().split('='));
      return cookies.some(([name, value = '']) => name === cookieName && isCookie(value));
    },
  };
}

/** Names that rebinding can't forge: loopback, the name that was asked for, this machine's, and addresses where all are listened on. */
function isOwnName(named: string, host: string, port: number): boolean {
  const [, name, given = '80'] = /^(\[[0-9a-f:.]+\]|[^:]+)(?::(\d+))?$/i.exec(named.toLowerCase()) ?? [];
  if (name === undefined || Number(given) !== port) return false;
  const bare = name.replace(/^\[|\]$/g, '');
  if (isLoopback(bare) || bare === host.toLowerCase()) return true;
  return !isLoopback(host) && (isIP(bare) !== 0 || bare === hostname().toLowerCase());
}

function equalSecrets(given: string, wanted: string): boolean {
  const [a, b] = [given, wanted].map((text) => createHash('sha256').update(text).digest());
  return a !== undefined && b !== undefined && timingSafeEqual(a, b);
}
