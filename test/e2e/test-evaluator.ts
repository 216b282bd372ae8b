import { startEvaluator } from '../../host/evaluator/start-evaluator.ts';
import { fail, type Result } from '../../nodes/problem.ts';
import { testRegistry } from './test-nodes.ts';

const noModels = async (): Promise<Result<never>> => fail('model.missing', 'The test evaluator has no models.');

startEvaluator({
  registry: testRegistry,
  createRuntime: () => ({
    open: noModels,
    encodeText: noModels,
    openDenoiser: noModels,
    attentionLayers: noModels,
    applyLora: noModels,
    addEmbedding: noModels,
    textEncoderOf: noModels,
    loadControlNet: noModels,
    openControlNet: noModels,
    loadIpAdapter: noModels,
    encodeImagePrompt: noModels,
    decode: noModels,
    encode: noModels,
    loadVae: noModels,
    openUpscaler: noModels,
    openPictureNetwork: noModels,
    previewFactors: () => undefined,
    close: () => Promise.resolve(),
  }),
});
