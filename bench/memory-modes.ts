import { join } from 'node:path';
import { alternate } from './measure/alternate.ts';
import { printLoad, printMachine } from './measure/machine.ts';
import { type OpenNetwork, openOurs } from './measure/open-network.ts';
import { readOptions } from './measure/options.ts';
import { PACKAGE_ROOT } from './measure/run-command.ts';
import { median, printTable } from './measure/statistics.ts';
import { findSd15 } from './sd15/checkpoint-folder.ts';

/*
 * The two ways to hold weights, against each other: what opening takes, what a pass takes, and memory, for the bundled pack's U-Net and one
 * of Stable Diffusion 1.5's size. After how many passes resident wins is what RESIDENT_FLOATS (host/runtime/loading-mode.ts) rests on.
 * [--rounds 6] [--opens 3]
 */

const options = readOptions();
const rounds = options.number('rounds', 6);
const opens = options.number('opens', 3);

await printMachine();
const networks = [
  { title: 'emoji 16×16', checkpoint: join(PACKAGE_ROOT, 'models/packs/emoji'), width: 16, height: 16 },
  { title: 'SD 1.5 size 64×64', checkpoint: await findSd15(), width: 64, height: 64 },
];
const table = [['U-Net', 'open ms', 'resident then MB', 'pass ms', 'peak MB', 'resident is ahead after']];
for (const request of networks) {
  const openMs: Record<string, number[]> = { streaming: [], resident: [] };
  let open: OpenNetwork[] = [];
  for (let time = 0; time < opens; time++) {
    for (const mode of ['streaming', 'resident'] as const) {
      const network = await openOurs(mode, mode, request);
      openMs[mode]?.push(network.openMs);
      if (time === opens - 1) open = [...open, network];
      else await network.end();
    }
  }
  const times = await alternate(open, rounds);
  const cost = (mode: string) => ({ open: median(openMs[mode] ?? []), pass: median(times.get(mode) ?? []) });
  const passes = (cost('resident').open - cost('streaming').open) / (cost('streaming').pass - cost('resident').pass);
  for (const network of open) {
    const { open: opening, pass } = cost(network.name);
    const peak = await network.end();
    table.push([
      `${request.title}, ${network.name}`,
      opening.toFixed(0),
      (network.rssBytes / 1e6).toFixed(0),
      pass.toFixed(1),
      (peak / 1e6).toFixed(0),
      network.name === 'resident' ? (passes > 0 ? `${Math.ceil(passes)} passes` : 'never') : '',
    ]);
  }
}
await printLoad();
console.log('');
printTable(table);
