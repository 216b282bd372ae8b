import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';
import { applySettings } from '../host/apply-settings.ts';
import { createHost } from '../host/create-host.ts';
import { loadGraph } from '../host/load-graph.ts';
import { readModelFacts } from '../host/model-facts.ts';
import type { RunEvent } from '../host/run-events.ts';
import type { Result } from '../nodes/problem.ts';
import { registry } from '../nodes/registry.ts';
import { alternate, type Contestant, pairedRatios } from './measure/alternate.ts';
import { printLoad, printMachine } from './measure/machine.ts';
import { openPython, PEER_PYTHON, PEERS } from './measure/open-network.ts';
import { readOptions } from './measure/options.ts';
import { expectSuccess, PACKAGE_ROOT, runCommand } from './measure/run-command.ts';
import { median, printTable, showSpread, showTarget } from './measure/statistics.ts';

/*
 * The bundled pack, words to a PNG on the disk: 20 steps of DDIM, guidance 4, 64×64, text encoder, U-Net and autoencoder, against torch with
 * diffusers and transformers on the same folder, in turn; in a process that is up, nothing kept from the turn before, and from a cold
 * process. Then the same made larger by Upscale Image. `npm run bench -- peers` installs the other.
 * torch's threads wait for each other by spinning: with other work on the machine a picture takes it twenty times as long, and only
 * OMP_WAIT_POLICY=PASSIVE makes a comparison. [--rounds 9] [--cold 5] [--python PATH]
 */

const options = readOptions();
const python = options.text('python', PEER_PYTHON);
if (!existsSync(python)) throw new Error(`There is no ${python}: npm run bench -- peers, or --python PATH.`);
const PROMPT = 'a red apple';
const SETTINGS = [`positive.prompt=${PROMPT}`, 'sampler.seed=1', 'sampler.steps=20', 'sampler.guidance=4'];
const packsRoot = join(PACKAGE_ROOT, 'models/packs');
const templatesFolder = join(PACKAGE_ROOT, 'graphs/templates');

function must<T>(result: Result<T>): T {
  if (!result.ok) throw new Error(result.problem.message);
  return result.value;
}

await printMachine();
const folder = await mkdtemp(join(tmpdir(), 'emulsion-bench-'));
const host = createHost({
  registry,
  evaluatorEntry: join(PACKAGE_ROOT, 'dist/evaluator.mjs'),
  packsRoot,
  cacheFolder: null,
  diskCacheBytes: 0,
  memoryCacheBytes: 2 ** 28,
  readModelFacts,
});
const nodeMs = new Map<string, number[]>();
let lastFile = '';

/** A template in the evaluator that is up. */
async function warm(name: string, template: string, more: readonly string[] = []): Promise<Contestant> {
  const graph = must(await loadGraph(template, registry, templatesFolder)).document;
  const { document } = must(applySettings(graph, registry, [...SETTINGS, ...more]));
  const policy = { baseFolders: [templatesFolder], readFolders: [], modelFolders: [], packsRoot, trusted: [] };
  const onEvent = (event: RunEvent): void => {
    if (event.kind === 'result' && event.result.kind === 'file') lastFile = event.result.path;
    if (event.kind !== 'state' || event.state.kind !== 'done') return;
    const key = `${name} ${event.nodeId}`;
    nodeMs.set(key, [...(nodeMs.get(key) ?? []), event.state.durationMs]);
  };
  return {
    name,
    async measure() {
      const beganMs = performance.now();
      const request = { document, policy, outFolder: join(folder, 'out'), device: 'cpu', memory: 'auto', useCache: false } as const;
      const ended = await host.run({ ...request, previews: false }, onEvent).ended;
      if (ended.outcome !== 'done') throw new Error(ended.problems.map((one) => one.message).join(' '));
      return performance.now() - beganMs;
    },
  };
}

const script = join(PEERS, 'emoji_pack.py');
const args = ['--checkpoint', join(packsRoot, 'emoji'), '--prompt', PROMPT, '--out', join(folder, 'peer.png')];
const peer = await openPython('diffusers', python, [script, ...args]);
const ours = await warm('ours', 'text-to-image');
const rounds = options.number('rounds', 9);
const times = await alternate(
  [
    ours,
    peer,
    await warm('ours, 256×256', 'starter', ['upscale.factor=own']),
    await warm('ours, 512×512', 'starter', ['upscale.factor=x8']),
  ],
  rounds,
);
await ours.measure();
const difference = await compare(lastFile, await peer.output());
await peer.end();
await host.close();

const coldOurs = (name: string, template: string, more: readonly string[] = []): Contestant => ({
  name,
  async measure() {
    const settings = [...SETTINGS, ...more].flatMap((one) => ['--set', one]);
    const command = await runCommand(['run', template, ...settings]);
    expectSuccess(command);
    return command.tookMs;
  },
});
const coldRounds = options.number('cold', 5);
const coldContestants =
  coldRounds === 0
    ? []
    : [
        coldOurs('ours', 'text-to-image'),
        { name: 'diffusers', measure: () => timeProcess(python, [script, ...args, '--once']) },
        coldOurs('ours, 256×256', 'starter', ['upscale.factor=own']),
        coldOurs('ours, 512×512', 'starter', ['upscale.factor=x8']),
      ];
const cold = await alternate(coldContestants, coldRounds);
await rm(folder, { recursive: true, force: true });
await printLoad();

console.log(`\nlargest difference of a pixel from diffusers' picture: ${difference} of 255`);
for (const [title, found, most] of [
  ['in a process that is up', times, 2],
  ['from a cold process', cold, 8],
] as const) {
  if ([...found.values()].every((ms) => ms.length === 0)) continue;
  console.log(`\n${title}`);
  const table = [['', 'ms', '÷ diffusers']];
  for (const [name, ms] of found) table.push([name, showSpread(ms), median(pairedRatios(found, name, 'diffusers')).toFixed(2)]);
  printTable(table);
  const ratios = pairedRatios(found, 'ours', 'diffusers');
  console.log(
    `ours ÷ diffusers, round by round: ${ratios.map((one) => one.toFixed(2)).join(', ')}; ${showTarget(median(ratios), 0.6, 2, '')}`,
  );
  for (const name of ['ours, 256×256', 'ours, 512×512']) {
    console.log(`${name.slice(6)}   ${showTarget(median(found.get(name) ?? []) / 1000, most, 2, ' s')}`);
  }
}
console.log('\nnodes, ms, in the process that is up');
for (const name of ['ours', 'ours, 512×512']) {
  const own = [...nodeMs].filter(([key]) => key.startsWith(`${name} `) && !key.slice(name.length + 1).includes(' '));
  console.log(`${name}: ${own.map(([key, ms]) => `${key.slice(name.length + 1)} ${median(ms.slice(1)).toFixed(1)}`).join(', ')}`);
}

/** The largest difference of a value. */
async function compare(file: string, pixels: readonly number[]): Promise<number> {
  const own = await sharp(file).removeAlpha().raw().toBuffer();
  return pixels.reduce((most, value, at) => Math.max(most, Math.abs(value - (own[at] ?? Number.NaN))), 0);
}

/** From the start of a program to its end. */
async function timeProcess(program: string, words: readonly string[]): Promise<number> {
  const beganMs = performance.now();
  const child = spawn(program, words, { stdio: ['ignore', 'ignore', 'inherit'] });
  const code = await new Promise((resolve) => child.once('close', resolve));
  if (code !== 0) throw new Error(`${program} ended with ${code}`);
  return performance.now() - beganMs;
}
