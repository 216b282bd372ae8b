import { fail, ok, type Result } from '../../nodes/problem.ts';

/** What a value says of the file that it stands for. */
interface FileHandle {
  readonly path: string;
  readonly name: string;
  readonly fingerprint: string;
}

/** Opened files of one kind by where they lie. */
export interface FileStore<T> {
  /** Looks at the file anew. */
  open(path: string): Promise<Result<T>>;
  /** The very one a value was made from; refused if the file is another by now. */
  find(handle: FileHandle): Promise<Result<T>>;
}

/** A store with nothing open. `onChange` is given the fingerprint that no longer holds. */
export function createFileStore<T extends { readonly fingerprint: string }>(
  openFile: (path: string) => Promise<Result<T>>,
  onChange: (oldFingerprint: string) => Promise<void> = () => Promise.resolve(),
): FileStore<T> {
  const open = new Map<string, T>();
  const load = async (path: string): Promise<Result<T>> => {
    const opened = await openFile(path);
    if (!opened.ok) return opened;
    const known = open.get(path);
    if (known?.fingerprint === opened.value.fingerprint) return ok(known);
    open.set(path, opened.value);
    if (known !== undefined) await onChange(known.fingerprint);
    return opened;
  };
  return {
    open: load,
    async find({ path, name, fingerprint }) {
      const known = open.get(path);
      if (known?.fingerprint === fingerprint) return ok(known);
      const opened = await load(path);
      if (!opened.ok || opened.value.fingerprint === fingerprint) return opened;
      return fail('model.damaged', `The files of ${name} changed while the run went on. Run again.`);
    },
  };
}
