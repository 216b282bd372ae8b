import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Command, Option } from 'commander';
import { EXIT } from './exit-code.ts';
import { findPackageRoot } from './package-root.ts';

// Each command's code is loaded when it is asked for: most of them need little of it.
const program = new Command('emulsion')
  .description('Runs node graphs for image diffusion.')
  .version(readVersion())
  .showHelpAfterError('(see emulsion help)')
  .configureHelp({ sortSubcommands: false })
  .exitOverride((error) => process.exit(error.exitCode === 0 ? EXIT.done : EXIT.usage));

const collect = (value: string, before: readonly string[]): string[] => [...before, value];
const allow = (): Option =>
  new Option('--allow <folder>', 'let the graph read files in this folder (may be repeated)').argParser(collect).default([]);
const models = (): Option =>
  new Option('--models <folder>', 'look for models here (may be repeated; EMULSION_MODELS too)').argParser(collect).default([]);
const set = (): Option =>
  new Option('--set <node.param=value>', 'change a parameter before running (may be repeated)').argParser(collect).default([]);
const json = (): Option => new Option('--json', 'write JSON, one object a line').default(false);
const verbose = (): Option => new Option('--verbose', 'write logs to stderr').default(false);

program
  .command('run')
  .argument('<graph>', 'a graph file, a template, or a picture that carries its graph')
  .description('run a graph')
  .addOption(set())
  .addOption(new Option('--dump <node.output=file>', 'write a raw value as safetensors (may be repeated)').argParser(collect).default([]))
  .option('--out <folder>', 'where pictures go', 'out')
  .addOption(new Option('--device <device>', 'where models compute').choices(['auto', 'cpu', 'webgpu', 'cuda']).default('auto'))
  .addOption(new Option('--memory <mode>', 'how weights are held').choices(['auto', 'resident', 'streaming']).default('auto'))
  .addOption(json())
  .option('--no-cache', 'compute everything anew and keep nothing')
  .addOption(allow())
  .addOption(models())
  .addOption(verbose())
  .action(async (source: string, options) => exitWith((await import('./commands/run.ts')).runCommand(source, options)));

await program.parseAsync();

async function exitWith(code: Promise<number>): Promise<void> {
  process.exitCode = await code;
}

function readVersion(): string {
  const manifest: { version: string } = JSON.parse(readFileSync(join(findPackageRoot(), 'package.json'), 'utf8'));
  return manifest.version;
}
