import { createHash, timingSafeEqual } from 'node:crypto';
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
  readonly setCookie: string;
}

/** What access is checked against. */
export interface AccessSettings {
  readonly token: string;
  readonly host: string;
  readonly port: number;
}

/** True for addresses that only this machine can reach. */
export function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || /^127\.\d+\.\d+\.\d+$/.test(host);
}

/** Checks every request's Host (against DNS rebinding), Origin (against other pages) and secret. */
export function createAccess({ token, host, port }: AccessSettings): Access {
  // The cookie is not the token: what a browser stores can't be used to log in elsewhere.
  const secret = createHash('sha256').update(`cookie ${token}`).digest('hex');
  // Cookies do not know ports, so that two servers on one machine need two names.
  const cookieName = `emulsion-${port}`;
  return {
    setCookie: `${cookieName}=${secret}; Path=/; HttpOnly; SameSite=Strict`,
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
      return cookies.some(([name, value = '']) => name === cookieName && equalSecrets(value, secret));
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
