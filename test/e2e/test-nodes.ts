import { setTimeout } from 'node:timers/promises';
import { createRegistry, defineNode } from '../../nodes/define-node.ts';
import { ok, problem } from '../../nodes/problem.ts';
import { tensor } from '../../nodes/tensor.ts';
import { list, number } from '../../nodes/types/socket-type.ts';
import { everyControl } from './every-control-node.ts';

const TEXTS = { category: 'Test', summary: 'For tests.', docs: 'For tests.' } as const;
const VALUE = { kind: 'number', title: 'Value', doc: '', default: 1, min: -1e9, max: 1e9 } as const;
const NUMBER_IN = { type: 'number', title: 'Number', doc: '' } as const;
const NUMBER_OUT = { type: 'number', title: 'Number', doc: '' } as const;
const IMAGE_IN = { type: 'image', title: 'Image', doc: '' } as const;
const IMAGE_OUT = { type: 'image', title: 'Image', doc: '' } as const;

/** Blocks the event loop, as a model session does. */
function block(ms: number): void {
  const end = performance.now() + ms;
  while (performance.now() < end);
}

const constant = defineNode({
  ...TEXTS,
  id: 'test.number',
  version: 1,
  title: 'Number',
  inputs: {},
  outputs: { number: NUMBER_OUT },
  params: { value: VALUE },
  evaluate: async (_inputs, { value }) => ok({ number: value }),
});

const add = defineNode({
  ...TEXTS,
  id: 'test.add',
  version: 1,
  title: 'Add',
  inputs: { a: NUMBER_IN, b: NUMBER_IN },
  outputs: { sum: NUMBER_OUT },
  params: {},
  evaluate: async ({ a, b }) => ok({ sum: a + b }),
});

const sum = defineNode({
  ...TEXTS,
  id: 'test.sum',
  version: 1,
  title: 'Sum',
  inputs: { numbers: { ...NUMBER_IN, list: true } },
  outputs: { sum: NUMBER_OUT },
  params: {},
  evaluate: async ({ numbers }) => ok({ sum: numbers.reduce((before, one) => before + one, 0) }),
});

const range = defineNode({
  ...TEXTS,
  id: 'test.range',
  version: 1,
  title: 'Range',
  inputs: {},
  outputs: { numbers: NUMBER_OUT },
  params: { count: { kind: 'int', title: 'Count', doc: '', default: 3, min: 0, max: 100 } },
  outputTypes: (_inputs, { count }) => ({ numbers: list(number(), count === undefined ? undefined : { min: count, max: count }) }),
  // A list on a socket for single values, as nodes of later versions will give it.
  evaluate: async (_inputs, { count }) => ok({ numbers: Array.from({ length: count }, (_, at) => at + 1) as unknown as number }),
});

const steps = defineNode({
  ...TEXTS,
  id: 'test.steps',
  version: 1,
  title: 'Steps',
  inputs: { number: { ...NUMBER_IN, optional: true } },
  outputs: { number: NUMBER_OUT },
  params: {
    count: { kind: 'int', title: 'Count', doc: '', default: 3, min: 1, max: 10_000 },
    stepMs: { kind: 'int', title: 'Step', doc: '', default: 5, min: 0, max: 60_000 },
    cooperative: { kind: 'boolean', title: 'Cooperative', doc: '', default: true },
  },
  async evaluate({ number: given = 0 }, { count, stepMs, cooperative }, context) {
    for (let step = 1; step <= count; step++) {
      // Without a turn of the event loop nobody can tell this process anything: like one very long model call.
      if (cooperative) await setTimeout(0);
      if (cooperative) context.signal.throwIfCancelled();
      block(stepMs);
      context.progress(step, count);
      context.preview(() => ({ image: tensor(new Float32Array(3 * 16 * 16).fill(step / count), [1, 3, 16, 16]) }));
    }
    return ok({ number: given + count });
  },
});

const trouble = defineNode({
  ...TEXTS,
  id: 'test.trouble',
  version: 1,
  title: 'Trouble',
  inputs: { number: { ...NUMBER_IN, optional: true } },
  outputs: { number: NUMBER_OUT },
  params: {
    kind: {
      kind: 'choice',
      title: 'Kind',
      doc: '',
      default: 'throw',
      options: {
        throw: '',
        fail: '',
        heap: '',
        buffer: '',
        native: '',
        wrong: '',
        nan: '',
        exit: '',
        reject: '',
        abort: '',
        unasked: '',
        complain: '',
      },
    },
  },
  async evaluate(_inputs, { kind }, context) {
    switch (kind) {
      case 'throw':
        throw new TypeError('reading a field of nothing');
      case 'fail':
        return { ok: false, problem: problem('model.missing', 'Trouble: there is no such model. Choose another.') };
      case 'heap': {
        const hoard: unknown[] = [];
        for (;;) hoard.push(new Array(1_000_000).fill(0.5));
      }
      case 'buffer':
        return ok({ number: new Float32Array(2 ** 40).length });
      case 'abort':
        return process.abort();
      case 'unasked':
        // A result on its way when the node fails.
        context.result({ kind: 'preview', image: tensor(new Float32Array(3 * 512 * 512), [1, 3, 512, 512]) });
        throw new TypeError('after showing something');
      case 'native':
        throw new Error('Non-zero status code returned while running Conv node. Status Message: std::bad_alloc');
      case 'exit':
        return process.exit(7);
      case 'reject':
        void Promise.reject(new Error('nobody catches this'));
        await setTimeout(1000);
        return ok({ number: 1 });
      case 'wrong':
        return ok({ number: 'seven' as unknown as number }); // a node written in JavaScript could do this
      case 'complain':
        process.stderr.write('2026-01-01 [E:onnxruntime] Failed to allocate memory for requested buffer\n');
        return { ok: false, problem: problem('node.failed', 'Trouble: that was too large.') };
      case 'nan':
        return ok({ number: Number.NaN });
    }
  },
});

const picture = defineNode({
  ...TEXTS,
  id: 'test.picture',
  version: 1,
  title: 'Picture',
  inputs: {},
  outputs: { image: IMAGE_OUT },
  params: {
    size: { kind: 'int', title: 'Size', doc: '', default: 8, min: 1, max: 4096 },
    value: { kind: 'number', title: 'Value', doc: '', default: 0.5, min: -10, max: 10 },
    batch: { kind: 'int', title: 'Batch', doc: '', default: 1, min: 1, max: 16 },
    slowMs: { kind: 'int', title: 'Slow', doc: '', default: 0, min: 0, max: 10_000 },
  },
  async evaluate(_inputs, { size, value, batch, slowMs }) {
    block(slowMs);
    return ok({ image: tensor(new Float32Array(batch * 3 * size * size).fill(value), [batch, 3, size, size]) });
  },
});

const load = defineNode({
  ...TEXTS,
  id: 'test.load',
  version: 1,
  title: 'Load',
  inputs: {},
  outputs: { image: IMAGE_OUT },
  params: {
    file: { kind: 'file', title: 'File', doc: '', default: 'missing.png', holds: 'image' },
    alpha: { kind: 'boolean', title: 'Alpha', doc: '', default: false },
  },
  outputTypes: (_inputs, { file }, context) => {
    if (typeof file === 'string') context.imageFacts(file);
    return {};
  },
  async evaluate(_inputs, { file, alpha }, context) {
    const image = await context.pictures.load(file, alpha);
    return image.ok ? ok({ image: image.value }) : image;
  },
});

const save = defineNode({
  ...TEXTS,
  id: 'test.save',
  version: 1,
  title: 'Save',
  inputs: { image: IMAGE_IN },
  outputs: {},
  params: {
    name: { kind: 'text', title: 'Name', doc: '', default: 'picture', maxLength: 1000 },
    format: { kind: 'choice', title: 'Format', doc: '', default: 'png', options: { png: '', webp: '', jpeg: '' } },
    embed: { kind: 'boolean', title: 'Embed', doc: '', default: true },
  },
  effects: ['writesFile'],
  async evaluate({ image }, { name, format, embed }, context) {
    const path = await context.pictures.save(image, { name, format, embedGraph: embed });
    if (!path.ok) return path;
    context.result({ kind: 'file', path: path.value, widthPx: image.shape[3] ?? 0, heightPx: image.shape[2] ?? 0 });
    return ok({});
  },
});

const show = defineNode({
  ...TEXTS,
  id: 'test.show',
  version: 1,
  title: 'Show',
  inputs: { image: IMAGE_IN },
  outputs: {},
  params: {},
  effects: ['shows'],
  async evaluate({ image }, _params, context) {
    context.result({ kind: 'preview', image });
    return ok({});
  },
});

const noise = defineNode({
  ...TEXTS,
  id: 'test.noise',
  version: 1,
  title: 'Noise',
  inputs: { image: { ...IMAGE_IN, optional: true } },
  outputs: { image: IMAGE_OUT },
  params: { size: { kind: 'int', title: 'Size', doc: '', default: 8, min: 1, max: 4096 } },
  // What no codec makes small; takes long enough to be kept on the disk.
  async evaluate(_inputs, { size }) {
    block(100);
    let state = 1;
    const next = (): number => {
      state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
      return (state >>> 24) / 255;
    };
    return ok({ image: tensor(Float32Array.from({ length: 3 * size * size }, next), [1, 3, size, size]) });
  },
});

const memory = defineNode({
  ...TEXTS,
  id: 'test.memory',
  version: 1,
  title: 'Memory',
  inputs: { image: { ...IMAGE_IN, optional: true } },
  outputs: { image: IMAGE_OUT, megabytes: NUMBER_OUT },
  params: { size: { kind: 'int', title: 'Size', doc: '', default: 1024, min: 1, max: 8192 } },
  // Gives a picture of its own, and says how many bytes lie in arrays while it holds that.
  async evaluate(_inputs, { size }) {
    const image = tensor(new Float32Array(3 * size * size).fill(0.5), [1, 3, size, size]);
    await setTimeout(0);
    globalThis.gc?.();
    return ok({ image, megabytes: process.memoryUsage().arrayBuffers / 1e6 });
  },
});

let stamps = 0;
const stamp = defineNode({
  ...TEXTS,
  id: 'test.stamp',
  version: 1,
  title: 'Stamp',
  inputs: { number: { ...NUMBER_IN, optional: true } },
  outputs: { number: NUMBER_OUT },
  params: {},
  effects: ['writesFile'],
  // How often this process has done it.
  evaluate: async () => ok({ number: ++stamps }),
});

const nest = defineNode({
  ...TEXTS,
  id: 'test.nest',
  version: 1,
  title: 'Nest',
  inputs: {},
  outputs: { numbers: NUMBER_OUT },
  params: { rows: { kind: 'text', title: 'Rows', doc: '', default: '2 1', maxLength: 100 } },
  outputTypes: () => ({ numbers: list(list(number())) }),
  // Rows of the lengths given, numbered through from 1.
  async evaluate(_inputs, { rows }) {
    let count = 0;
    const lengths = rows === '' ? [] : rows.split(' ').map(Number);
    return ok({ numbers: lengths.map((length) => Array.from({ length }, () => ++count)) as unknown as number }); // as test.range
  },
});

const gather = defineNode({
  ...TEXTS,
  id: 'test.gather',
  version: 1,
  title: 'Gather',
  inputs: { numbers: { ...NUMBER_IN, list: true } },
  outputs: { text: { type: 'text', title: 'Text', doc: '' } },
  params: {},
  evaluate: async ({ numbers }) => ok({ text: numbers.join() }),
});

const say = defineNode({
  ...TEXTS,
  id: 'test.say',
  version: 1,
  title: 'Say',
  inputs: { text: { type: 'text', title: 'Text', doc: '' } },
  outputs: {},
  params: {},
  effects: ['shows'],
  // Results leave the process, so a path can say anything.
  async evaluate({ text }, _params, context) {
    context.result({ kind: 'file', path: text, widthPx: 0, heightPx: 0 });
    return ok({});
  },
});

/** Small nodes that do on purpose what real ones do by accident. */
export const testRegistry = createRegistry([
  constant,
  add,
  sum,
  range,
  steps,
  trouble,
  picture,
  load,
  save,
  show,
  noise,
  memory,
  stamp,
  nest,
  gather,
  say,
  everyControl,
]);
