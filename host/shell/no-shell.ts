import { fail, ok, type Result } from '../../nodes/problem.ts';
import type { Handlers } from '../contract.ts';
import type { SHELL_CALLS } from './shell-contract.ts';

/** The calls about the program around the window. */
export type ShellHandlers = Pick<Handlers, keyof typeof SHELL_CALLS>;

/** Answers for windows that a browser has opened: there is nothing around them. */
export function createNoShell(): ShellHandlers {
  const refuse = async (): Promise<Result<never>> =>
    fail('contract.refused', "Only the desktop window can show the system's dialogs and folders. Open the file in the editor instead.");
  return {
    'shell.describe': async () => ok({ kind: 'browser', platform: process.platform }),
    'shell.pick': refuse,
    'shell.pickTarget': refuse,
    'shell.showArtifact': refuse,
    'shell.dragArtifact': refuse,
    'shell.takeOpened': async () => ok({ files: [] }),
  };
}
