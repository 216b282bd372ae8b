import { resolve } from 'node:path';
import { exportHtml } from '../../documents/export-html.ts';
import { titleOf } from '../../documents/read-source.ts';
import { saveFile } from '../../documents/save-file.ts';
import { loadGraph } from '../../load-graph.ts';
import { problemsBeforeRun } from '../../problems-before-run.ts';
import type { CommandContext } from '../command-context.ts';
import { EXIT, exitCodeFor } from '../exit-code.ts';

/** What `emulsion export` takes. */
export interface ExportCommandOptions {
  /** Where the page goes. */
  readonly html: string;
  /** A file that is there is replaced. */
  readonly force?: boolean;
}

/** Writes a page that shows a graph without Emulsion; returns the exit code. */
export async function exportCommand({ parts, output }: CommandContext, source: string, options: ExportCommandOptions): Promise<number> {
  const registry = await parts.loadRegistry();
  const loaded = await loadGraph(source, registry, parts.templatesFolder);
  if (!loaded.ok) {
    output.problem(loaded.problem);
    return exitCodeFor([loaded.problem]);
  }
  const { document, problems } = loaded.value;
  for (const one of problemsBeforeRun(document, problems)) output.problem(one);
  const named = document.meta?.['title'];
  const html = exportHtml(document, typeof named === 'string' ? named : titleOf(source), registry);
  const path = resolve(options.html);
  const saved = await saveFile(path, html, { fileHash: null, overwrite: options.force ?? false });
  if (!saved.ok) {
    const { problem } = saved;
    output.problem(
      problem.code === 'file.exists'
        ? { ...problem, message: `There is a file ${options.html} already. Replace it with --force.` }
        : problem,
    );
    return exitCodeFor([problem]);
  }
  output.result(path);
  return EXIT.done;
}
