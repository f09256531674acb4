import { build } from "../ir/build.js";
import { dataOf, withData } from "../ir/constants.js";
import type { NodeOf, Value } from "../ir/graph.js";
import { defineRule, type Uses } from "../ir/rewrite.js";
import { applyRules, type Pass } from "./pass.js";
import { sinkReshape } from "./sink-reshapes.js";

type Permutation = readonly number[];

/** A value as what a transposition with one reader transposes, and how. */
interface Transposed {
  readonly input: Value;
  readonly permutation: Permutation;
}

/**
 * Moves a transposition behind the node that reads it, so that it meets the one that turns it back:
 *
 *   relu(transpose(x))  =  transpose(relu(x))
 *
 * Behind element-wise nodes, concatenations and pads. Left alone when something else reads the transposition,
 * when operands are transposed in different ways, and when a constant beside it has elements along several axes.
 */
const sinkTranspose = defineRule({
  name: "sink-transposes",
  op: ["unary", "binary", "concat", "pad"],
  exactness: "bitwise",
  apply(node, uses) {
    switch (node.op) {
      case "unary": {
        const it = transposed(node.operands.input, uses);
        return it && turned(build("unary", { input: it.input }, node.attrs, node), it);
      }
      case "binary":
        return sinkBinary(node, uses);
      case "concat":
        return sinkConcat(node, uses);
      case "pad":
        return sinkPad(node, uses);
    }
  },
});

/** Moves transpositions, and the reshapes that this brings in front of element-wise nodes. */
export const sinkTransposes: Pass = {
  name: "sink-transposes",
  summary: "move transpositions behind element-wise nodes, joins and pads",
  exactness: "bitwise",
  run: (graph, context) => applyRules(graph, [sinkTranspose, sinkReshape], context),
};

const turned = (input: Value, { permutation }: Transposed): Value =>
  build("transpose", { input }, { permutation });

function transposed({ node, index }: Value, uses: Uses): Transposed | undefined {
  if (node.op !== "transpose" || uses(node.results[index]!) > 1) return undefined;
  return { input: node.operands.input, permutation: node.attrs.permutation };
}

/** Per-axis numbers of a result as those of what is transposed. */
function turnedBack<T>(values: readonly T[], permutation: Permutation): T[] {
  const back = [...values];
  permutation.forEach((axis, at) => {
    back[axis] = values[at]!;
  });
  return back;
}

/** A constant under the order of axes before the transposition. */
function constantBefore(value: Value, permutation: Permutation): Value | undefined {
  const data = dataOf(value);
  const { shape } = value.type;
  if (!data || shape.length > permutation.length) return undefined;
  if (shape.filter((size) => size > 1).length > 1) return undefined;
  if (data.length === 1) return withData(value, data, []);
  const missing = Array.from({ length: permutation.length - shape.length }, () => 1);
  return withData(value, data, turnedBack([...missing, ...shape], permutation));
}

function sinkBinary({ operands, attrs, name, span }: NodeOf<"binary">, uses: Uses) {
  const { left, right } = operands;
  const [a, b] = [transposed(left, uses), transposed(right, uses)];
  const it = a ?? b;
  if (!it || (a && b && String(a.permutation) !== String(b.permutation))) return undefined;
  const before = (value: Value, own: Transposed | undefined): Value | undefined =>
    own?.input ?? constantBefore(value, it.permutation);
  const [x, y] = [before(left, a), before(right, b)];
  return x && y && turned(build("binary", { left: x, right: y }, attrs, { name, span }), it);
}

function sinkConcat({ operands, attrs, name, span }: NodeOf<"concat">, uses: Uses) {
  const parts = operands.inputs.map((value) => transposed(value, uses));
  const [first] = parts;
  const inputs = parts.flatMap((part) =>
    part && first && String(part.permutation) === String(first.permutation) ? part.input : [],
  );
  if (!first || inputs.length < parts.length) return undefined;
  const axis = first.permutation[attrs.axis]!;
  return turned(build("concat", { inputs }, { axis }, { name, span }), first);
}

function sinkPad({ operands, attrs, name, span }: NodeOf<"pad">, uses: Uses) {
  const it = transposed(operands.input, uses);
  if (!it) return undefined;
  const before = turnedBack(attrs.before, it.permutation);
  const after = turnedBack(attrs.after, it.permutation);
  const { input } = it;
  return turned(build("pad", { input }, { ...attrs, before, after }, { name, span }), it);
}
