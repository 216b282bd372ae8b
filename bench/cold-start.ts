import { printLoad, printMachine } from './measure/machine.ts';
import { readOptions } from './measure/options.ts';
import { expectSuccess, type MeasuredCommand, runCommand } from './measure/run-command.ts';
import { median, printTable, showSpread, showTarget } from './measure/statistics.ts';

/*
 * From the start of `emulsion run text-to-image` with the bundled pack and an empty cache to the PNG on the disk, and what of it each part
 * takes. [--rounds 7]
 */

const rounds = readOptions().number('rounds', 7);
await printMachine();
const commands: MeasuredCommand[] = [];
// One more, not counted: the first reads the program's files from the disk.
for (let round = 0; round <= rounds; round++) {
  const command = await runCommand(['run', 'text-to-image', '--set', 'positive.prompt=a red apple']);
  expectSuccess(command);
  if (round > 0) commands.push(command);
}
await printLoad();

const at = (command: MeasuredCommand, event: string, nodeId?: string, kind?: string): number =>
  command.events.find(
    (one) => one.event === event && (nodeId === undefined || one.nodeId === nodeId) && (kind === undefined || one.state?.kind === kind),
  )?.atMs ?? Number.NaN;
const ran = (command: MeasuredCommand, node: string): number => at(command, 'state', node, 'done') - at(command, 'state', node, 'running');
const calls = (command: MeasuredCommand, kind: 'loadModel' | 'run'): number =>
  command.calls.filter((call) => call.kind === kind).reduce((sum, call) => sum + call.tookMs, 0);
const parts: Readonly<Record<string, (command: MeasuredCommand) => number>> = {
  'until the evaluator process is there': (command) => command.evaluatorStartMs ?? Number.NaN,
  'until the first node runs': (command) => at(command, 'state', 'checkpoint', 'running'),
  'Load Checkpoint': (command) => ran(command, 'checkpoint'),
  'Negative prompt (onnxruntime, tokenizer, encoder)': (command) => ran(command, 'negative'),
  Prompt: (command) => ran(command, 'positive'),
  'Sampler, 20 steps': (command) => ran(command, 'sampler'),
  'VAE Decode': (command) => ran(command, 'decode'),
  'Save Image': (command) => ran(command, 'save'),
  'from the PNG to the end of the process': (command) => command.tookMs - at(command, 'result'),
  'of all: onnxruntime opens networks': (command) => calls(command, 'loadModel'),
  'of all: onnxruntime computes': (command) => calls(command, 'run'),
};
const png = commands.map((command) => at(command, 'result'));
console.log('');
printTable(Object.entries(parts).map(([name, read]) => [name, showSpread(commands.map(read))]));
console.log(`\nprocess start to PNG   ${showSpread(png)}; ${showTarget(median(png) / 1000, 8, 2, ' s')}`);
