import { type AnyNodeDefinition, createRegistry, defineNode } from '../nodes/define-node.ts';
import { fail } from '../nodes/problem.ts';
import type { SocketKind } from '../nodes/socket-values.ts';
import { list, namesField, number, sizeField, struct, text } from '../nodes/types/socket-type.ts';

/*
 * Small nodes with the sockets of a diffusion graph, for tests about graphs: they have types and rules, and nothing to run.
 */

const socket = <K extends SocketKind>(type: K, title: string) => ({ type, title, doc: `${title}.` });
const described = { category: 'example', summary: 'An example.', docs: 'For tests about graphs.' };
const idle = async (): Promise<never> => {
  throw new Error('nodes for tests about graphs are never run');
};

const checkpoint = defineNode({
  id: 'example.checkpoint',
  version: 1,
  title: 'Load Checkpoint',
  ...described,
  inputs: {},
  outputs: { model: socket('model', 'Model'), textEncoder: socket('textEncoder', 'Text encoder'), vae: socket('vae', 'VAE') },
  params: {
    model: { kind: 'model', title: 'Model', doc: 'Which.', default: 'emoji' },
    config: { kind: 'file', title: 'Config', doc: 'Folder.', default: null, holds: 'folder' },
  },
  outputTypes(_inputs, { model, config }, context) {
    const facts = model === undefined ? undefined : context.modelFacts(model, config ?? null);
    if (facts === undefined || !facts.ok) return {};
    const { family, prediction, space, conditioningWidth, tokens, encoderWidth } = facts.value;
    return {
      model: struct('model', { family, prediction, space: space.id, dim: conditioningWidth }),
      textEncoder: struct('textEncoder', { family, tokens, dim: encoderWidth }),
      vae: struct('vae', { space: space.id, channels: space.channels }),
    };
  },
  evaluate: idle,
});

const encodeText = defineNode({
  id: 'example.encodeText',
  version: 1,
  title: 'Encode Text',
  ...described,
  inputs: { textEncoder: socket('textEncoder', 'Text encoder') },
  outputs: { conditioning: socket('conditioning', 'Conditioning') },
  params: { prompt: { kind: 'text', title: 'Prompt', doc: 'What.', default: '', multiline: true, maxLength: 1000 } },
  outputTypes({ textEncoder }) {
    return {
      conditioning: struct('conditioning', { family: namesField(textEncoder, 'family') ?? undefined, dim: sizeField(textEncoder, 'dim') }),
    };
  },
  evaluate: idle,
});

const emptyLatent = defineNode({
  id: 'example.emptyLatent',
  version: 1,
  title: 'Empty Latent',
  ...described,
  inputs: { model: socket('model', 'Model') },
  outputs: { latent: socket('latent', 'Latent') },
  params: {
    width: { kind: 'int', title: 'Width', doc: 'Pixels.', default: 64, min: 8, max: 4096, multipleOf: 8, unit: 'px' },
    height: { kind: 'int', title: 'Height', doc: 'Pixels.', default: 64, min: 8, max: 4096, multipleOf: 8, unit: 'px' },
    batch: { kind: 'int', title: 'Batch', doc: 'Pictures.', default: 1, min: 1, max: 64 },
  },
  outputTypes({ model }, { width, height, batch }) {
    const space = namesField(model, 'space') ?? undefined;
    return { latent: struct('latent', { space, width: width && width / 8, height: height && height / 8, batch }) };
  },
  evaluate: idle,
});

const sampler = defineNode({
  id: 'example.sampler',
  version: 1,
  title: 'Sampler',
  ...described,
  inputs: {
    model: socket('model', 'Model'),
    positive: socket('conditioning', 'Positive'),
    negative: { ...socket('conditioning', 'Negative'), optional: true },
    latent: socket('latent', 'Latent'),
  },
  outputs: { latent: socket('latent', 'Latent') },
  params: {
    seed: { kind: 'seed', title: 'Seed', doc: 'Chance.', default: '0' },
    steps: { kind: 'int', title: 'Steps', doc: 'How many.', default: 20, min: 1, max: 1000 },
    guidance: { kind: 'number', title: 'Guidance', doc: 'How strictly.', default: 7.5, min: 0, max: 100 },
    scheduler: { kind: 'scheduler', title: 'Scheduler', doc: 'Which.', default: 'auto' },
    start: { kind: 'number', title: 'Start', doc: 'From where.', default: null, min: 0, max: 1 },
  },
  outputTypes({ model, positive, latent }, _params, context) {
    const [wanted, given] = [namesField(model, 'family'), namesField(positive, 'family')];
    if (wanted && given && !wanted.some((name) => given.includes(name))) {
      context.refuse(
        'positive',
        `${context.title} has a model of family ${wanted.join()} and text of family ${given.join()} from ${context.sourceTitle('positive')}. Encode the text with the same checkpoint.`,
      );
    }
    return latent ? { latent } : {};
  },
  evaluate: idle,
});

const decode = defineNode({
  id: 'example.decode',
  version: 1,
  title: 'VAE Decode',
  ...described,
  inputs: { vae: socket('vae', 'VAE'), latent: socket('latent', 'Latent') },
  outputs: { image: socket('image', 'Image') },
  params: {},
  outputTypes({ vae, latent }, _params, context) {
    const [wanted, given] = [namesField(vae, 'space'), namesField(latent, 'space')];
    if (wanted && given && !wanted.some((name) => given.includes(name))) {
      context.refuse(
        'latent',
        `${context.title} decodes ${wanted.join()} latents; ${context.sourceTitle('latent')} gives ${given.join()}. Use its own VAE.`,
      );
    }
    const [width, height] = [sizeField(latent, 'width'), sizeField(latent, 'height')];
    const pixels = ({ min, max }: { min: number; max: number }): [number, number] => [min * 8, max * 8];
    return { image: struct('image', { width: pixels(width), height: pixels(height), channels: 3, batch: sizeField(latent, 'batch') }) };
  },
  evaluate: idle,
});

const saveImage = defineNode({
  id: 'example.saveImage',
  version: 1,
  title: 'Save Image',
  ...described,
  inputs: { image: socket('image', 'Image') },
  outputs: { path: socket('text', 'Path') },
  params: { name: { kind: 'text', title: 'Name', doc: 'File name.', default: 'picture', maxLength: 100 } },
  effects: ['writesFile'],
  evaluate: idle,
});

const preview = defineNode({
  id: 'example.preview',
  version: 1,
  title: 'Preview',
  ...described,
  inputs: { image: socket('image', 'Image') },
  outputs: { image: socket('image', 'Image') },
  params: {},
  effects: ['shows'],
  outputTypes: ({ image }) => (image ? { image } : {}),
  evaluate: idle,
});

const loadImage = defineNode({
  id: 'example.loadImage',
  version: 1,
  title: 'Load Image',
  ...described,
  inputs: {},
  outputs: { image: socket('image', 'Image') },
  params: { path: { kind: 'file', title: 'Picture', doc: 'File.', default: 'picture.png', holds: 'image' } },
  outputTypes(_inputs, { path }, context) {
    const facts = path === undefined ? undefined : context.imageFacts(path);
    return facts?.ok ? { image: struct('image', { width: facts.value.widthPx, height: facts.value.heightPx }) } : {};
  },
  evaluate: idle,
});

const blur = defineNode({
  id: 'example.blur',
  version: 1,
  title: 'Blur',
  ...described,
  inputs: { image: socket('image', 'Image'), mask: { ...socket('mask', 'Mask'), optional: true } },
  outputs: { image: socket('image', 'Image') },
  params: {
    radius: { kind: 'number', title: 'Radius', doc: 'How far.', default: 2, min: 0, max: 100, unit: 'px' },
    edges: { kind: 'choice', title: 'Edges', doc: 'Beyond them.', default: 'wrap', options: { wrap: 'Wrap', mirror: 'Mirror' } },
    fast: { kind: 'boolean', title: 'Fast', doc: 'Approximately.', default: false },
  },
  outputTypes: ({ image }) => (image ? { image } : {}),
  evaluate: idle,
});

/** Version 3: version 1 called the size `pixels`, version 2 called it `size`, both as text. */
const crop = defineNode({
  id: 'example.crop',
  version: 3,
  title: 'Crop',
  ...described,
  inputs: { image: socket('image', 'Image') },
  outputs: { image: socket('image', 'Image') },
  params: { widthPx: { kind: 'int', title: 'Width', doc: 'Pixels.', default: 32, min: 1, max: 4096 } },
  migrations: [
    { from: 1, migrate: ({ pixels, ...rest }) => ({ ...rest, size: pixels }) },
    { from: 2, migrate: ({ size, ...rest }) => ({ ...rest, widthPx: Number(size) }) },
  ],
  outputTypes: (_inputs, { widthPx }) => ({ image: struct('image', { width: widthPx }) }),
  evaluate: idle,
});

const joinImages = defineNode({
  id: 'example.joinImages',
  version: 1,
  title: 'Join Images',
  ...described,
  inputs: { images: { ...socket('image', 'Images'), list: true }, mask: { ...socket('mask', 'Mask'), optional: true } },
  outputs: { image: socket('image', 'Image') },
  params: {},
  outputTypes({ images }) {
    return images?.kind === 'list' ? { image: struct('image', { batch: images.length }) } : {};
  },
  evaluate: idle,
});

const splitImage = defineNode({
  id: 'example.splitImage',
  version: 1,
  title: 'Split Image',
  ...described,
  inputs: { image: socket('image', 'Image') },
  outputs: { parts: socket('image', 'Parts') },
  params: { parts: { kind: 'int', title: 'Parts', doc: 'How many.', default: 4, min: 1, max: 64 } },
  outputTypes: ({ image }, { parts }) => ({
    parts: list(image ?? struct('image'), parts === undefined ? undefined : { min: parts, max: parts }),
  }),
  evaluate: idle,
});

const numberNode = defineNode({
  id: 'example.number',
  version: 1,
  title: 'Number',
  ...described,
  inputs: {},
  outputs: { value: socket('number', 'Value') },
  params: { value: { kind: 'number', title: 'Value', doc: 'Which.', default: 0, min: -1e9, max: 1e9 } },
  outputTypes: (_inputs, { value }) => ({ value: value === undefined ? number() : number(value) }),
  evaluate: idle,
});

const textNode = defineNode({
  id: 'example.text',
  version: 1,
  title: 'Text',
  ...described,
  inputs: {},
  outputs: { text: socket('text', 'Text') },
  params: { text: { kind: 'text', title: 'Text', doc: 'Which.', default: '', maxLength: 1000 } },
  outputTypes: (_inputs, params) => ({ text: params.text === undefined ? text() : text([params.text]) }),
  evaluate: idle,
});

const mask = defineNode({
  id: 'example.mask',
  version: 1,
  title: 'Mask',
  ...described,
  inputs: {},
  outputs: { mask: socket('mask', 'Mask') },
  params: {},
  evaluate: idle,
});

const anything = defineNode({
  id: 'example.anything',
  version: 1,
  title: 'Anything',
  ...described,
  inputs: { value: socket('any', 'Value') },
  outputs: { value: socket('any', 'Value') },
  params: {},
  outputTypes: ({ value }) => (value ? { value } : {}),
  evaluate: async () => fail('node.failed', 'never run'),
});

const broken = defineNode({
  id: 'example.broken',
  version: 1,
  title: 'Broken',
  ...described,
  inputs: {},
  outputs: { image: socket('image', 'Image') },
  params: {},
  outputTypes() {
    throw new Error('no such thing');
  },
  evaluate: idle,
});

/** Every example node. */
export const exampleNodes: readonly AnyNodeDefinition[] = [
  checkpoint,
  encodeText,
  emptyLatent,
  sampler,
  decode,
  saveImage,
  preview,
  loadImage,
  blur,
  crop,
  joinImages,
  splitImage,
  numberNode,
  textNode,
  mask,
  anything,
  broken,
];

/** A registry of the example nodes. */
export const exampleRegistry = createRegistry(exampleNodes);
