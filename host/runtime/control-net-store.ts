import { type ControlNetModel, openControlNet } from '../../models/controlnet/open-controlnet.ts';
import { fail, ok, type Result } from '../../nodes/problem.ts';
import type { ControlNetHandle } from '../../nodes/socket-values.ts';

/** ControlNets by where they lie; opened by headers and configs. */
export interface ControlNetStore {
  /** Looks at the files anew. */
  open(path: string): Promise<Result<ControlNetModel>>;
  /** The very one a value was made from; refused if its files are others by now. */
  find(handle: ControlNetHandle): Promise<Result<ControlNetModel>>;
}

/** A store with nothing open. `onChange` is given the fingerprint that no longer holds. */
export function createControlNetStore(onChange: (oldFingerprint: string) => Promise<void>): ControlNetStore {
  const open = new Map<string, ControlNetModel>();
  const load = async (path: string): Promise<Result<ControlNetModel>> => {
    const opened = await openControlNet(path);
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
