import type { AttentionLayer } from '../../context.ts';
import { fail, ok, type Result } from '../../problem.ts';

/** The longest list of layers that may be written. */
export const LONGEST_LAYERS = 2000;

/**
 * The layers that a text names: beginnings of their names (`up_blocks.1, mid_block`), or sizes of their maps (`16x16`), separated by commas;
 * `null` and the empty text: all. `title`: whose sentence the refusal is.
 */
export function chooseLayers<L extends Pick<AttentionLayer, 'name' | 'height' | 'width'>>(
  title: string,
  layers: readonly L[],
  wanted: string | null,
): Result<readonly L[]> {
  const entries = (wanted ?? '')
    .split(/[,\s]+/u)
    .map((entry) => entry.toLowerCase())
    .filter((entry) => entry !== '');
  if (entries.length === 0) return ok(layers);
  const fits = ({ name, height, width }: L, entry: string): boolean => {
    const size = /^(\d+)[x×](\d+)$/u.exec(entry);
    if (size !== null) return Number(size[1]) === width && Number(size[2]) === height;
    return name === entry || name.startsWith(entry.endsWith('.') ? entry : `${entry}.`);
  };
  const unknown = entries.find((entry) => !layers.some((layer) => fits(layer, entry)));
  if (unknown !== undefined) {
    const blocks = new Set(layers.map(({ name }) => /^(?:mid_block|\w+_blocks\.\d+)/u.exec(name)?.[0] ?? name));
    const sizes = new Set(layers.map(({ height, width }) => `${width}x${height}`));
    const sentence = `${title} has no layers “${unknown.slice(0, 60)}” that attend to the text. There are ${[...blocks].join(', ')}, with maps of ${[...sizes].join(', ')}. Correct Layers.`;
    return fail('node.invalidInput', sentence, { socket: 'layers' });
  }
  return ok(layers.filter((layer) => entries.some((entry) => fits(layer, entry))));
}
