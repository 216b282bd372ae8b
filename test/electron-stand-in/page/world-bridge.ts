/** Calls between the two worlds of a page. Events cross synchronously, and Chromium clones what they carry. */
export type World = 'main' | 'isolated';

type Crossing =
  | { readonly kind: 'expose'; readonly name: string; readonly api: unknown }
  | { readonly kind: 'call'; readonly id: number; readonly args: readonly unknown[] }
  | { readonly kind: 'answer'; readonly value: unknown; readonly error?: readonly [name: string, message: string] }
  | { readonly kind: 'settled'; readonly id: number; readonly isFulfilled: boolean; readonly value: unknown };

/** Carries the address of a window that the page wants to open. */
export const OPEN_EVENT = 'electron-stand-in:open';

/** One world's end. */
export interface WorldBridge {
  /** Puts an object into the other world's window: its functions are called over here. */
  expose(name: string, api: object): void;
}

/** Stands for what cannot be cloned, in what crosses. */
interface Marker {
  readonly $crossing: 'function' | 'promise' | 'value';
  readonly id?: number;
  readonly value?: unknown;
}

const eventOf = (world: World): string => `electron-stand-in:${world}`;

/** Listens in one world for what comes from the other. */
export function bridgeWorlds(own: World): WorldBridge {
  const other: World = own === 'main' ? 'isolated' : 'main';
  const functions = new Map<number, (...args: unknown[]) => unknown>();
  const promises = new Map<number, { resolve: (value: unknown) => void; reject: (error: unknown) => void }>();
  let lastId = 0;
  let answer: Extract<Crossing, { kind: 'answer' }> | undefined;

  const post = (crossing: Crossing): void => {
    window.dispatchEvent(new CustomEvent(eventOf(other), { detail: crossing }));
  };
  const ask = (crossing: Crossing): unknown => {
    answer = undefined;
    post(crossing);
    const given: typeof answer = answer;
    if (given === undefined) throw new Error('stand-in: the other world does not answer');
    const { error, value } = given as Extract<Crossing, { kind: 'answer' }>;
    if (error !== undefined) throw Object.assign(new Error(error[1]), { name: error[0] });
    return comeIn(value);
  };
  const goOut = (value: unknown): unknown => {
    if (typeof value === 'function') {
      lastId += 1;
      functions.set(lastId, value as (...args: unknown[]) => unknown);
      return { $crossing: 'function', id: lastId } satisfies Marker;
    }
    if (value instanceof Promise) {
      lastId += 1;
      const id = lastId;
      value.then(
        (found) => post({ kind: 'settled', id, isFulfilled: true, value: goOut(found) }),
        (error: unknown) =>
          post({ kind: 'settled', id, isFulfilled: false, value: String(error instanceof Error ? error.message : error) }),
      );
      return { $crossing: 'promise', id } satisfies Marker;
    }
    if (Array.isArray(value)) return value.map(goOut);
    if (isPlain(value)) return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, goOut(one)]));
    return { $crossing: 'value', value } satisfies Marker;
  };
  const comeIn = (value: unknown): unknown => {
    if (Array.isArray(value)) return value.map(comeIn);
    if (!isPlain(value)) return value;
    const { $crossing, id = 0, value: inner } = value as Partial<Marker>;
    if ($crossing === 'value') return inner;
    if ($crossing === 'function') return (...args: unknown[]) => ask({ kind: 'call', id, args: args.map(goOut) });
    if ($crossing === 'promise') return new Promise((resolve, reject) => promises.set(id, { resolve, reject }));
    return Object.freeze(Object.fromEntries(Object.entries(value).map(([key, one]) => [key, comeIn(one)])));
  };

  const respond = (act: () => unknown): void => {
    try {
      post({ kind: 'answer', value: goOut(act()) });
    } catch (error) {
      const { name, message } = error instanceof Error ? error : new Error(String(error));
      post({ kind: 'answer', value: undefined, error: [name, message] });
    }
  };
  window.addEventListener(eventOf(own), (event) => {
    const crossing = (event as CustomEvent<Crossing>).detail; // nobody else knows the event's name
    switch (crossing.kind) {
      case 'expose':
        return respond(() => {
          if (crossing.name in window) throw new Error('Cannot bind an API on top of an existing property on the window object');
          Object.defineProperty(window, crossing.name, { value: comeIn(crossing.api), enumerable: true });
        });
      case 'call':
        return respond(() => functions.get(crossing.id)?.(...crossing.args.map(comeIn)));
      case 'answer':
        answer = crossing;
        return;
      case 'settled': {
        const promise = promises.get(crossing.id);
        promises.delete(crossing.id);
        if (crossing.isFulfilled) promise?.resolve(comeIn(crossing.value));
        else promise?.reject(new Error(String(comeIn(crossing.value))));
        return;
      }
      default:
        crossing satisfies never;
    }
  });
  return { expose: (name, api) => void ask({ kind: 'expose', name, api: goOut(api) }) };
}

function isPlain(value: unknown): value is Record<string, unknown> {
  if (typeof value !== 'object' || value === null) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === null || prototype === Object.prototype;
}
