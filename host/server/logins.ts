import { makeToken } from './token.ts';

const VALID_MS = 60_000;

/** Secrets that let one browser in. */
export interface Logins {
  make(): string;
  /** True once, within a minute. */
  take(login: string): boolean;
}

/** Has made none yet. */
export function createLogins(now: () => number): Logins {
  const until = new Map<string, number>();
  return {
    make() {
      const login = makeToken();
      until.set(login, now() + VALID_MS);
      return login;
    },
    take(login) {
      const end = until.get(login);
      until.delete(login);
      return end !== undefined && now() <= end;
    },
  };
}
