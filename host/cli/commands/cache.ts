import type { Problem } from '../../../nodes/problem.ts';
import { clearCacheFolder, defaultCacheFolder, listCacheEntries, refuseCacheFolder } from '../../store/cache-folder.ts';
import type { CommandContext } from '../command-context.ts';
import { EXIT, exitCodeFor } from '../exit-code.ts';
import { formatBytes } from '../format-bytes.ts';
import type { Output } from '../output.ts';

/** Tells where results are kept and how much they take; returns the exit code. */
export async function showCacheCommand({ output }: CommandContext, options: { readonly json: boolean }): Promise<number> {
  const folder = defaultCacheFolder(process.env);
  const refusal = await refuseCacheFolder(folder);
  if (refusal !== undefined) return refuse(output, refusal);
  const entries = await listCacheEntries(folder);
  const bytes = entries.reduce((sum, one) => sum + one.bytes, 0);
  if (options.json) output.json({ folder, entries: entries.length, bytes });
  else output.result(`${folder}: ${describe(entries.length, bytes)}`);
  return EXIT.done;
}

/** Deletes what is kept and nothing else; returns the exit code. */
export async function clearCacheCommand({ output }: CommandContext, options: { readonly json: boolean }): Promise<number> {
  const folder = defaultCacheFolder(process.env);
  const refusal = await refuseCacheFolder(folder);
  if (refusal !== undefined) return refuse(output, refusal);
  const { entries, bytes } = await clearCacheFolder(folder);
  if (options.json) output.json({ folder, entries, bytes });
  else output.result(`${folder}: deleted ${describe(entries, bytes)}`);
  return EXIT.done;
}

function refuse(output: Output, refusal: Problem): number {
  output.problem(refusal);
  return exitCodeFor([refusal]);
}

function describe(entries: number, bytes: number): string {
  return `${entries} ${entries === 1 ? 'result' : 'results'}, ${formatBytes(bytes)}`;
}
