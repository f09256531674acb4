import type { NodeOf } from "../../ir/graph.js";
import type { Sides } from "../../ir/ops/conv.js";
import { padded } from "./convolution.js";
import { at, by, callOf, construct, type Form, type Refusal, refuse } from "./form.js";
import { booleanOf, numberOf, pairOf, tupleOf } from "./python.js";

type Pool = NodeOf<"maxPool"> | NodeOf<"avgPool">;

/** Whether PyTorch's pools have this padding: the same on both sides, at most half the kernel. */
function isUsual({ attrs: { pads, kernel } }: Pool): boolean {
  const [top, left, bottom, right] = pads;
  const isEven = top === bottom && left === right;
  return isEven && top * 2 <= kernel[0] && left * 2 <= kernel[1];
}

/** What to add below and to the right so that a pool without padding has the windows of the node. */
function reach({ attrs, operands, results }: Pool): readonly [number, number] {
  const behind = (axis: 0 | 1): number => {
    const count = results[0]!.type.shape[axis + 2]!;
    const size = operands.input.type.shape[axis + 2]!;
    const cover = attrs.dilation[axis] * (attrs.kernel[axis] - 1) + 1;
    return (count - 1) * attrs.stride[axis] + cover - size - attrs.pads[axis];
  };
  return [Math.max(behind(0), 0), Math.max(behind(1), 0)];
}

const paddingOf = ({ attrs }: Pool): string => pairOf([attrs.pads[0], attrs.pads[1]]);

export function writeMaxPool(node: NodeOf<"maxPool">): Form {
  const { input } = node.operands;
  const { kernel, stride, dilation, ceil } = node.attrs;
  const size = at("kernel_size", pairOf(kernel));
  const step = by("stride", pairOf(stride), pairOf(kernel));
  const apart = by("dilation", pairOf(dilation), "1");
  if (isUsual(node)) {
    const rounding = by("ceil_mode", booleanOf(ceil), "False");
    const given = [size, step, by("padding", paddingOf(node), "0"), apart, rounding];
    const module = { construct: construct("nn.MaxPool2d", ...given), input };
    return { module, call: (read) => callOf("F.max_pool2d", [read(input)], given) };
  }
  const [bottom, right] = reach(node);
  const sides: Sides = [node.attrs.pads[0], node.attrs.pads[1], bottom, right];
  const fill = ', value=float("-inf")';
  return {
    call: (read) => callOf("F.max_pool2d", [padded(read(input), sides, fill)], [size, step, apart]),
  };
}

/** An average whose divisors are an average of ones: where padding counts, ones lie there too. */
function unevenAverage(node: NodeOf<"avgPool">): Form {
  const { input } = node.operands;
  const { kernel, stride, pads, countIncludePad } = node.attrs;
  const given = [at("kernel_size", pairOf(kernel)), by("stride", pairOf(stride), pairOf(kernel))];
  const [bottom, right] = reach(node);
  const sides: Sides = [pads[0], pads[1], bottom, right];
  const pool = (x: string): string => callOf("F.avg_pool2d", [x], given);
  if (countIncludePad && bottom <= pads[2] && right <= pads[3]) {
    return { call: (read) => pool(padded(read(input), sides)) };
  }
  const inside: Sides = [pads[0], pads[1], Math.min(bottom, pads[2]), Math.min(right, pads[3])];
  const beyond: Sides = [0, 0, bottom - inside[2], right - inside[3]];
  const ones = (x: string): string => {
    const counted = `torch.ones_like(${x}[:1, :1])`;
    return countIncludePad
      ? padded(padded(counted, inside, ", value=1.0"), beyond)
      : padded(counted, sides);
  };
  return {
    call: (read) => {
      const x = read(input);
      return `${pool(padded(x, sides))} / ${pool(ones(x))}`;
    },
    repeats: true,
  };
}

export function writeAvgPool(node: NodeOf<"avgPool">): Form | Refusal {
  const { input } = node.operands;
  const { kernel, stride, dilation, ceil, countIncludePad } = node.attrs;
  if (dilation[0] !== 1 || dilation[1] !== 1) return refuse("it averages over a dilated window");
  if (!isUsual(node)) return unevenAverage(node);
  const given = [
    at("kernel_size", pairOf(kernel)),
    by("stride", pairOf(stride), pairOf(kernel)),
    by("padding", paddingOf(node), "0"),
    by("ceil_mode", booleanOf(ceil), "False"),
    by("count_include_pad", booleanOf(countIncludePad), "True"),
  ];
  const module = { construct: construct("nn.AvgPool2d", ...given), input };
  return { module, call: (read) => callOf("F.avg_pool2d", [read(input)], given) };
}

const reductions = { mean: "mean", sum: "sum", max: "amax", min: "amin" } as const;

export function writeReduce(node: NodeOf<"reduce">): Form {
  const { input } = node.operands;
  const { fn, axes, keepDims } = node.attrs;
  const dim = at("dim", axes.length === 1 ? numberOf(axes[0]!) : tupleOf(axes));
  const given = [dim, by("keepdim", booleanOf(keepDims), "False")];
  const call: Form["call"] = (read) => callOf(`torch.${reductions[fn]}`, [read(input)], given);
  const isGlobal = input.type.shape.length === 4 && String(axes) === "2,3" && keepDims;
  const module = { mean: "nn.AdaptiveAvgPool2d", max: "nn.AdaptiveMaxPool2d", sum: "", min: "" }[
    fn
  ];
  if (!isGlobal || module === "") return { call };
  return { call, module: { construct: construct(module, at("output_size", "1")), input } };
}
