import { Command, InvalidArgumentError, Option } from 'commander';
import type { CommandContext, CommandLineParts } from './command-context.ts';
import { EXIT } from './exit-code.ts';
import { createOutput } from './output.ts';

const EXIT_CODES = `
Exit codes: 0 done, 1 the graph is wrong, 2 a file or model is wrong, 3 a node failed, 130 cancelled, 64 wrong usage, 70 a fault in Emulsion.
Every option and variable: docs/command-line.md`;

const RUN_EXAMPLES = `
Examples:
  emulsion run text-to-image --set positive.prompt="a red apple" --out pictures
  emulsion run graph.json --set sampler.seed=7 --dump sampler.latent=latent.safetensors
  emulsion run pictures/apple.png --set sampler.steps=30     (a picture carries its graph)`;

/** Reads the command line, does what it says, and leaves the exit code to the process. */
export async function runCommandLine(parts: CommandLineParts): Promise<void> {
  const context: CommandContext = { parts, output: createOutput() };
  process.on('uncaughtException', (error) => endWithBug(context, error));
  try {
    await describeCommands(context).parseAsync();
    if (context.output.fault !== undefined && process.exitCode === EXIT.done) process.exitCode = EXIT.fileWrong;
  } catch (error) {
    endWithBug(context, error);
  }
}

// Each command's code is loaded when it is asked for: most of them need little of it.
function describeCommands(context: CommandContext): Command {
  const program = new Command('emulsion')
    .description('Runs node graphs for image diffusion.')
    .version(context.parts.version)
    .showHelpAfterError('(emulsion help <command> says more)')
    .configureHelp({ sortSubcommands: false })
    .exitOverride((error) => process.exit(error.exitCode === 0 ? EXIT.done : EXIT.usage))
    .addHelpText('after', EXIT_CODES);

  program
    .command('run')
    .argument('<graph>', GRAPH_ARGUMENT)
    .description('run a graph: results on stdout, progress on stderr')
    .addOption(set())
    .addOption(many('--dump <node.output=file>', 'write the raw value of an output as safetensors'))
    .option('--out <folder>', 'where pictures go', 'out')
    .addOption(new Option('--device <device>', 'where models compute').choices(['auto', 'cpu', 'webgpu', 'cuda']).default('auto'))
    .addOption(
      new Option('--memory <mode>', 'how weights are held: resident is fastest, streaming takes least')
        .choices(['auto', 'resident', 'streaming'])
        .default('auto'),
    )
    .option('--no-cache', 'compute everything anew and keep nothing')
    .addOption(allow())
    .addOption(models())
    .addOption(json('write every event as a JSON object on a line of stdout'))
    .addOption(verbose())
    .addHelpText('after', RUN_EXAMPLES)
    .action(async (source: string, options) =>
      exitWith((await import('./commands/run.ts')).runCommand(context, source, withDefaults(options))),
    );

  program
    .command('check')
    .argument('<graph>', GRAPH_ARGUMENT)
    .description('say everything that is wrong with a graph, one sentence a line, without running it')
    .addOption(set())
    .addOption(allow())
    .addOption(models())
    .addOption(json('write every problem as a JSON object on a line'))
    .addOption(verbose())
    .action(async (source: string, options) =>
      exitWith((await import('./commands/check.ts')).checkCommand(context, source, withDefaults(options))),
    );

  program
    .command('diff')
    .argument('<a>', GRAPH_ARGUMENT)
    .argument('<b>', 'another')
    .description('say what changes from one graph to another, in nodes and parameters')
    .addOption(json('write every change as a JSON object on a line'))
    .action(async (a: string, b: string, options) =>
      exitWith((await import('./commands/diff.ts')).diffCommand(context, [a, b], withDefaults(options))),
    );

  program
    .command('export')
    .argument('<graph>', GRAPH_ARGUMENT)
    .description('write a page that shows a graph to people without Emulsion')
    .requiredOption('--html <file>', 'where the page goes')
    .option('--force', 'replace a file that is there')
    .action(async (source: string, options) => exitWith((await import('./commands/export.ts')).exportCommand(context, source, options)));

  program
    .command('nodes')
    .argument('[id]', 'tell everything about this one')
    .description('list the nodes there are')
    .addOption(json('write every node as a JSON object on a line'))
    .action(async (id: string | undefined, options) =>
      exitWith((await import('./commands/nodes.ts')).nodesCommand(context, id, withDefaults(options))),
    );

  program
    .command('templates')
    .description('list the example graphs that run takes by name')
    .addOption(json('write every template as a JSON object on a line'))
    .action(async (options) => exitWith((await import('./commands/templates.ts')).templatesCommand(context, withDefaults(options))));

  program
    .command('models')
    .argument('[folder...]', 'folders or files to look at beside the bundled models and EMULSION_MODELS')
    .description('list checkpoints and what they are')
    .addOption(json('write every model as a JSON object on a line'))
    .action(async (folders: string[], options) =>
      exitWith((await import('./commands/models.ts')).modelsCommand(context, folders, withDefaults(options))),
    );

  const cache = program.command('cache').description('show the results that are kept on disk, or delete them');
  cache
    .command('show', { isDefault: true })
    .description('say where results are kept and how much they take')
    .addOption(json('write one JSON object'))
    .action(async (options) => exitWith((await import('./commands/cache.ts')).showCacheCommand(context, withDefaults(options))));
  cache
    .command('clear')
    .description('delete every result that is kept')
    .addOption(json('write one JSON object'))
    .action(async (options) => exitWith((await import('./commands/cache.ts')).clearCacheCommand(context, withDefaults(options))));

  program
    .command('serve')
    .description('let the editor in a browser, and other programs, run graphs here')
    .addOption(new Option('--port <port>', 'where to listen; 0 is any free one').argParser(readPort).default(4840))
    .option('--host <address>', 'who may connect: 127.0.0.1 is this machine only', '127.0.0.1')
    .option('--token <token>', 'the secret to log in with (default: EMULSION_TOKEN, else a random one)')
    .option('--new-session', 'log out every browser that was let in before')
    .option('--out <folder>', 'where pictures go', 'out')
    .option('--open', 'open the editor in the browser, if there is a screen')
    .addOption(allow())
    .addOption(models())
    .addOption(json('write the address and token as a JSON object'))
    .addOption(verbose())
    .action(async (options) => exitWith((await import('./commands/serve.ts')).serveCommand(context, withDefaults(options))));

  return program;
}

const GRAPH_ARGUMENT = 'a graph file, the name of a template, or a picture that carries its graph';

const many = (flags: string, what: string): Option =>
  new Option(flags, `${what} (may be repeated)`).argParser((value, before: readonly string[] = []) => [...before, value]);
const allow = (): Option => many('--allow <folder>', 'let graphs read files in this folder');
const models = (): Option => many('--models <folder>', 'look for models here, and in EMULSION_MODELS');
const set = (): Option => many('--set <node.param=value>', 'change a parameter of the graph');
const json = (what: string): Option => new Option('--json', what);
const verbose = (): Option => new Option('--verbose', 'write logs to stderr');

/** What was not given; told to commander, these would stand in every help text. */
function withDefaults<T>(options: T): T {
  return { set: [], dump: [], allow: [], models: [], json: false, verbose: false, open: false, newSession: false, ...options };
}

function readPort(text: string): number {
  const port = /^\d{1,5}$/.test(text) ? Number(text) : Number.NaN;
  if (!(port <= 65_535)) throw new InvalidArgumentError('A port is a whole number from 0 to 65535.');
  return port;
}

async function exitWith(code: Promise<number>): Promise<void> {
  process.exitCode = await code;
}

function endWithBug({ output }: CommandContext, error: unknown): never {
  output.note('error: Emulsion stopped with an error inside. This is a mistake in Emulsion; please report it with what follows.');
  for (const line of (error instanceof Error ? (error.stack ?? error.message) : String(error)).split('\n')) output.note(line);
  process.exit(EXIT.bug);
}
