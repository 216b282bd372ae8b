interface OpenObject {
  readonly keys: Set<string>;
  /** The key whose value is being read. */
  key: string;
}

interface OpenArray {
  readonly keys: undefined;
  index: number;
}

/**
 * Paths of keys that one object of a JSON text has twice, which `JSON.parse` passes over in silence. The text must be valid
 * JSON; one pass, no recursion.
 */
export function findDuplicateKeys(json: string, most = 20): string[] {
  const found: string[] = [];
  const open: (OpenObject | OpenArray)[] = [];
  let expectsKey = false;
  for (let at = 0; at < json.length && found.length < most; at++) {
    const top = open.at(-1);
    switch (json.charCodeAt(at)) {
      case 0x7b: // {
        open.push({ keys: new Set(), key: '' });
        expectsKey = true;
        break;
      case 0x5b: // [
        open.push({ keys: undefined, index: 0 });
        expectsKey = false;
        break;
      case 0x7d: // }
      case 0x5d: // ]
        open.pop();
        expectsKey = false;
        break;
      case 0x2c: // ,
        expectsKey = top?.keys !== undefined;
        if (top !== undefined && top.keys === undefined) top.index++;
        break;
      case 0x22: {
        const end = endOfString(json, at);
        if (expectsKey && top?.keys !== undefined) {
          top.key = JSON.parse(json.slice(at, end + 1)) as string; // the slice is one string of a valid text
          if (top.keys.has(top.key)) found.push(pathOf(open));
          top.keys.add(top.key);
          expectsKey = false;
        }
        at = end;
        break;
      }
      default:
    }
  }
  return found;
}

/** Index of the quote that closes the string opened at `start`. */
function endOfString(json: string, start: number): number {
  for (let at = start + 1; at < json.length; at++) {
    const code = json.charCodeAt(at);
    if (code === 0x22) return at;
    if (code === 0x5c) at++; // a backslash takes the next character with it
  }
  return json.length;
}

function pathOf(open: readonly (OpenObject | OpenArray)[]): string {
  return open.map((one) => (one.keys === undefined ? String(one.index) : one.key)).join('.');
}
