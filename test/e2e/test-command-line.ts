import { runCommandLine } from '../../host/cli/command-line.ts';
import { testRegistry } from './test-nodes.ts';

/** The real command line over test nodes; where its parts lie comes from the environment. */
const place = (name: string): string => process.env[`EMULSION_TEST_${name}`] ?? '/nowhere';

await runCommandLine({
  version: '0.0.0-test',
  loadRegistry: async () => testRegistry,
  evaluatorEntry: place('EVALUATOR'),
  templatesFolder: place('TEMPLATES'),
  packsRoot: place('PACKS'),
  editorFolder: place('EDITOR'),
});
