import { join } from 'node:path';
import { alternate, pairedRatios } from './measure/alternate.ts';
import { printLoad, printMachine } from './measure/machine.ts';
import { openOurs } from './measure/open-network.ts';
import { readOptions } from './measure/options.ts';
import { PACKAGE_ROOT } from './measure/run-command.ts';
import { median, printTable } from './measure/statistics.ts';
import { findSd15 } from './sd15/checkpoint-folder.ts';

/*
 * Guidance as one batch of two rows against two passes of one, in turn, at several latent sizes: CELLS_AT_ONCE
 * (host/runtime/rows-at-once.ts) rests on it. [--rounds 5] [--only emoji|sd15]
 */

const options = readOptions();
const rounds = options.number('rounds', 5);
const only = options.text('only', '');
await printMachine();
const cases = [
  { name: 'emoji', checkpoint: join(PACKAGE_ROOT, 'models/packs/emoji'), mode: 'resident', sides: [8, 16, 24, 32, 48, 64] },
  { name: 'sd15', checkpoint: await findSd15(), mode: 'streaming', sides: [8, 16, 24, 32, 48, 64] },
] as const;
const table = [['U-Net', 'latent', 'cells of two rows', 'batch of two ms', 'two passes ms', 'batch ÷ passes', 'peak MB: batch', 'passes']];
for (const { name, checkpoint, mode, sides } of cases) {
  if (only !== '' && only !== name) continue;
  for (const side of sides) {
    const request = { checkpoint, width: side, height: side };
    const one = await openOurs('one', mode, request);
    const two = await openOurs('two', mode, { ...request, rows: 2 });
    const contestants = [
      { name: 'batch', measure: () => two.measure() },
      { name: 'passes', measure: async () => (await one.measure()) + (await one.measure()) },
    ];
    const times = await alternate(contestants, side <= 32 && name === 'emoji' ? 6 * rounds : rounds);
    const peaks = [await two.end(), await one.end()];
    table.push([
      name,
      `${side}×${side}`,
      String(2 * side * side),
      ...contestants.map((contestant) => median(times.get(contestant.name) ?? []).toFixed(1)),
      median(pairedRatios(times, 'batch', 'passes')).toFixed(2),
      ...peaks.map((bytes) => (bytes / 1e6).toFixed(0)),
    ]);
  }
}
await printLoad();
console.log('');
printTable(table);
