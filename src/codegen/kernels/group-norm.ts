import type { NodeOf } from "../../ir/graph.js";
import { printType, sizeOf } from "../../ir/types.js";
import {
  add,
  div,
  type FunctionBuilder,
  mul,
  mulAdd,
  sqrt,
  sub,
  vectorsOf,
} from "../loops/build.js";
import type { Expr } from "../loops/types.js";
import type { KernelTarget } from "../target.js";
import type { Algorithm, Kernel, Site } from "./algorithm.js";
import { overAxes } from "./axis-loops.js";
import { KernelWriter } from "./kernel-writer.js";
import { type Block, isContiguous, outerUnits, overBlocks, storeBlock } from "./lane-blocks.js";
import { type Nest, pickAxes, type Strided, simplify } from "./nest.js";
import { anyLayout } from "./nest-kernel.js";
import { type Reduction, reduceAll, reduceLanes } from "./reduction.js";
import { writeStrided } from "./strided-loops.js";

/** What both ways of writing a group norm need to know. */
interface GroupNorm {
  readonly f: FunctionBuilder;
  readonly target: KernelTarget;
  readonly epsilon: number;
  /** Elements that are normalised together. */
  readonly size: number;
  /** Those elements: result, input, γ and β. */
  readonly inside: Nest;
}

/** Vectors of channels that are normalised side by side. */
const blockVectors = 4;

/** Result, input, γ and β, each at the first element of a group. */
type Addresses = readonly [Expr, Expr, Expr, Expr];

const inputOf = ({ extents, operands }: Nest): Nest =>
  simplify({ extents, operands: [operands[1]!] });

/** Every lane of a block of channels has a mean and a variance of its own. */
function writeChannels(norm: GroupNorm, at: Addresses, block: Block): void {
  const { f, inside, size, epsilon } = norm;
  const { v, count } = block;
  const elements = inputOf(inside);
  const [result, input, gamma, beta] = at;
  const sums = reduceLanes(f, v, count, elements, input, { op: "add" });
  const means = sums.map((sum) => f.let("mean", mul(sum, 1 / size)));
  const term = (x: Expr, part: number): Expr => {
    const distance = f.let("d", sub(x, means[part]!));
    return mul(distance, distance);
  };
  const squares = reduceLanes(f, v, count, elements, input, { op: "add", term });
  const scales = squares.map((square, part) => {
    const deviation = sqrt(add(mul(square, 1 / size), epsilon));
    return f.let("scale", div(v.load(gamma, part * v.lanes), deviation));
  });
  const shifts = means.map((_, part) => f.let("shift", v.load(beta, part * v.lanes)));
  const { extents, operands } = inside;
  const pixels = simplify({ extents, operands: operands.slice(0, 2) });
  overAxes(f, pixels, [result, input], undefined, ([to, from]) => {
    storeBlock(f, to!, block, (part) => {
      const x = v.load(from!, part * v.lanes);
      return mulAdd(sub(x, means[part]!), scales[part]!, shifts[part]!);
    });
  });
}

/** One group with one mean and one variance. */
function writeGroup(norm: GroupNorm, at: Addresses): void {
  const { f, target, inside, size, epsilon } = norm;
  const v = vectorsOf(target);
  const elements = inputOf(inside);
  const mean = f.let("mean", mul(reduceAll(f, v, elements, at[1], { op: "add" }), 1 / size));
  const term: Reduction["term"] = (x, _, vectors) => {
    const distance = f.let("d", sub(x, vectors.splat(mean)));
    return mul(distance, distance);
  };
  const squares = reduceAll(f, v, elements, at[1], { op: "add", term });
  const factor = f.let("factor", div(1, sqrt(add(mul(squares, 1 / size), epsilon))));
  writeStrided(f, target, simplify(inside), at, (read, vectors) => {
    const x = mul(sub(read(1), vectors.splat(mean)), vectors.splat(factor));
    return mulAdd(x, read(2), read(3));
  });
}

/** All four operands along the axes of `extents`: the first is the channels'. */
function nestOf(
  extents: readonly number[],
  maps: readonly (readonly number[])[],
  vectors: readonly number[],
): Nest {
  const along = extents.map((_, axis) => (axis === 0 ? 1 : 0));
  const operands: Strided[] = [
    ...maps.map((strides) => ({ offset: 0, strides })),
    ...vectors.map((stride) => ({ offset: 0, strides: along.map((one) => one * stride) })),
  ];
  return { extents, operands };
}

function build(node: NodeOf<"groupNorm">, site: Site): Kernel {
  const { input, gamma, beta } = node.operands;
  const { groups, epsilon } = node.attrs;
  const [images, channels, ...image] = input.type.shape as [number, number, ...number[]];
  const writer = new KernelWriter(
    `group_norm_${input.type.shape.join("x")}_${groups}`,
    `group norm of ${printType(input.type)} in ${groups} groups`,
  );
  const addresses: Addresses = [
    writer.result("y"),
    writer.operand("x", input),
    writer.operand("gamma", gamma),
    writer.operand("beta", beta),
  ];
  const maps = [node.results[0]!, input].map((value) => site.layoutOf(value).strides);
  const vectors = [gamma, beta].map((value) => site.layoutOf(value).strides[0]!);
  const width = channels / groups;
  const inside = nestOf(
    [width, ...image],
    maps.map((strides) => strides.slice(1)),
    vectors,
  );
  const outside = simplify(
    pickAxes(
      nestOf(
        [groups, images],
        maps.map((strides) => [width * strides[1]!, strides[0]!]),
        vectors.map((stride) => width * stride),
      ),
      [1, 0],
    ),
  );
  const { f } = writer;
  const size = width * sizeOf(image);
  const norm: GroupNorm = { f, target: site.target, epsilon, size, inside };
  const range = writer.range(outerUnits(outside, site.target, blockVectors));
  overBlocks(f, site.target, outside, addresses, blockVectors, range, (at, block) => {
    const [to, from, g, b] = at as Addresses;
    if (isContiguous(outside)) writeChannels(norm, [to, from, g, b], block);
    else writeGroup(norm, [to, from, g, b]);
  });
  return writer.done();
}

/**
 * Two passes for the mean and the variance, one that writes. Channels that are groups of their own and
 * lie beside each other are taken several vectors at a time; other groups one after the other.
 */
export const groupNormPasses: Algorithm<"groupNorm"> = {
  ...anyLayout,
  op: "groupNorm",
  overwrites: (node, operand) => operand === node.operands.input,
  build,
};
