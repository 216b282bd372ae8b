import type { AnyNodeDefinition } from '../nodes/define-node.ts';
import { ownValue } from './own-value.ts';

const LONGEST_SHOWN = 60;

/** How sentences name a node: its own title or its kind's, and its id (Sampler “sampler”). */
export function nodeName(
  id: string,
  node: { readonly type: string; readonly title?: string | undefined },
  definition: AnyNodeDefinition | undefined,
): string {
  return `${shorten(node.title || definition?.title || node.type)} ${quote(id)}`;
}

/** The title of an input, output or parameter; its name where there is no such socket. */
export function socketTitle(definition: AnyNodeDefinition | undefined, side: 'inputs' | 'outputs', name: string): string {
  const own = ownValue(definition?.[side], name) ?? (side === 'inputs' ? ownValue(definition?.params, name) : undefined);
  return own?.title ?? shorten(name);
}

/** A name in quotation marks, as it may stand in a sentence. */
export function quote(text: string): string {
  return `“${shorten(text)}”`;
}

/** A text cut to what a sentence can hold. */
export function shorten(text: string): string {
  return text.length > LONGEST_SHOWN ? `${text.slice(0, LONGEST_SHOWN - 1)}…` : text;
}

/** The first few of some names and how many more there are: "a, b, c and 12 more". */
export function listNames(names: readonly string[], most = 8): string {
  if (names.length > most) return `${names.slice(0, most).join(', ')} and ${names.length - most} more`;
  return names.join(', ');
}
