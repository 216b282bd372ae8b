import type { ControlProps, SpecOf } from './control-props.ts';
import { PathField } from './path-field.tsx';

/** A file of the host, by its path. */
export function FileControl({ spec, value, change, done, isRoomy }: ControlProps<SpecOf<'file'>> & { readonly isRoomy: boolean }) {
  const path = typeof value === 'string' ? value : '';
  const kind = spec.holds === 'folder' ? 'folder' : 'picture';
  return (
    <PathField
      title={spec.title}
      doc={spec.doc}
      value={path}
      kind={kind}
      mayBeOpen={spec.default === null}
      change={change}
      done={done}
      isRoomy={isRoomy}
    />
  );
}
