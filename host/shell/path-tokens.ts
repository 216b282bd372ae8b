import { randomBytes } from 'node:crypto';

const TOKEN_BYTES = 24;

/** Tokens that are remembered; the oldest go first. */
const MOST_TOKENS = 1000;

/** Paths that a person has chosen, by tokens that can't be guessed: a window names files by these and by nothing else. */
export interface PathTokens {
  give(path: string): string;
  /** The path a token means; undefined where it means nothing, or was given long ago. */
  find(token: string): string | undefined;
}

/** Has given nothing yet. */
export function createPathTokens(): PathTokens {
  const paths = new Map<string, string>();
  return {
    give(path) {
      const token = randomBytes(TOKEN_BYTES).toString('base64url');
      paths.set(token, path);
      for (const oldest of paths.keys()) {
        if (paths.size <= MOST_TOKENS) break;
        paths.delete(oldest);
      }
      return token;
    },
    find: (token) => paths.get(token),
  };
}
