import type { Value } from '../onnx/graph.ts';
import { add, gather, matMul, mean, multiply, reshape, transpose, unsqueeze } from '../onnx/operators.ts';
import type { Network } from './blocks/network.ts';
import type { AttentionPlace, AttentionRewrite } from './blocks/transformer-2d.ts';

/** What a U-Net's graph tells about its attention, and how it lets it be changed. */
export interface AttentionExtras {
  /** Attentions to the text, by their names (`textAttentions`), whose weights become outputs. */
  readonly maps: readonly string[];
  /** Rows take over attention from other rows of the batch; that of the picture to itself only where it has so many cells at most. */
  readonly injection?: { readonly mostCells: number };
}

/** The inputs by which rows take over attention from others. */
export const INJECTION_INPUTS = {
  /** int32 [batch]: the row whose attention to the text is taken. */
  source: 'attention_source',
  /** float32 [batch, tokens, tokens]: how much of what the source gives to the first token goes to the second. */
  map: 'attention_map',
  /** float32 [batch, tokens]: how much of its own attention to a token a row keeps. */
  keep: 'attention_keep',
  /** int32 [batch]: the row whose attention of the picture to itself is taken. */
  selfSource: 'self_attention_source',
} as const;

/** The output with the weights of an attention: float32 [batch, tokens, height, width], the mean of its heads. */
export function attentionMapName(name: string): string {
  return `attention_map.${name}`;
}

/**
 * Makes attention tell what it looks at, and take over what other rows look at (Hertz et al. 2022, Prompt-to-Prompt Image Editing with
 * Cross Attention Control). The weights A of a row become A[source] · map + A · keep for each head, and for the picture's attention to
 * itself A[source]: queries and keys of that row, so that no weights need to be held. Outputs are the weights after that.
 */
export function rewriteAttention(network: Network, { maps, injection }: AttentionExtras): AttentionRewrite {
  const { graph } = network;
  const wanted = new Set(maps);
  const inject = injection === undefined ? undefined : injectionInputs(network);
  return {
    reweighText(place) {
      const isShown = wanted.has(place.name);
      if (inject === undefined && !isShown) return undefined;
      return (weights) => {
        const used = inject === undefined ? weights : takeOver(network, place.name, weights, inject);
        if (isShown) showWeights(network, place, used);
        return used;
      };
    },
    changeSelf({ name, height, width }, { query, key }) {
      if (inject === undefined || injection === undefined || height * width > injection.mostCells) return { query, key };
      return {
        query: gather(graph, `${name}.to_q/taken`, query, inject.selfSource),
        key: gather(graph, `${name}.to_k/taken`, key, inject.selfSource),
      };
    },
  };
}

interface Injection {
  readonly source: Value;
  /** float32 [batch, 1, tokens, tokens]. */
  readonly map: Value;
  /** float32 [batch, 1, 1, tokens]. */
  readonly keep: Value;
  readonly selfSource: Value;
}

function injectionInputs({ graph }: Network): Injection {
  const { source, map, keep, selfSource } = INJECTION_INPUTS;
  return {
    source: graph.input(source, 'int32', ['batch']),
    map: unsqueeze(graph, `${map}/heads`, graph.input(map, 'float32', ['batch', 'tokens', 'tokens']), [1]),
    keep: unsqueeze(graph, `${keep}/heads`, graph.input(keep, 'float32', ['batch', 'tokens']), [1, 2]),
    selfSource: graph.input(selfSource, 'int32', ['batch']),
  };
}

function takeOver({ graph }: Network, name: string, weights: Value, { source, map, keep }: Injection): Value {
  const taken = matMul(graph, `${name}/mapped`, gather(graph, `${name}/taken`, weights, source), map);
  return add(graph, `${name}/injected`, taken, multiply(graph, `${name}/kept`, weights, keep));
}

/** [batch, heads, cells, tokens] as an output. */
function showWeights({ graph }: Network, { name, height, width }: AttentionPlace, weights: Value): void {
  const rows = transpose(graph, `${name}/shown/rows`, mean(graph, `${name}/shown`, weights, 1), [0, 2, 1]);
  const output = reshape(graph, `${name}/shown/maps`, rows, [0, 0, height, width]);
  graph.output(output, attentionMapName(name), 'float32', ['batch', 'tokens', height, width]);
}
