import { build, constantOf } from "../ir/build.js";
import type { NodeOf, Value } from "../ir/graph.js";
import type { BinaryFunction } from "../ir/ops/arithmetic.js";
import { defineRule } from "../ir/rewrite.js";
import { affineOf, asFloat32 } from "./channel-affine.js";
import { rulePass } from "./pass.js";

/**
 * Turns a batch norm into a product and a sum, which fuse with what follows:
 *
 *   γ · (x − μ) / √(σ² + ε) + β  =  s·x + t,   s = γ / √(σ² + ε),  t = β − μ·s
 *
 * `s` and `t` become constants; where a parameter is only known at run time, nodes compute them.
 */
export const lowerBatchNorm = rulePass(
  "turn a batch norm into a product and a sum",
  defineRule({
    name: "lower-batch-norm",
    op: "batchNorm",
    exactness: "rounding",
    apply(norm) {
      const { scale, shift } = constants(norm) ?? computed(norm);
      const scaled = build("binary", { left: norm.operands.input, right: scale }, { fn: "mul" });
      return build("binary", { left: scaled, right: shift }, { fn: "add" }, norm);
    },
  }),
);

interface Affine {
  readonly scale: Value;
  readonly shift: Value;
}

/** `[1, c, 1, 1]`: what broadcasts along the channels of the norm's input. */
const channelShape = ({ operands }: NodeOf<"batchNorm">): number[] =>
  operands.input.type.shape.map((size, axis) => (axis === 1 ? size : 1));

function constants(norm: NodeOf<"batchNorm">): Affine | undefined {
  const affine = affineOf(norm);
  const scale = affine && asFloat32(affine.scale);
  const shift = affine && asFloat32(affine.shift);
  if (!scale || !shift) return undefined;
  const shape = channelShape(norm);
  const named = (name: string) => ({ name: norm.name && `${norm.name}.${name}`, span: norm.span });
  return {
    scale: constantOf(shape, scale, "parameter", named("scale")),
    shift: constantOf(shape, shift, "parameter", named("shift")),
  };
}

function computed(norm: NodeOf<"batchNorm">): Affine {
  const shape = channelShape(norm);
  const perChannel = (input: Value): Value => build("reshape", { input }, { shape });
  const binary = (fn: BinaryFunction, left: Value, right: Value): Value =>
    build("binary", { left, right }, { fn });
  const epsilon = constantOf([], Float32Array.of(norm.attrs.epsilon));
  const sum = binary("add", perChannel(norm.operands.variance), epsilon);
  const deviation = build("unary", { input: sum }, { fn: { kind: "sqrt" } });
  const scale = binary("div", perChannel(norm.operands.gamma), deviation);
  const centre = binary("mul", perChannel(norm.operands.mean), scale);
  return { scale, shift: binary("sub", perChannel(norm.operands.beta), centre) };
}
