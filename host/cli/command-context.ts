import type { NodeRegistry } from '../../nodes/define-node.ts';
import type { Output } from './output.ts';

/** What the command line is made of; tests put in other nodes and another evaluator. */
export interface CommandLineParts {
  readonly version: string;
  loadRegistry(): Promise<NodeRegistry>;
  /** The module that evaluator processes run. */
  readonly evaluatorEntry: string;
  readonly templatesFolder: string;
  readonly packsRoot: string;
  /** Where the built editor lies, if it has been built. */
  readonly editorFolder: string;
}

/** What every command gets. */
export interface CommandContext {
  readonly parts: CommandLineParts;
  readonly output: Output;
}
