import { build } from "../ir/build.js";
import type { NodeOf, Value } from "../ir/graph.js";
import type { SliceAttributes } from "../ir/ops/shape.js";
import { defineRule } from "../ir/rewrite.js";
import { sameShape } from "../ir/types.js";
import { applyRules, type Pass } from "./pass.js";

/**
 * Simplifies what only moves elements: a slice of a slice, a reshape of a reshape, a transposition of
 * a transposition, a concatenation of concatenations become one; a slice inside one part of a
 * concatenation becomes a slice of that part; parts of one value put together in their order become
 * the value again.
 */
export const simplifyViews: Pass = {
  name: "simplify-views",
  summary: "combine slices, reshapes, transpositions and concatenations",
  exactness: "bitwise",
  run: (graph, context) =>
    applyRules(graph, [composeSlices, composeReshapes, composeTransposes, composeConcats], context),
};

const name = "simplify-views";
const exactness = "bitwise";

const isWhole = (value: Value, { starts, sizes, steps }: SliceAttributes): boolean =>
  starts.every((start) => start === 0) &&
  steps.every((step) => step === 1) &&
  sameShape(sizes, value.type.shape);

const sliceOf = (input: Value, attrs: SliceAttributes, slice: NodeOf<"slice">): Value =>
  isWhole(input, attrs) ? input : build("slice", { input }, attrs, slice);

const composeSlices = defineRule({
  name,
  exactness,
  op: "slice",
  apply(slice) {
    const { node } = slice.operands.input;
    const { starts, sizes, steps } = slice.attrs;
    if (node.op === "slice") {
      const inner = node.attrs;
      const attrs = {
        starts: starts.map((start, axis) => inner.starts[axis]! + start * inner.steps[axis]!),
        sizes,
        steps: steps.map((step, axis) => step * inner.steps[axis]!),
      };
      return sliceOf(node.operands.input, attrs, slice);
    }
    if (node.op !== "concat") return undefined;
    const { axis } = node.attrs;
    const [first, last] = ends(slice.attrs, axis);
    let start = 0;
    for (const part of node.operands.inputs) {
      const end = start + part.type.shape[axis]!;
      if (first >= start && last < end) {
        const moved = starts.map((at, index) => (index === axis ? at - start : at));
        return sliceOf(part, { starts: moved, sizes, steps }, slice);
      }
      start = end;
    }
    return undefined;
  },
});

/** The lowest and highest index that a slice reads along an axis. */
function ends({ starts, sizes, steps }: SliceAttributes, axis: number): [number, number] {
  const first = starts[axis]!;
  const last = first + (sizes[axis]! - 1) * steps[axis]!;
  return [Math.min(first, last), Math.max(first, last)];
}

const composeReshapes = defineRule({
  name,
  exactness,
  op: "reshape",
  apply(reshape) {
    const { node } = reshape.operands.input;
    if (node.op !== "reshape") return undefined;
    const { input } = node.operands;
    if (sameShape(input.type.shape, reshape.attrs.shape)) return input;
    return build("reshape", { input }, reshape.attrs, reshape);
  },
});

const composeTransposes = defineRule({
  name,
  exactness,
  op: "transpose",
  apply(transpose) {
    const { node } = transpose.operands.input;
    if (node.op !== "transpose") return undefined;
    const permutation = transpose.attrs.permutation.map((axis) => node.attrs.permutation[axis]!);
    const { input } = node.operands;
    if (permutation.every((axis, at) => axis === at)) return input;
    return build("transpose", { input }, { permutation }, transpose);
  },
});

const composeConcats = defineRule({
  name,
  exactness,
  op: "concat",
  apply(concat, uses) {
    const { axis } = concat.attrs;
    const inputs = concat.operands.inputs.flatMap((part) =>
      part.node.op === "concat" && part.node.attrs.axis === axis && uses(part) === 1
        ? part.node.operands.inputs
        : [part],
    );
    const joined: Value[] = [];
    for (const part of inputs) {
      const both = joinSlices(joined.at(-1), part, axis);
      if (both) joined.pop();
      joined.push(both ?? part);
    }
    if (joined.length === 1) return joined[0];
    if (joined.length === concat.operands.inputs.length) return undefined;
    return build("concat", { inputs: joined }, { axis }, concat);
  },
});

/** Two slices of one value that lie behind each other, as one. */
function joinSlices(left: Value | undefined, right: Value, axis: number): Value | undefined {
  const [a, b] = [left?.node, right.node];
  if (a?.op !== "slice" || b.op !== "slice") return undefined;
  const { input } = a.operands;
  if (input !== b.operands.input) return undefined;
  const isNext = a.attrs.starts.every((start, index) =>
    index === axis
      ? start + a.attrs.sizes[index]! === b.attrs.starts[index]
      : start === b.attrs.starts[index] && a.attrs.sizes[index] === b.attrs.sizes[index],
  );
  const isPlain = [...a.attrs.steps, ...b.attrs.steps].every((step) => step === 1);
  if (!isNext || !isPlain) return undefined;
  const sizes = a.attrs.sizes.map((size, index) =>
    index === axis ? size + b.attrs.sizes[index]! : size,
  );
  return sliceOf(input, { ...a.attrs, sizes }, a);
}
