import type { Value } from '../../onnx/graph.ts';
import { slice } from '../../onnx/operators.ts';
import type { Network } from './network.ts';

/** The weights of a convolution, which are declared when they are asked for: what nobody uses is not widened. */
export interface ConvolutionWeights {
  readonly outChannels: number;
  /** float32 [to − from, in, height, width]: the kernels of these output channels, of all by default. */
  kernels(from?: number, to?: number): Value;
  /** What is added to every output channel, float32 of this shape; empty where nothing is. */
  offsets(shape: readonly number[]): readonly Value[];
}

/** The weights at `path`, changed where LoRAs change them. `shape`: [out, in, height, width]. */
export function convolutionWeights(network: Network, path: string, shape: readonly number[], hasBias: boolean): ConvolutionWeights {
  const { graph, weights, loras } = network;
  const name = `${path}.weight`;
  const [outChannels = 0] = shape;
  const whole = (): Value => {
    const stored = weights.tensor(name, shape);
    return loras.changesWeight(path) ? loras.changeWeight(path, stored, shape) : stored;
  };
  return {
    outChannels,
    kernels(from = 0, to = outChannels) {
      if (from === 0 && to === outChannels) return whole();
      const rows = loras.changesWeight(path) ? undefined : weights.rows(name, shape, from, to);
      return rows ?? slice(graph, `${name}[${from}:${to}]`, whole(), [from], [to], [0]);
    },
    offsets: (offsetShape) => (hasBias ? [weights.tensor(`${path}.bias`, offsetShape)] : []),
  };
}
