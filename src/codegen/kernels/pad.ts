import type { NodeOf } from "../../ir/graph.js";
import type { PadAttributes } from "../../ir/ops/pad.js";
import { printType } from "../../ir/types.js";
import type { Algorithm, Kernel, Site } from "./algorithm.js";
import { copyOf } from "./copy.js";
import { KernelWriter } from "./kernel-writer.js";
import { type Nest, simplify } from "./nest.js";
import { anyLayout } from "./nest-kernel.js";
import { writeStrided } from "./strided-loops.js";

/** Indices of an axis: where they start in the result, how many, and what they repeat there. */
interface Slab {
  readonly axis: number;
  readonly start: number;
  readonly count: number;
  /** Index of the result that the first one repeats, and the step to the next. */
  readonly source: number;
  readonly step: number;
}

/** What is added in front of and behind an axis of `size` elements. */
function slabsOf({ before, after, mode }: PadAttributes, size: number, axis: number): Slab[] {
  const [front, behind] = [before[axis]!, after[axis]!];
  const end = front + size;
  const step = mode === "reflect" ? -1 : 0;
  const [first, last] = mode === "reflect" ? [2 * front, end - 2] : [front, end - 1];
  return [
    { axis, start: 0, count: front, source: first, step },
    { axis, start: end, count: behind, source: last, step },
  ].filter(({ count }) => count > 0);
}

/**
 * A slab of the result and what it repeats. Axes before the slab's are complete already, those behind
 * it hold the input's elements only.
 */
function slabNest(
  slab: Slab,
  { before }: PadAttributes,
  input: readonly number[],
  result: readonly number[],
  strides: readonly number[],
): Nest {
  const extents = result.map((all, axis) =>
    axis < slab.axis ? all : axis > slab.axis ? input[axis]! : slab.count,
  );
  const base = before.reduce(
    (sum, front, axis) => sum + (axis > slab.axis ? front * strides[axis]! : 0),
    0,
  );
  const stride = strides[slab.axis]!;
  const repeated = strides.map((own, axis) => (axis === slab.axis ? slab.step * own : own));
  return {
    extents,
    operands: [
      { offset: base + slab.start * stride, strides },
      { offset: base + slab.source * stride, strides: repeated },
    ],
  };
}

function build(node: NodeOf<"pad">, site: Site): Kernel {
  const { input } = node.operands;
  const { attrs } = node;
  const [result] = node.results;
  const writer = new KernelWriter(
    `pad_${attrs.mode}_${result!.type.shape.join("x")}`,
    `${attrs.mode} pad of ${printType(input.type)} to ${printType(result!.type)}`,
  );
  const to = writer.result("y");
  const from = writer.operand("x", input);
  const { f } = writer;
  const { shape } = input.type;
  const strides = site.layoutOf(result!).strides;
  const offset = attrs.before.reduce((sum, front, axis) => sum + front * strides[axis]!, 0);
  const inside: Nest = {
    extents: shape,
    operands: [
      { offset, strides },
      { offset: 0, strides: site.layoutOf(input).strides },
    ],
  };
  copyOf(inside, "f32", site.target).write(f, to, from);
  for (const slab of shape.flatMap((size, axis) => slabsOf(attrs, size, axis))) {
    const nest = slabNest(slab, attrs, shape, result!.type.shape, strides);
    if (attrs.mode === "constant") {
      const filled = simplify({ extents: nest.extents, operands: [nest.operands[0]!] });
      writeStrided(f, site.target, filled, [to], (_, v) => v.constant(attrs.value));
    } else copyOf(nest, "f32", site.target).write(f, to, to);
  }
  return writer.done();
}

/** Copies the input to its place, then fills axis by axis from what the result already holds. */
export const padCopy: Algorithm<"pad"> = { ...anyLayout, op: "pad", build };
