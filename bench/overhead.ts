import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { GraphDocument } from '../graphs/document.ts';
import { applySettings } from '../host/apply-settings.ts';
import { createHost } from '../host/create-host.ts';
import { encodePreview } from '../host/evaluator/encode-preview.ts';
import { loadGraph } from '../host/load-graph.ts';
import { readModelFacts } from '../host/model-facts.ts';
import type { RunEvent } from '../host/run-events.ts';
import type { GraphRun, RunRequest } from '../host/run-graph.ts';
import type { Result } from '../nodes/problem.ts';
import { registry } from '../nodes/registry.ts';
import { previewLatents } from '../nodes/sampling/latent-preview.ts';
import { tensor } from '../nodes/tensor.ts';
import { printLoad, printMachine } from './measure/machine.ts';
import { readOptions } from './measure/options.ts';
import { PACKAGE_ROOT } from './measure/run-command.ts';
import { median, showSpread, showTarget } from './measure/statistics.ts';

/*
 * What Emulsion itself takes of a run of 20 steps with the bundled pack: the share of the wall time that is not spent inside onnxruntime,
 * for a run in an evaluator that is up (a new seed, nothing else changed), as the evaluator and as its host see it; what previews take of a
 * step; a run of one step, as of distilled models; and how soon a cancelled run has ended. Runs take turns. [--rounds 12]
 */

const rounds = readOptions().number('rounds', 12);
const STEPS = 20;

function must<T>(result: Result<T>): T {
  if (!result.ok) throw new Error(result.problem.message);
  return result.value;
}

/** One run, by its events. */
interface Run {
  readonly wallMs: number;
  readonly modelMs: number;
  /** From the call of the host to its last event, messages between the processes included. */
  readonly hostMs: number;
  readonly samplerMs: number;
  /** What each node took. */
  readonly nodeMs: Readonly<Record<string, number>>;
  readonly previews: number;
}

await printMachine();
const folder = await mkdtemp(join(tmpdir(), 'emulsion-bench-'));
const packsRoot = join(PACKAGE_ROOT, 'models/packs');
const host = createHost({
  registry,
  evaluatorEntry: join(PACKAGE_ROOT, 'dist/evaluator.mjs'),
  packsRoot,
  cacheFolder: join(folder, 'cache'),
  diskCacheBytes: 2 ** 30,
  memoryCacheBytes: 2 ** 28,
  readModelFacts,
});
const template = must(await loadGraph('text-to-image', registry, join(PACKAGE_ROOT, 'graphs/templates'))).document;
const policy = { baseFolders: [folder], readFolders: [], modelFolders: [], packsRoot, trusted: [] };

let seed = 0;
function graphOf(steps: number): GraphDocument {
  const settings = ['positive.prompt=a red apple', `sampler.steps=${steps}`, `sampler.seed=${seed++}`];
  return must(applySettings(template, registry, settings)).document;
}

const orderOf = (document: GraphDocument, previews: boolean): RunRequest => ({
  document,
  policy,
  outFolder: join(folder, 'out'),
  device: 'cpu',
  memory: 'auto',
  useCache: true,
  previews,
});

/** From asking a run in the middle of its steps to stop, until it has ended. */
async function cancelOnce(): Promise<number> {
  let askedMs = Number.NaN;
  const run: GraphRun = host.run(orderOf(graphOf(500), false), (event) => {
    if (event.kind !== 'progress' || event.done < 2 || askedMs > 0) return;
    askedMs = performance.now();
    run.cancel();
  });
  const { outcome } = await run.ended;
  if (outcome !== 'cancelled') throw new Error(`the run was ${outcome}`);
  return performance.now() - askedMs;
}

async function runOnce(previews: boolean, steps = STEPS): Promise<Run> {
  const document = graphOf(steps);
  const nodeMs: Record<string, number> = {};
  let shown = 0;
  const onEvent = (event: RunEvent): void => {
    if (event.kind === 'preview') shown++;
    if (event.kind === 'state' && event.state.kind === 'done' && !event.state.cached) nodeMs[event.nodeId] = event.state.durationMs;
  };
  const beganMs = performance.now();
  const ended = await host.run(orderOf(document, previews), onEvent).ended;
  const hostMs = performance.now() - beganMs;
  if (ended.outcome !== 'done') throw new Error(ended.problems.map((one) => one.message).join(' '));
  return { wallMs: ended.durationMs, modelMs: ended.modelMs, hostMs, samplerMs: nodeMs['sampler'] ?? Number.NaN, nodeMs, previews: shown };
}

const cold = await runOnce(false);
await runOnce(true);
const without: Run[] = [];
const withPreviews: Run[] = [];
const single: Run[] = [];
const cancelMs: number[] = [];
for (let round = 0; round < rounds; round++) {
  for (const previews of round % 2 === 0 ? [false, true] : [true, false]) (previews ? withPreviews : without).push(await runOnce(previews));
  single.push(await runOnce(false, 1));
  cancelMs.push(await cancelOnce());
}
await host.close();
await rm(folder, { recursive: true, force: true });
await printLoad();

const share = ({ wallMs, modelMs }: Run): number => (100 * (wallMs - modelMs)) / wallMs;
const stepMs = median(without.map((one) => one.samplerMs / STEPS));
const previewMs = timePreview();
const made = median(withPreviews.map((one) => one.previews));
console.log(
  `\nwall, warm                      ${showSpread(
    without.map((one) => one.wallMs),
    1,
  )}; inside onnxruntime ${showSpread(
    without.map((one) => one.modelMs),
    1,
  )}`,
);
console.log(
  `outside onnxruntime, warm       ${showTarget(median(without.map(share)), 2, 2, ' %')} [${without.map((one) => share(one).toFixed(1)).join(' ')}]`,
);
console.log(
  `outside, first run of a process ${share(cold).toFixed(1)} % of ${cold.wallMs.toFixed(0)} ms (loading code, tokenizer and codecs, once)`,
);
console.log(
  `outside, as the host sees it    ${median(without.map((one) => (100 * (one.hostMs - one.modelMs)) / one.hostMs)).toFixed(2)} %`,
);
const nodes = Object.keys(without[0]?.nodeMs ?? {});
const shares = nodes.map((id) => `${id} ${median(without.map((one) => one.nodeMs[id] ?? Number.NaN)).toFixed(1)}`);
console.log(`nodes, ms                       ${shares.join(', ')}`);
console.log(`with previews                   ${median(withPreviews.map(share)).toFixed(2)} %`);
console.log(`step                            ${stepMs.toFixed(1)} ms; a preview ${previewMs.toFixed(3)} ms, ${made} in ${STEPS} steps`);
console.log(
  `previews ÷ step                 ${showTarget((100 * previewMs * made) / (STEPS * stepMs), 3, 2, ' %')}; one in every step would be ${((100 * previewMs) / stepMs).toFixed(2)} %`,
);
console.log(
  `one step, as the host sees it   ${showSpread(
    single.map((one) => one.hostMs),
    1,
  )}, ${median(single.map((one) => one.modelMs)).toFixed(1)} of it inside onnxruntime`,
);
console.log(`from a cancel to the end        ${showSpread(cancelMs, 1)}`);

/** What one preview of the pack's latents takes once the code is warm. */
function timePreview(): number {
  const channels = 8;
  const latents = tensor(
    Float32Array.from({ length: channels * 16 * 16 }, (_, index) => Math.sin(index)),
    [1, channels, 16, 16],
  );
  const factors = {
    factors: Array.from({ length: channels }, (_, at) => [0.3 - 0.1 * at, 0.2, 0.1 * at - 0.3] as const),
    bias: [0, 0, 0],
  } as const;
  const times: number[] = [];
  for (let round = 0; round < 300; round++) {
    const beganMs = performance.now();
    encodePreview(previewLatents(latents, factors).image);
    times.push(performance.now() - beganMs);
  }
  return median(times.slice(100));
}
