import { describeType } from '../../nodes/types/describe.ts';
import type { SocketType } from '../../nodes/types/socket-type.ts';

/** What is known beyond the kind: "SD 1.5 · 64×64" of "latent · SD 1.5 · 64×64"; empty when nothing is. */
export function detailOf(type: SocketType | undefined): string {
  if (type === undefined) return '';
  const text = describeType(type);
  if (type.kind === 'list') return text;
  const at = text.indexOf(' · ');
  if (at !== -1) return text.slice(at + 3);
  const range = /^number (.+)$/.exec(text)?.[1];
  return range ?? '';
}

/** The kind of socket that a type is drawn as; undefined where it may be several. */
export function kindOfType(type: SocketType | undefined): string | undefined {
  if (type === undefined) return undefined;
  switch (type.kind) {
    case 'never':
      return undefined;
    case 'struct':
      return type.name;
    case 'list':
      return kindOfType(type.item);
    case 'union': {
      const [first, ...more] = new Set(type.members.map(kindOfType));
      return more.length === 0 ? first : undefined;
    }
    default:
      return type.kind;
  }
}
