import type { NodeOf } from "../../ir/graph.js";
import { printType, sizeOf } from "../../ir/types.js";
import { mul, vectorsOf } from "../loops/build.js";
import type { Expr } from "../loops/types.js";
import type { Algorithm, Kernel, Site } from "./algorithm.js";
import { KernelWriter } from "./kernel-writer.js";
import { isContiguous, outerUnits, overBlocks, storeBlock } from "./lane-blocks.js";
import { type Nest, pickAxes, simplify } from "./nest.js";
import { anyLayout } from "./nest-kernel.js";
import { type Reduction, reduceAll, reduceLanes } from "./reduction.js";

/** The axes that stay, with strides of result and input, and those that go, with the input's. */
function nestsOf(node: NodeOf<"reduce">, site: Site): { readonly kept: Nest; readonly gone: Nest } {
  const { axes, keepDims } = node.attrs;
  const { shape } = node.operands.input.type;
  const input = site.layoutOf(node.operands.input).strides;
  const result = site.layoutOf(node.results[0]!).strides;
  const kept = [...shape.keys()].filter((axis) => !axes.includes(axis));
  const under = shape.map((_, axis) => result[keepDims ? axis : kept.indexOf(axis)] ?? 0);
  const nest: Nest = {
    extents: shape,
    operands: [
      { offset: 0, strides: under },
      { offset: 0, strides: input },
    ],
  };
  const gone = pickAxes({ extents: shape, operands: [nest.operands[1]!] }, axes);
  return { kept: simplify(pickAxes(nest, kept)), gone: simplify(gone) };
}

/** Vectors of the result that are summed up side by side. */
const blockVectors = 4;

function build(node: NodeOf<"reduce">, site: Site): Kernel {
  const { fn, axes } = node.attrs;
  const { input } = node.operands;
  const [result] = node.results;
  const { kept, gone } = nestsOf(node, site);
  const writer = new KernelWriter(
    `reduce_${fn}_${input.type.shape.join("x")}`,
    `${fn} of ${printType(input.type)} over axes ${axes.join(", ")} to ${printType(result!.type)}`,
  );
  const addresses = [writer.result("y"), writer.operand("x", input)];
  const range = writer.range(outerUnits(kept, site.target, blockVectors));
  const { f } = writer;
  const reduction: Reduction = { op: fn === "max" || fn === "min" ? fn : "add" };
  const count = sizeOf(axes.map((axis) => input.type.shape[axis]!));
  const finish = (sum: Expr): Expr => (fn === "mean" ? mul(sum, 1 / count) : sum);
  overBlocks(f, site.target, kept, addresses, blockVectors, range, ([to, from], block) => {
    if (!isContiguous(kept)) {
      f.store(to!, 0, finish(reduceAll(f, vectorsOf(site.target), gone, from!, reduction)));
      return;
    }
    const sums = reduceLanes(f, block.v, block.count, gone, from!, reduction);
    storeBlock(f, to!, block, (part) => finish(sums[part]!));
  });
  return writer.done();
}

/**
 * Folds axes of any layout: several vectors of the result side by side where it and the input are
 * contiguous along one axis, else each result from vectors along the axes that go.
 */
export const reduceAxes: Algorithm<"reduce"> = { ...anyLayout, op: "reduce", build };
