import { elementCount } from '../../nodes/tensor.ts';
import type { Value } from '../onnx/graph.ts';
import type { GraphBuilder } from '../onnx/graph-builder.ts';
import { add, matMul, multiply, reshape, transpose } from '../onnx/operators.ts';
import type { WeightBinder } from '../onnx/weight-binder.ts';
import type { FittedLora } from './fit-lora.ts';
import type { LoraModule } from './lora-module.ts';
import { writeDelta } from './write-delta.ts';

/** The name of the graph's input for a LoRA's strength: float32, a scalar. Graphs without a layer that it changes have none. */
export function strengthInputName(index: number): string {
  return `lora.${index}.strength`;
}

/** How a convolution goes over its input. */
export interface ConvolutionWindow {
  readonly kernel: number;
  readonly pads: readonly number[];
  readonly stride: number;
}

/**
 * What LoRAs do to the layers of one network while it is written. A plain LoRA becomes a narrow branch beside its layer; whatever
 * multiplies or measures weights (LoHa, LoKr, DoRA) changes them in the graph. Every LoRA's strength is an input.
 */
export class LoraChanges {
  readonly #graph: GraphBuilder;
  readonly #weights: WeightBinder;
  readonly #loras: readonly FittedLora[];
  readonly #strengths = new Map<number, Value>();
  readonly #factors = new Map<string, Value>();
  readonly #changedWeights = new Map<string, Value>();
  readonly #downs = new Map<string, Value>();

  constructor(graph: GraphBuilder, weights: WeightBinder, loras: readonly FittedLora[]) {
    this.#graph = graph;
    this.#weights = weights;
    this.#loras = loras;
  }

  /** True where a layer's own weights are not used as they are. */
  changesWeight(path: string): boolean {
    return this.#loras.some((lora) => needsWeight(lora.get(path)));
  }

  /** True where any of them changes what a layer gives. */
  touches(path: string): boolean {
    return this.#loras.some((lora) => lora.has(path));
  }

  /** A layer's weights as they are to be used: float32 [out, in] or [out, in, kernel height, kernel width], like `weight`. */
  changeWeight(path: string, weight: Value, shape: readonly number[]): Value {
    const known = this.#changedWeights.get(path);
    if (known !== undefined) return known;
    let changed = weight;
    for (const [index, module, name] of this.#modulesOf(path)) {
      if (!this.#isFolded(path, module)) continue;
      const flat = writeDelta({ graph: this.#graph, weights: this.#weights }, name, module.formula);
      const delta = reshape(this.#graph, `${name}/delta`, flat, shape);
      const scaled = multiply(this.#graph, `${name}/scaled`, delta, this.#factor(index, module.scale));
      changed = this.#addDelta(name, module, { weight, changed, scaled, shape });
    }
    this.#changedWeights.set(path, changed);
    return changed;
  }

  /** Adds the branches beside a linear layer to its product: float32 […, in] and […, out]. `rows`: only those of the result are made. */
  addProducts(path: string, x: Value, product: Value, rows?: readonly [from: number, to: number]): Value {
    let sum = product;
    for (const [index, module, name] of this.#modulesOf(path)) {
      if (this.#isFolded(path, module) || module.formula.kind !== 'lora') continue;
      const { up } = module.formula;
      const rank = up.shape[1] ?? 1;
      const [from, to] = rows ?? [0, up.shape[0] ?? 0];
      const low = this.#once(`${name} ${x.name}`, () => this.#multiplyDown(name, index, module, x));
      const weight = this.#weights.foreignRows(`${name}.up`, up, [up.shape[0] ?? 0, rank], from, to);
      const part = rows === undefined ? name : `${name}[${from}:${to}]`;
      const high = matMul(this.#graph, `${part}/high`, low, transpose(this.#graph, `${part}.up/transposed`, weight, [1, 0]));
      sum = add(this.#graph, `${part}/added`, sum, high);
    }
    return sum;
  }

  /** Adds the branches beside a convolution to what it gives: float32 NCHW. */
  addConvolutions(path: string, x: Value, maps: Value, { kernel, pads, stride }: ConvolutionWindow): Value {
    let sum = maps;
    const window = { attributes: { kernel_shape: [kernel, kernel], pads, strides: [stride, stride] } };
    const point = { attributes: { kernel_shape: [1, 1] } };
    for (const [index, module, name] of this.#modulesOf(path)) {
      if (this.#isFolded(path, module) || module.formula.kind !== 'lora') continue;
      const { down, up, mid } = module.formula;
      const [rank = 1, inner = 1] = down.shape;
      const [out = 1, upRank = 1] = up.shape;
      const side = mid === undefined ? kernel : 1;
      const narrow = this.#weights.foreign(`${name}.down`, down, [rank, inner, side, side]);
      let low = this.#graph.node('Conv', [x, narrow], `${name}/low`, mid === undefined ? window : point);
      if (mid !== undefined) {
        const middle = this.#weights.foreign(`${name}.mid`, mid, [upRank, rank, kernel, kernel]);
        low = this.#graph.node('Conv', [low, middle], `${name}/middle`, window);
      }
      const scaled = multiply(this.#graph, `${name}/scaled`, low, this.#factor(index, module.scale));
      const wide = this.#weights.foreign(`${name}.up`, up, [out, upRank, 1, 1]);
      sum = add(this.#graph, `${name}/added`, sum, this.#graph.node('Conv', [scaled, wide], `${name}/high`, point));
    }
    return sum;
  }

  /** Beside a DoRA, which stretches what came before it, plain LoRAs change the weights too. */
  #isFolded(path: string, module: LoraModule): boolean {
    return needsWeight(module) || this.#loras.some((lora) => lora.get(path)?.magnitude !== undefined);
  }

  #modulesOf(path: string): [index: number, module: LoraModule, name: string][] {
    return this.#loras.flatMap((lora, index) => {
      const module = lora.get(path);
      return module === undefined ? [] : [[index, module, `${path}/lora.${index}`] as [number, LoraModule, string]]; // TypeScript widens it
    });
  }

  /** x · downᵀ, scaled while it is narrow: float32 […, rank]. */
  #multiplyDown(name: string, index: number, module: LoraModule, x: Value): Value {
    if (module.formula.kind !== 'lora') throw new Error('only a plain LoRA has a branch');
    const { down } = module.formula;
    const [rank = 1, ...rest] = down.shape;
    const weight = this.#weights.foreign(`${name}.down`, down, [rank, elementCount(rest)]);
    const low = matMul(this.#graph, `${name}/low`, x, transpose(this.#graph, `${name}.down/transposed`, weight, [1, 0]));
    return multiply(this.#graph, `${name}/scaled`, low, this.#factor(index, module.scale));
  }

  /**
   * As PEFT has DoRA: the sum of the layer's own weights and the change gets the lengths that were learned, and by as much is stretched what
   * LoRAs before it have made of the weights.
   */
  #addDelta(
    name: string,
    { magnitude }: LoraModule,
    { weight, changed, scaled, shape }: { weight: Value; changed: Value; scaled: Value; shape: readonly number[] },
  ): Value {
    const graph = this.#graph;
    if (magnitude === undefined) return add(graph, `${name}/changed`, changed, scaled);
    const kept = magnitude.axis === 'rows' ? 0 : 1;
    const sum = add(graph, `${name}/direction`, weight, scaled);
    const others = shape.map((_, axis) => axis).filter((axis) => axis !== kept);
    const length = graph.node('ReduceL2', [sum, graph.int64(others)], `${name}/length`, { attributes: { keepdims: 1 } });
    const wanted = this.#weights.foreign(
      `${name}.magnitude`,
      magnitude.source,
      shape.map((size, axis) => (axis === kept ? size : 1)),
    );
    const factor = graph.node('Div', [wanted, length], `${name}/stretch`);
    const changedSum = changed === weight ? sum : add(graph, `${name}/sum`, changed, scaled);
    return multiply(graph, `${name}/changed`, changedSum, factor);
  }

  /** strength · scale, a scalar; one for all layers of a LoRA that have the same scale. */
  #factor(index: number, scale: number): Value {
    let strength = this.#strengths.get(index);
    if (strength === undefined) {
      strength = this.#graph.input(strengthInputName(index), 'float32', []);
      this.#strengths.set(index, strength);
    }
    const key = `${index} ${scale}`;
    const known = this.#factors.get(key);
    if (known !== undefined) return known;
    const factor = scale === 1 ? strength : multiply(this.#graph, `lora.${index}.factor`, strength, this.#graph.float32([scale], []));
    this.#factors.set(key, factor);
    return factor;
  }

  /** Both halves of a gated layer read the same narrow product. */
  #once(key: string, make: () => Value): Value {
    const known = this.#downs.get(key);
    if (known !== undefined) return known;
    const made = make();
    this.#downs.set(key, made);
    return made;
  }
}

/** A plain LoRA leaves the layer's weights alone. */
function needsWeight(module: LoraModule | undefined): boolean {
  return module !== undefined && (module.formula.kind !== 'lora' || module.magnitude !== undefined);
}
