import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { alternate, pairedRatios } from './measure/alternate.ts';
import { printLoad, printMachine } from './measure/machine.ts';
import { type OpenNetwork, openOurs, openPeer, PEERS } from './measure/open-network.ts';
import { readOptions } from './measure/options.ts';
import { median, printTable, showSpread, showTarget } from './measure/statistics.ts';
import { benchFolder, findSd15 } from './sd15/checkpoint-folder.ts';

/*
 * One pass of a U-Net of Stable Diffusion 1.5's size against torch with diffusers (float32) and, for information, OpenVINO: live processes
 * taken in turn, the order reversed each round, the first round dropped. `npm run bench -- peers` installs the others.
 * [--rounds 4] [--width 64] [--height 64] [--only streaming,torch]
 */

const options = readOptions();
const rounds = options.number('rounds', 4);
const only = options
  .text('only', '')
  .split(',')
  .filter((name) => name !== '');
if (!existsSync(join(PEERS, '.venv'))) throw new Error('The peers are not installed: npm run bench -- peers');

await printMachine();
const request = { checkpoint: await findSd15(), width: options.number('width', 64), height: options.number('height', 64) };
const keep = join(benchFolder(), 'openvino');
const openers: Readonly<Record<string, (name: string) => Promise<OpenNetwork>>> = {
  streaming: (name) => openOurs(name, 'streaming', request),
  resident: (name) => openOurs(name, 'resident', request),
  torch: (name) => openPeer(name, 'torch_unet.py', request),
  openvino: (name) => openPeer(name, 'openvino_unet.py', request, ['--keep', keep]),
};
const networks: OpenNetwork[] = [];
for (const [name, open] of Object.entries(openers)) {
  if (only.length === 0 || only.includes(name)) networks.push(await open(name));
}
await printLoad();
const times = await alternate(networks, rounds);
await printLoad();

const reference = await networks.find(({ name }) => name === 'torch')?.output();
const table = [['', 'pass s', '÷ torch', 'open s', 'resident then MB', 'peak MB', 'rms of torch']];
for (const network of networks) {
  const error = reference === undefined ? Number.NaN : relativeError(await network.output(), reference);
  const peak = await network.end();
  table.push([
    network.name,
    showSpread(
      (times.get(network.name) ?? []).map((ms) => ms / 1000),
      2,
      's',
    ),
    median(pairedRatios(times, network.name, 'torch')).toFixed(2),
    (network.openMs / 1000).toFixed(2),
    (network.rssBytes / 1e6).toFixed(0),
    (peak / 1e6).toFixed(0),
    error.toExponential(1),
  ]);
}
console.log('');
printTable(table);
const ratios = pairedRatios(times, 'streaming', 'torch');
if (ratios.length > 0) {
  console.log(
    `\nstreaming ÷ torch, round by round: ${ratios.map((one) => one.toFixed(2)).join(', ')}; ${showTarget(median(ratios), 0.7, 2, '')}`,
  );
}

/** Root mean square of the difference, over that of the reference. */
function relativeError(values: readonly number[], reference: readonly number[]): number {
  const squares = (list: readonly number[]): number => list.reduce((sum, one) => sum + one * one, 0);
  return Math.sqrt(squares(values.map((one, at) => one - (reference[at] ?? Number.NaN))) / squares(reference));
}
