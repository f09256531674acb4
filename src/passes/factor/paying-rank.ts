import type { Node } from "../../ir/graph.js";
import { inOrder } from "../../ir/order.js";
import type { PassContext } from "../pass.js";
import { pays, predictAll } from "../structural-pass.js";
import { buildFactors, type FactorData } from "./build-factors.js";
import type { Family } from "./families.js";
import { axisSizes, countAlong, type KernelNode } from "./kernel-axes.js";
import { mostPaying } from "./most-paying.js";
import { withinLimits } from "./within-limits.js";

/** Rows and columns of a family's matrices, and their number. */
export interface Extent {
  readonly blocks: number;
  readonly rows: number;
  readonly columns: number;
}

export function extentOf(node: KernelNode, family: Family): Extent {
  const sizes = axisSizes(node);
  const [blocks, rows, columns] = [family.block, family.first, family.second].map((axes) =>
    countAlong(sizes, axes),
  );
  return { blocks: blocks!, rows: rows!, columns: columns! };
}

/**
 * The largest rank below the full one at which a family's factors are predicted to be faster than the
 * convolution; 0 when none is. Kernels are `zeros`, at least as many as the node's weight has: only their size
 * matters.
 */
export function mostPayingRank(
  node: KernelNode,
  family: Family,
  context: PassContext,
  zeros: Float32Array,
): number {
  const extent = extentOf(node, family);
  const empty = emptyData(extent, zeros);
  const isFaster = (rank: number): boolean => {
    const factors = factorNodes(node, family, rank, empty);
    return factors !== undefined && pays([node], factors, context);
  };
  return mostPaying(Math.min(extent.rows, extent.columns), isFaster);
}

/** Predicted milliseconds of a family's factors of a rank; `zeros` as for `mostPayingRank`. */
export const factorsMs = (
  node: KernelNode,
  family: Family,
  rank: number,
  context: PassContext,
  zeros: Float32Array,
): number => {
  const empty = emptyData(extentOf(node, family), zeros);
  const factors = factorNodes(node, family, rank, empty);
  return factors ? predictAll(factors, context) : Number.POSITIVE_INFINITY;
};

/** What would stand in a convolution's place; undefined where a map between would be larger than any may be. */
function factorNodes(
  node: KernelNode,
  family: Family,
  rank: number,
  data: FactorData,
): readonly Node[] | undefined {
  const { input, weight, bias } = node.operands;
  const kept = new Set([input.node, weight.node, bias?.node]);
  const build = () => buildFactors(node, family, rank, data).node;
  return withinLimits(() => inOrder([build()], (operand) => kept.has(operand)));
}

function emptyData({ blocks, rows, columns }: Extent, zeros: Float32Array): FactorData {
  return {
    first: (ranks) => zeros.subarray(0, blocks * rows * ranks.length),
    second: (ranks) => zeros.subarray(0, blocks * columns * ranks.length),
  };
}
