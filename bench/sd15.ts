import { printLoad, printMachine } from './measure/machine.ts';
import { readOptions } from './measure/options.ts';
import { expectSuccess, type MeasuredCommand, runCommand } from './measure/run-command.ts';
import { median, showSpread, showTarget } from './measure/statistics.ts';
import { findSd15 } from './sd15/checkpoint-folder.ts';

/*
 * `emulsion run text-to-image` with a checkpoint as large as Stable Diffusion 1.5 (fp16, random weights): from the command to the first
 * call of the U-Net, the evaluator's memory at that moment, and its peak over one guided step of 512×512 and the decoding.
 * [--rounds 5] [--width 512] [--height 512] [--memory auto|streaming|resident]
 */

const options = readOptions();
const rounds = options.number('rounds', 5);
const memory = options.text('memory', 'auto');
const size = [`latent.width=${options.number('width', 512)}`, `latent.height=${options.number('height', 512)}`];

await printMachine();
const checkpoint = await findSd15();
const started: MeasuredCommand[] = [];
for (let round = 0; round < rounds; round++) {
  const settings = [`checkpoint.model=${checkpoint}`, 'positive.prompt=a red apple', 'sampler.steps=1', 'sampler.scheduler=euler', ...size];
  const command = await runCommand(['run', 'text-to-image', ...settings.flatMap((one) => ['--set', one]), '--memory', memory]);
  expectSuccess(command);
  started.push(command);
  console.log(`round ${round + 1}: ${describe(command)}`);
}
await printLoad();

const startMs = started.map((command) => first(command)?.atMs ?? Number.NaN);
const startMb = started.map((command) => (first(command)?.rssBytes ?? Number.NaN) / 1e6);
const peakGb = started.map((command) => (command.evaluatorPeakBytes ?? Number.NaN) / 1e9);
console.log(`\ncommand to first sampling step   ${showSpread(startMs)}; ${showTarget(median(startMs) / 1000, 1.5, 2, ' s')}`);
console.log(`resident before it               ${showTarget(Math.max(...startMb), 250, 0, ' MB')}`);
console.log(`peak                             ${showTarget(Math.max(...peakGb), 3.3, 2, ' GB')}`);

/** The U-Net's first pass. */
function first(command: MeasuredCommand): MeasuredCommand['calls'][number] | undefined {
  return command.calls.find((call) => call.kind === 'run' && call.inputs.includes('timestep'));
}

/** Where the time before the first step went. */
function describe(command: MeasuredCommand): string {
  const step = first(command);
  const opened = command.calls.filter((call) => call.kind === 'loadModel' && call.atMs < (step?.atMs ?? 0));
  const done = command.events.flatMap(({ event, nodeId, state, atMs }) =>
    event === 'state' && (state?.kind === 'done' || state?.kind === 'running') ? [`${nodeId} ${state.kind} ${atMs.toFixed(0)}`] : [],
  );
  return [
    `first step at ${step?.atMs.toFixed(0)} ms with ${((step?.rssBytes ?? 0) / 1e6).toFixed(0)} MB`,
    `evaluator started ${command.evaluatorStartMs?.toFixed(0)}`,
    `sessions opened in ${opened.map((call) => `${call.tookMs.toFixed(0)} ms (from ${(call.rssBytes / 1e6).toFixed(0)} MB)`).join(', ')}`,
    `passes ${command.calls
      .filter((call) => call.kind === 'run')
      .map((call) => call.tookMs.toFixed(0))
      .join(', ')} ms`,
    `peak ${((command.evaluatorPeakBytes ?? 0) / 1e9).toFixed(2)} GB`,
    done.join(', '),
  ].join('; ');
}
