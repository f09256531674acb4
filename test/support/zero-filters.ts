import { build } from "../../src/ir/build.js";
import { dataOf, withData } from "../../src/ir/constants.js";
import type { Graph, Value } from "../../src/ir/graph.js";
import { defineRule, rewriteGraph } from "../../src/ir/rewrite.js";

/** A convolution's result with those filters, and their biases unless others are given, set to zero. */
export function zeroFilters(value: Value, channels: readonly number[], bias = 0): Value {
  const { node } = value;
  if (node.op !== "conv2d") throw new Error(`a ${node.op} has no filters`);
  const { weight, bias: old } = node.operands;
  const isZero = (channel: number): boolean => channels.includes(channel);
  const data = dataOf(weight)!;
  const perFilter = data.length / weight.type.shape[0]!;
  const weights = data.map((w, at) => (isZero(Math.floor(at / perFilter)) ? 0 : w));
  const biases = old && dataOf(old)!.map((b, channel) => (isZero(channel) ? bias : b));
  const operands = {
    ...node.operands,
    weight: withData(weight, weights),
    bias: old && biases && withData(old, biases),
  };
  return build("conv2d", operands, node.attrs, node);
}

/** A graph with filters of every convolution set to zero: those of the channels that `choose` names. */
export function zeroEverywhere(
  graph: Graph,
  choose: (channels: number) => readonly number[],
): Graph {
  const done = new Set<object>();
  const rule = defineRule({
    name: "zero-filters",
    op: "conv2d",
    exactness: "approximate",
    apply(node) {
      if (done.has(node.operands.weight)) return undefined;
      const result = node.results[0]!;
      const zeroed = zeroFilters(result, choose(result.type.shape[1]!));
      if (zeroed.node.op === "conv2d") done.add(zeroed.node.operands.weight);
      return zeroed;
    },
  });
  return rewriteGraph(graph, [rule]).graph;
}
