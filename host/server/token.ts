import { randomBytes } from 'node:crypto';

const TOKEN_BYTES = 24;
const LEAST_BITS = 128;

/** A random token of 192 bits. */
export function makeToken(): string {
  return randomBytes(TOKEN_BYTES).toString('base64url');
}

/** Why a token given by hand can be guessed or can't be sent, as a sentence; undefined when it will do. */
export function explainWeakToken(token: string): string | undefined {
  if (!/^[\w.~-]*$/.test(token)) return `A token is made of letters, digits and - . _ ~ only. ${ADVICE}`;
  const bits = Math.floor(token.length * Math.log2(alphabetSize(token)));
  if (bits >= LEAST_BITS && new Set(token).size >= 8) return undefined;
  return `The token is too easy to guess: it must hold ${LEAST_BITS} bits, which takes 22 random letters and digits or 32 hexadecimal digits. ${ADVICE}`;
}

const ADVICE = 'Leave it out to get a random one.';

/** How many characters one was chosen from, by the kinds that occur. */
function alphabetSize(token: string): number {
  if (/^\d*$/.test(token)) return 10;
  if (/^([\da-f]*|[\dA-F]*)$/.test(token)) return 16;
  return /[a-z]/.test(token) && /[A-Z]/.test(token) ? 64 : 36;
}
