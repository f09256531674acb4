import type { NodeOf, Value } from "../../ir/graph.js";
import { printType } from "../../ir/types.js";
import { add, div, mulAdd, sqrt, sub } from "../loops/build.js";
import type { Algorithm, Kernel, Site } from "./algorithm.js";
import { anyLayout, NestKernel, type Reader } from "./nest-kernel.js";

const dataOf = (value: Value): Float32Array | undefined =>
  value.node.op === "constant" ? value.node.attrs.data : undefined;

/** `γ / √(σ² + ε)` per channel: packed where both are known at compile time, else computed. */
function scaleOf(kernel: NestKernel, { operands, attrs }: NodeOf<"batchNorm">): Reader {
  const [gamma, variance] = [dataOf(operands.gamma), dataOf(operands.variance)];
  if (gamma && variance) {
    const scale = gamma.map((g, c) => g / Math.sqrt(variance[c]! + attrs.epsilon));
    const shape = [scale.length, ...operands.input.type.shape.slice(2).map(() => 1)];
    return kernel.constant("scale", "batch norm scale", scale, shape);
  }
  const g = kernel.perChannel("gamma", operands.gamma);
  const s = kernel.perChannel("variance", operands.variance);
  return (read, v) => div(g(read, v), sqrt(add(s(read, v), attrs.epsilon)));
}

function build(node: NodeOf<"batchNorm">, site: Site): Kernel {
  const { input, beta, mean } = node.operands;
  const comment = `batch norm of ${printType(input.type)}`;
  const kernel = new NestKernel("batch_norm", comment, site, node.results[0]!);
  const x = kernel.operand("x", input);
  const scale = scaleOf(kernel, node);
  const m = kernel.perChannel("mean", mean);
  const b = kernel.perChannel("beta", beta);
  return kernel.done((_, read, v) =>
    mulAdd(sub(x(read, v), m(read, v)), scale(read, v), b(read, v)),
  );
}

/** `(x − μ) · γ / √(σ² + ε) + β` where it was not folded into a convolution. */
export const batchNormMap: Algorithm<"batchNorm"> = {
  ...anyLayout,
  op: "batchNorm",
  overwrites: (node, operand) => operand === node.operands.input,
  build,
};
