import type { GraphDocument } from '../../graphs/document.ts';
import { ok, type Problem, type Result } from '../../nodes/problem.ts';
import { applySettings } from '../apply-settings.ts';
import type { Host } from '../create-host.ts';
import type { FilePolicy } from '../file-access.ts';
import { loadGraph } from '../load-graph.ts';
import { problemsBeforeRun } from '../problems-before-run.ts';
import { makePolicy, type NamedFolders } from './make-policy.ts';

/** A graph as a command was told to use it. */
export interface LoadedSource {
  /** With the settings in it. */
  readonly document: GraphDocument;
  readonly policy: FilePolicy;
  /** What reading it left out, and what is worth knowing about it. */
  readonly problems: readonly Problem[];
}

/** Loads what a command line names (a file, a template, a picture), applies its settings, and says what it may read. */
export async function loadSource(
  source: string,
  settings: readonly string[],
  folders: NamedFolders,
  host: Host,
  templatesFolder: string,
): Promise<Result<LoadedSource>> {
  const loaded = await loadGraph(source, host.registry, templatesFolder);
  if (!loaded.ok) return loaded;
  const set = applySettings(loaded.value.document, host.registry, settings);
  if (!set.ok) return set;
  const { document, trusted } = set.value;
  const policy = makePolicy(host.packsRoot, templatesFolder, { ...folders, graphFolder: loaded.value.folder, trusted });
  return ok({ document, policy, problems: problemsBeforeRun(loaded.value.document, loaded.value.problems) });
}
