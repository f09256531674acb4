import { build } from "../ir/build.js";
import { scalarOf, withData } from "../ir/constants.js";
import type { Value } from "../ir/graph.js";
import { defineRule, type Uses } from "../ir/rewrite.js";
import { rulePass } from "./pass.js";

/**
 * Moves a reshape behind the element-wise node that reads it, so that the node follows what makes the
 * value:
 *
 *   relu(reshape(x))  =  reshape(relu(x))
 *
 * Left alone when something else reads the reshape, and at binary nodes unless the other operand is one
 * constant number.
 */
export const sinkReshape = defineRule({
  name: "sink-reshapes",
  op: ["unary", "binary"],
  exactness: "bitwise",
  apply(node, uses) {
    const { shape } = node.results[0]!.type;
    const below = (input: Value): Value => build("reshape", { input }, { shape });
    if (node.op === "unary") {
      const input = reshaped(node.operands.input, uses);
      return input && below(build("unary", { input }, node.attrs, node));
    }
    const { left, right } = node.operands;
    if ((scalarOf(left) === undefined) === (scalarOf(right) === undefined)) return undefined;
    const [x, y] = [operand(left, uses), operand(right, uses)];
    if (!x || !y) return undefined;
    return below(build("binary", { left: x, right: y }, node.attrs, node));
  },
});

/** Moves reshapes as far as `sinkReshape` does. */
export const sinkReshapes = rulePass("move reshapes behind element-wise nodes", sinkReshape);

/** What a reshape with one reader reshapes. */
function reshaped(value: Value, uses: Uses): Value | undefined {
  const { node } = value;
  return node.op === "reshape" && uses(value) === 1 ? node.operands.input : undefined;
}

/** An operand that may stand before the reshape: what is reshaped, or one number without axes. */
function operand(value: Value, uses: Uses): Value | undefined {
  const number = scalarOf(value);
  return number === undefined
    ? reshaped(value, uses)
    : withData(value, Float32Array.of(number), []);
}
