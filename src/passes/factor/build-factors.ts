import { build, constantOf } from "../../ir/build.js";
import { constantNode } from "../../ir/constants.js";
import type { Value } from "../../ir/graph.js";
import type { Pair, Sides } from "../../ir/ops/conv.js";
import type { Family } from "./families.js";
import { type AxisSizes, axisSizes, countAlong, type KernelNode } from "./kernel-axes.js";

/** Gives the numbers of a factor's kernel for some ranks. */
export interface FactorData {
  /** `[block, rank, first]`. */
  first(ranks: readonly number[]): Float32Array;
  /** `[group, output, input of block, rank, taps]`, as far as the axes are the second's or the block's. */
  second(ranks: readonly number[]): Float32Array;
  /** The second's bias; undefined keeps the convolution's own. */
  readonly bias?: Float32Array | undefined;
}

/**
 * Two convolutions in place of one. Where the first or the second works channel by channel and the rank is
 * more than one, each rank has convolutions of its own, since kernels for one filter a channel are the
 * fastest: their results are added, or lie behind each other.
 */
export function buildFactors(
  node: KernelNode,
  family: Family,
  rank: number,
  data: FactorData,
): Value {
  const ranks = Array.from({ length: rank }, (_, r) => r);
  const sizes = axisSizes(node);
  const factory = new FactorBuilder(node, family, sizes, data);
  const { input } = node.operands;
  const bias = factory.bias;
  if (rank > 1 && family.block.includes("output")) return factory.sumOfPairs(input, bias, ranks);
  if (rank > 1 && family.block.includes("input") && sizes.group === 1) {
    const parts = ranks.map((r) => factory.first(input, [r], `0.${r}`));
    const channels = build("concat", { inputs: parts }, { axis: 1 });
    return factory.second(channels, bias, ranks, "1");
  }
  return factory.second(factory.first(input, ranks, "0"), bias, ranks, "1");
}

class FactorBuilder {
  constructor(
    readonly node: KernelNode,
    readonly family: Family,
    readonly sizes: AxisSizes,
    readonly data: FactorData,
  ) {}

  get bias(): Value | undefined {
    const { node, data } = this;
    if (!data.bias) return node.operands.bias;
    const origin = node.name ? { name: `${node.name}.1.bias` } : {};
    return constantOf([data.bias.length], data.bias, "parameter", origin);
  }

  /** Σ_r second_r(first_r(x)). */
  sumOfPairs(input: Value, bias: Value | undefined, ranks: readonly number[]): Value {
    const pairs = ranks.map((r) => {
      const between = this.first(input, [r], `${r}.0`);
      return this.second(between, r === 0 ? bias : undefined, [r], `${r}.1`);
    });
    return pairs.reduce((left, right) => build("binary", { left, right }, { fn: "add" }));
  }

  /** The first convolution, for some ranks. */
  first(input: Value, ranks: readonly number[], name: string): Value {
    const { block, first } = this.family;
    const groups = this.sizes.group * this.#inBlock("input");
    const inputs = first.includes("input") ? this.sizes.input : 1;
    const outputs = countAlong(this.sizes, block) * ranks.length;
    const weight = { groups, outputs, inputs, data: this.data.first(ranks) };
    return this.#convolve(input, undefined, weight, "first", name);
  }

  /** The second convolution, for some ranks. */
  second(input: Value, bias: Value | undefined, ranks: readonly number[], name: string): Value {
    const { group, output } = this.sizes;
    const groups = group * this.#inBlock("output");
    const inputs = this.#inBlock("input") * ranks.length;
    const weight = { groups, outputs: group * output, inputs, data: this.data.second(ranks) };
    return this.#convolve(input, bias, weight, "second", name);
  }

  #inBlock(axis: "input" | "output"): number {
    return this.family.block.includes(axis) ? this.sizes[axis] : 1;
  }

  #convolve(
    input: Value,
    bias: Value | undefined,
    { groups, outputs, inputs, data }: Channels,
    side: "first" | "second",
    name: string,
  ): Value {
    const { node, sizes } = this;
    const [row, column] = [this.#owns(side, "row"), this.#owns(side, "column")];
    const kernel = [row ? sizes.row : 1, column ? sizes.column : 1];
    const outer = node.op === "conv2d" ? [outputs, inputs] : [groups * inputs, outputs / groups];
    const origin = node.name ? { name: `${node.name}.${name}` } : {};
    const weight = constantOf(
      [...outer, ...kernel],
      data,
      constantNode(node.operands.weight)?.attrs.role,
      node.name ? { name: `${node.name}.${name}.weight` } : {},
    );
    const { stride, dilation, pads } = node.attrs;
    const own = (pair: Pair, plain: number): Pair => [
      row ? pair[0] : plain,
      column ? pair[1] : plain,
    ];
    const [top, left, bottom, right] = pads;
    const [vertical, horizontal] = [row ? [top, bottom] : [0, 0], column ? [left, right] : [0, 0]];
    const attrs = {
      stride: own(stride, 1),
      dilation: own(dilation, 1),
      pads: [vertical[0]!, horizontal[0]!, vertical[1]!, horizontal[1]!] as Sides,
      groups,
      epilogue: [],
    };
    const operands = { input, weight, bias, extras: [] };
    if (node.op === "conv2d")
      return build("conv2d", operands, attrs, { ...origin, span: node.span });
    const outputPads = own(node.attrs.outputPads, 0);
    return build("deconv2d", operands, { ...attrs, outputPads }, { ...origin, span: node.span });
  }

  /** Whether a factor has the taps along an axis; with them go its stride, dilation and padding. */
  #owns(side: "first" | "second", axis: "row" | "column"): boolean {
    return this.family[side].includes(axis);
  }
}

interface Channels {
  readonly groups: number;
  readonly outputs: number;
  readonly inputs: number;
  readonly data: Float32Array;
}
