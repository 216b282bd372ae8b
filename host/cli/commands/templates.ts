import { loadTemplates } from '../../load-templates.ts';
import type { CommandContext } from '../command-context.ts';
import { EXIT } from '../exit-code.ts';

/** Lists the shipped example graphs, one a line; returns the exit code. */
export async function templatesCommand({ parts, output }: CommandContext, options: { readonly json: boolean }): Promise<number> {
  const templates = await loadTemplates(parts.templatesFolder);
  const width = Math.max(0, ...templates.map((one) => one.name.length));
  for (const { name, title, description } of templates) {
    if (options.json) output.json({ name, title, description });
    else output.result(`${name.padEnd(width)}  ${title}: ${description}`);
  }
  return EXIT.done;
}
