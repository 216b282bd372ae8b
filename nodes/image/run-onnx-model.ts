// A picture through any network in one ONNX file.
import type { PictureNetwork } from '../context.ts';
import { defineNode } from '../define-node.ts';
import { fail, ok, type Result } from '../problem.ts';
import { concatBatch, sizeAt, sliceBatch, type Tensor, tensor } from '../tensor.ts';
import { describeInterval } from '../types/describe.ts';
import { sizeField, struct } from '../types/socket-type.ts';
import { fromRange, RANGES, toRange } from './pixel-range.ts';
import { toColour } from './to-colour.ts';
import { toGrey } from './to-grey.ts';

export const runOnnxModel = defineNode({
  id: 'image.runOnnxModel',
  version: 1,
  title: 'Run ONNX Model',
  category: 'image',
  summary: 'Puts pictures through a network of your own in one ONNX file.',
  docs: `
Opens a single \`.onnx\` file that takes one picture and gives one: restoration, depth, lines, segmentation, style … Its inputs and outputs are read before anything runs: which sizes it is
fixed to, how many channels it wants, in which order ([batch, channels, height, width] or [batch, height, width, channels]) and of which type
(float32, float16, float64, uint8). The sockets show what comes out, and a picture of another size than the network is fixed to is refused with
the size to resize to. Weights in files beside it have to lie in its folder.

What its numbers mean stands nowhere in the file. **Takes** and **Gives** say it: 0…1, −1…1, 0…255, or for input ImageNet's normalisation (minus
mean [0.485, 0.456, 0.406], by deviation [0.229, 0.224, 0.225]); an output may also be stretched from its least to its largest value, as suits depth.
\`auto\` is 0…255 for whole numbers and 0…1 for others. What lies beyond is cut off. **Output** names one of several outputs; left open, the first
that is a picture.

Grey pictures become colour pictures where the network wants those, and colour pictures grey (Rec. 601). Pictures of a batch go through one by
one, and each whole: to enlarge in tiles, use Upscale Image, which opens \`.onnx\` upscalers too. Networks with more inputs, and pipelines, are
refused here: folders of diffusion pipelines open in Load Checkpoint.`,
  inputs: { image: { type: 'image', title: 'Image', doc: 'What the network sees.' } },
  outputs: { image: { type: 'image', title: 'Image', doc: 'What it gives, 1, 3 or 4 channels in 0…1.' } },
  params: {
    model: { kind: 'model', title: 'Model', doc: 'The .onnx file.', default: null, holds: 'onnx' },
    takes: { kind: 'choice', title: 'Takes', doc: 'What the numbers of its input mean.', default: 'auto', options: RANGES.input },
    gives: { kind: 'choice', title: 'Gives', doc: 'What the numbers of its output mean.', default: 'auto', options: RANGES.output },
    output: {
      kind: 'text',
      title: 'Output',
      doc: 'Which of several outputs; left open, the first picture.',
      default: null,
      maxLength: 200,
    },
  },
  outputTypes({ image }, { model, output }, context) {
    if (model === null) context.refuse('model', `${context.title} has no network to open. ${CHOOSE}`, 'graph.invalidParam');
    const facts = model === undefined || model === null ? undefined : context.addOnFacts('onnx', model);
    const batch = sizeField(image, 'batch');
    if (facts === undefined || !facts.ok || facts.value.picture === undefined || output !== null)
      return { image: struct('image', { batch }) };
    const { name, picture } = facts.value;
    const [width, height] = [sizeField(image, 'width'), sizeField(image, 'height')];
    for (const [given, wanted, what] of [
      [width, picture.input.widthPx, 'wide'],
      [height, picture.input.heightPx, 'high'],
    ] as const) {
      if (wanted === undefined || (given.min <= wanted && wanted <= given.max)) continue;
      const source = context.sourceTitle('image');
      context.refuse(
        'image',
        `${context.title} has ${name}, which takes pictures ${wanted} pixels ${what}, and ${source} gives one ${describeInterval(given)} ${what}. ${RESIZE}`,
      );
    }
    const { output: gives } = picture;
    return {
      image: struct('image', {
        batch,
        channels: gives.channels,
        width: gives.keepsWidth ? width : gives.widthPx,
        height: gives.keepsHeight ? height : gives.heightPx,
      }),
    };
  },
  async evaluate({ image }, { model, takes, gives, output }, context) {
    if (model === null) return fail('graph.invalidParam', `Run ONNX Model has no network to open. ${CHOOSE}`, { socket: 'model' });
    context.signal.throwIfCancelled();
    const opened = await context.models.openPictureNetwork(model, output);
    if (!opened.ok) return opened;
    const network = opened.value;
    const batch = sizeAt(image, 0);
    const results: Tensor[] = [];
    for (let index = 0; index < batch; index++) {
      context.signal.throwIfCancelled();
      const fitted = fitChannels(sliceBatch(image, index, index + 1), network);
      if (!fitted.ok) return fitted;
      const takesRange = takes === 'auto' ? (network.takesBytes ? 'bytes' : 'unit') : takes;
      const run = await network.run(toRange(fitted.value, takesRange));
      if (!run.ok) return run;
      results.push(fromRange(run.value, gives === 'auto' ? (network.givesBytes ? 'bytes' : 'unit') : gives));
      context.progress(index + 1, batch);
    }
    return ok({ image: concatBatch(results) });
  },
});

const CHOOSE = 'Choose an .onnx file in its parameter Model.';
const RESIZE = 'Put a Resize Image before it.';

function fitChannels(picture: Tensor, { channels, widthPx, heightPx }: PictureNetwork): Result<Tensor> {
  const [given, height, width] = [sizeAt(picture, 1), sizeAt(picture, 2), sizeAt(picture, 3)];
  if ((widthPx !== undefined && widthPx !== width) || (heightPx !== undefined && heightPx !== height)) {
    const sentence = `Run ONNX Model takes pictures of ${widthPx ?? 'any'}×${heightPx ?? 'any'} pixels, and gets one of ${width}×${height}. ${RESIZE}`;
    return fail('node.invalidInput', sentence, { socket: 'image' });
  }
  const wanted = channels ?? 3;
  if (given === wanted) return ok(picture);
  if (given === 1 && wanted === 3) return ok(toColour(picture));
  if (given === 3 && wanted === 1) return ok(tensor(toGrey(picture.data), [1, 1, height, width]));
  const what = given === 4 ? 'a picture with transparency' : `a picture of ${given} channels`;
  return fail(
    'node.invalidInput',
    `Run ONNX Model gets ${what}, and its network takes ${wanted} channels. Load the picture ${wanted === 4 ? 'with' : 'without'} transparency.`,
    {
      socket: 'image',
    },
  );
}
