import type { NodeOf } from "../../ir/graph.js";
import { sizeOf } from "../../ir/types.js";
import type { OnnxEmitter } from "./emitter.js";
import { reshaped } from "./reshaped.js";

/** Opset 17 has no group norm: an instance norm over the groups as channels, then the affine part. */
export function writeGroupNorm(
  out: OnnxEmitter,
  { attrs, operands, name }: NodeOf<"groupNorm">,
): string {
  const [x, gamma, beta] = [operands.input, operands.gamma, operands.beta].map((v) =>
    out.nameOf(v),
  );
  const shape = operands.input.type.shape;
  const [images = 1, channels = 1] = shape;
  const epsilon = { float: attrs.epsilon };
  if (attrs.groups === channels) {
    return out.one("InstanceNormalization", [x!, gamma!, beta!], { epsilon }, name);
  }
  const groups = [attrs.groups];
  const grouped = [images, attrs.groups, sizeOf(shape) / images / attrs.groups];
  const ones = out.floats("ones", groups, new Float32Array(attrs.groups).fill(1));
  const zeros = out.floats("zeros", groups, new Float32Array(attrs.groups));
  const flat = reshaped(out, x!, grouped, name);
  const normal = out.one("InstanceNormalization", [flat, ones, zeros], { epsilon }, name);
  const back = reshaped(out, normal, shape, name);
  const perChannel = [1, channels, ...shape.slice(2).map(() => 1)];
  const scaled = out.one("Mul", [back, reshaped(out, gamma!, perChannel, name)], {}, name);
  return out.one("Add", [scaled, reshaped(out, beta!, perChannel, name)], {}, name);
}

/** A window of even size reaches one channel further to the front, which ONNX's LRN cannot say: its formula. */
function writeEvenLrn(
  out: OnnxEmitter,
  { attrs, operands, name }: NodeOf<"lrn">,
  x: string,
): string {
  const { size, alpha, beta, bias } = attrs;
  const { shape } = operands.input.type;
  const [images = 1, channels = 1, height = 1, width = 1] = shape;
  const squares = out.one("Mul", [x, x], {}, name);
  const rows = reshaped(out, squares, [images, 1, channels, height * width], name);
  const amounts = out.int64s("pads", [0, 0, size / 2, 0, 0, 0, size / 2 - 1, 0]);
  const padded = out.one("Pad", [rows, amounts], { mode: { string: "constant" } }, name);
  const window = { kernel_shape: { ints: [size, 1] }, strides: { ints: [1, 1] } };
  const means = reshaped(out, out.one("AveragePool", [padded], window, name), shape, name);
  const scaled = out.one("Mul", [means, out.scalar("alpha", alpha)], {}, name);
  const shifted = out.one("Add", [scaled, out.scalar("bias", bias)], {}, name);
  const power = out.one("Pow", [shifted, out.scalar("beta", beta)], {}, name);
  return out.one("Div", [x, power], {}, name);
}

export function writeLrn(out: OnnxEmitter, node: NodeOf<"lrn">): string {
  const { attrs, operands, name } = node;
  const x = out.nameOf(operands.input);
  if (attrs.size % 2 === 0) return writeEvenLrn(out, node, x);
  const attributes = {
    size: { int: attrs.size },
    alpha: { float: attrs.alpha },
    beta: { float: attrs.beta },
    bias: { float: attrs.bias },
  };
  return out.one("LRN", [x], attributes, name);
}
