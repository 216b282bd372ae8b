import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import type { Problem } from '../../../nodes/problem.ts';
import { listModels } from '../../list-models.ts';
import { readModelFacts } from '../../model-facts.ts';
import type { CommandContext } from '../command-context.ts';
import { exitCodeFor } from '../exit-code.ts';
import { modelFolders } from '../make-policy.ts';

/** Lists the bundled checkpoints and those in folders or files given by hand or by EMULSION_MODELS; returns the exit code. */
export async function modelsCommand(
  { parts, output }: CommandContext,
  given: readonly string[],
  options: { readonly json: boolean },
): Promise<number> {
  const missing = given
    .filter((path) => !existsSync(resolve(path)))
    .map((path): Problem => ({ code: 'file.missing', severity: 'error', message: `There is no folder or file ${path}.` }));
  const places = { packsRoot: parts.packsRoot, modelFolders: modelFolders(given) };
  const { models, problems, others } = await listModels(places, readModelFacts);
  const width = Math.max(0, ...models.map((one) => one.name.length));
  for (const one of models) {
    if (options.json) output.json(one);
    else output.result(`${one.name.padEnd(width)}  ${one.label}, ${one.bundled ? 'bundled' : one.path}`);
  }
  if (models.length === 0) output.note('There are no models here. Name a folder that holds some, or set EMULSION_MODELS.');
  for (const one of [...problems, ...missing]) output.problem(one);
  if (others.length > 0) {
    const what = others.length === 1 ? '1 other file that is no checkpoint' : `${others.length} other files that are no checkpoints`;
    output.note(`Not listed: ${what} (LoRAs, ControlNets, autoencoders and the like). Name one to be told what it is.`);
  }
  return exitCodeFor(missing);
}
