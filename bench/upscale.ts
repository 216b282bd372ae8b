import { join } from 'node:path';
import { createModelRuntime } from '../host/runtime/create-model-runtime.ts';
import type { EvaluateContext } from '../nodes/context.ts';
import { createResampler, type ResampleKernel } from '../nodes/image/resample.ts';
import { upscaleImage } from '../nodes/image/upscale-image.ts';
import { ok } from '../nodes/problem.ts';
import { sizeAt, type Tensor, tensor } from '../nodes/tensor.ts';
import { type Drawing, findDrawings } from './measure/drawings.ts';
import { printMachine } from './measure/machine.ts';
import { readOptions } from './measure/options.ts';
import { psnr, shift, ssim } from './measure/picture-quality.ts';
import { PACKAGE_ROOT } from './measure/run-command.ts';
import { median, printTable } from './measure/statistics.ts';

/*
 * What Upscale Image with the bundled network gives back of drawings that were made smaller, against filters: PSNR (RGB, on white) and SSIM
 * of 64×64 made 256×256 (×4) and 512×512 (×8). Drawings are vector emoji of the npm registry, fetched at first use and drawn at full size.
 * [--each 25] drawings of each of four sets [--only 4|8]
 */

const options = readOptions();
const each = options.number('each', 25);
const only = options.number('only', 0);
const SMALL = 64;
const KERNELS = ['nearest', 'bilinear', 'bicubic', 'lanczos'] as const;
const REDUCTIONS = { area: 'box', bicubic: 'bicubic' } as const;
/** Tried against the drawing to find out whether the network moves what it draws. */
const SHIFTS_PX = [-1, -0.75, -0.5, -0.25, 0, 0.25, 0.5, 0.75, 1];

await printMachine();
const runtime = createModelRuntime({
  device: 'cpu',
  memory: 'resident',
  locate: async (reference) => ok(join(PACKAGE_ROOT, 'models/packs', typeof reference === 'string' ? reference : reference.name)),
  note: () => undefined,
});
// What this node asks of its context, and no more.
const context = { models: runtime, signal: { throwIfCancelled: () => undefined }, progress: () => undefined } as unknown as EvaluateContext;
let networkMs = 0;

/** What the node can be asked for beside its network. */
type Wishes = { readonly factor: 'own' | 'x8'; readonly faithful: number };

/** The node, as graphs run it. */
async function enlarge(image: Tensor, { factor, faithful }: Wishes): Promise<Tensor> {
  const began = performance.now();
  const done = await upscaleImage.evaluate({ image }, { model: 'realesr-animevideov3', factor, faithful, tile: 256 }, context);
  networkMs = performance.now() - began;
  if (!done.ok) throw new Error(done.problem.message);
  return done.value.image as Tensor; // what the node's output `image` is
}

function resize(image: Tensor, side: number, kernel: ResampleKernel): Tensor {
  const from = { width: sizeAt(image, 3), height: sizeAt(image, 2) };
  const resample = createResampler(from, { width: side, height: side }, kernel);
  const plane = from.width * from.height;
  const data = new Float32Array(3 * side * side);
  for (let channel = 0; channel < 3; channel++) {
    const values = resample(image.data.subarray(channel * plane, (channel + 1) * plane));
    data.set(
      values.map((value) => Math.min(1, Math.max(0, value))),
      channel * side * side,
    );
  }
  return tensor(data, [1, 3, side, side]);
}

type Method = (small: Tensor, side: number) => Promise<Tensor>;
const filters: Readonly<Record<string, Method>> = Object.fromEntries(
  KERNELS.map((kernel) => [kernel, async (small: Tensor, side: number) => resize(small, side, kernel)]),
);
/** By how many times as large. */
const METHODS: Readonly<Record<number, Readonly<Record<string, Method>>>> = {
  4: {
    network: (small) => enlarge(small, { factor: 'own', faithful: 0 }),
    'network, faithful': (small) => enlarge(small, { factor: 'own', faithful: 1 }),
    ...filters,
  },
  8: {
    network: (small) => enlarge(small, { factor: 'x8', faithful: 0 }),
    'network, faithful': (small) => enlarge(small, { factor: 'x8', faithful: 1 }),
    'network ×4, lanczos ×2': async (small, side) => resize(await enlarge(small, { factor: 'own', faithful: 0 }), side, 'lanczos'),
    ...filters,
  },
};

const drawings = await findDrawings(each);
for (const [factor, methods] of Object.entries(METHODS)) if (only === 0 || only === Number(factor)) await compare(Number(factor), methods);
await runtime.close();

interface Scores {
  readonly psnr: number[];
  readonly ssim: number[];
  readonly ms: number[];
}

async function compare(factor: number, methods: Readonly<Record<string, Method>>): Promise<void> {
  const side = SMALL * factor;
  for (const [reduction, kernel] of Object.entries(REDUCTIONS)) {
    // The larger ones take four times as long; how they were made smaller matters little.
    if (factor > 4 && reduction !== 'area') continue;
    const scores = new Map<string, Scores>(Object.keys(methods).map((name) => [name, { psnr: [], ssim: [], ms: [] }]));
    const shifts = new Map<string, number[]>();
    for (const drawing of drawings) {
      const large = await drawing.render(side);
      const small = resize(large, SMALL, kernel);
      for (const [name, method] of Object.entries(methods)) {
        networkMs = 0;
        const made = await method(small, side);
        const score = scores.get(name);
        score?.psnr.push(psnr(made, large));
        score?.ssim.push(ssim(made, large));
        score?.ms.push(networkMs);
        if (factor === 4 && name === 'network') measureShift(shifts, made, large);
      }
    }
    print(factor, reduction, scores);
    if (shifts.size > 0) printShifts(shifts);
  }
}

function print(factor: number, reduction: string, scores: ReadonlyMap<string, Scores>): void {
  const bicubic = scores.get('bicubic')?.psnr ?? [];
  console.log(`\n×${factor}, ${drawings.length} drawings made ${SMALL}×${SMALL} by ${reduction}`);
  const table = [['', 'PSNR dB', 'over bicubic dB', 'beat it', 'SSIM', 'node ms']];
  for (const [name, { psnr: own, ssim: similar, ms }] of scores) {
    const gains = own.map((value, at) => value - (bicubic[at] ?? Number.NaN));
    const wins = gains.filter((gain) => gain > 0).length;
    table.push([
      name,
      showMean(own, 2),
      showMean(gains, 2),
      name === 'bicubic' ? '' : `${wins} of ${own.length}`,
      showMean(similar, 4),
      median(ms) === 0 ? '' : median(ms).toFixed(0),
    ]);
  }
  printTable(table);
  const [first] = scores;
  if (first === undefined) return;
  const gains = first[1].psnr.map((value, at) => value - (bicubic[at] ?? Number.NaN));
  const bySet = [...new Set(drawings.map(({ set }) => set))].map(
    (set) => `${set} ${mean(gains.filter((_, at) => isOf(drawings[at], set))).toFixed(2)}`,
  );
  const worst = Math.min(...gains);
  console.log(`gain of ${first[0]} by set: ${bySet.join(', ')}; least ${worst.toFixed(2)} (${drawings[gains.indexOf(worst)]?.name})`);
}

function isOf(drawing: Drawing | undefined, set: string): boolean {
  return drawing?.set === set;
}

function measureShift(shifts: Map<string, number[]>, made: Tensor, large: Tensor): void {
  for (const px of SHIFTS_PX) {
    for (const axis of ['right', 'down'] as const) {
      const key = `${axis} ${px}`;
      const moved = axis === 'right' ? shift(made, px, 0) : shift(made, 0, px);
      shifts.set(key, [...(shifts.get(key) ?? []), psnr(moved, large)]);
    }
  }
}

/** Half a pixel of the small picture would be two of the large one. */
function printShifts(shifts: ReadonlyMap<string, readonly number[]>): void {
  for (const axis of ['right', 'down']) {
    const values = SHIFTS_PX.map((px) => `${px}: ${mean(shifts.get(`${axis} ${px}`) ?? []).toFixed(2)}`);
    console.log(`PSNR dB of the network's picture moved ${axis} by pixels: ${values.join(', ')}`);
  }
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, one) => sum + one, 0) / values.length;
}

/** Mean and its standard error. */
function showMean(values: readonly number[], digits: number): string {
  const middle = mean(values);
  const variance = values.reduce((sum, one) => sum + (one - middle) ** 2, 0) / Math.max(1, values.length - 1);
  return `${middle.toFixed(digits)} ± ${Math.sqrt(variance / values.length).toFixed(digits)}`;
}
