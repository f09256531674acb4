import type { NodeOf } from "../../ir/graph.js";
import type { WrittenConv } from "./written-conv.js";

/** What a convolution becomes: its text, or the reason why it cannot. */
export type Replaced = { readonly text: string } | { readonly reason: string };

/** How a large kernel is taken apart before training. */
export type Form = "stacked" | "depthwise" | "spatial";

type Conv = NodeOf<"conv2d">;

const kernelOf = ({ operands }: Conv): readonly [number, number] => {
  const [, , height = 1, width = 1] = operands.weight.type.shape;
  return [height, width];
};

const isHalfPadded = (layer: Conv): boolean => {
  const [top, left, bottom, right] = layer.attrs.pads;
  const half = kernelOf(layer).map((k, axis) => ((k - 1) * layer.attrs.dilation[axis]!) >> 1);
  return top === half[0] && bottom === half[0] && left === half[1] && right === half[1];
};

const isPlain = ({ attrs }: Conv): boolean =>
  attrs.groups === 1 && attrs.dilation.every((d) => d === 1);

/** Arguments in a call's parentheses; those without a text are left out. */
function callOf(
  name: string,
  first: readonly (string | undefined)[],
  named: Readonly<Record<string, string | undefined>>,
): string {
  const options = Object.entries(named).flatMap(([key, text]) => (text ? [`${key}=${text}`] : []));
  return `${name}(${[...first.filter((text) => text !== undefined), ...options].join(", ")})`;
}

/** What stands between the new convolutions: what stood behind the old one. */
const between = ({ norm, activation }: WrittenConv, otherwise: readonly string[]): string[] => {
  const own = [norm, activation].filter((text) => text !== undefined);
  return own.length > 0 ? own : [...otherwise];
};

/**
 * `(k − 1) / 2` convolutions 3×3 in place of one k×k: the receptive field stays, the width between is that of the
 * result, and a batch norm and an activation stand between them as they stood behind the old one, relu where
 * nothing did. The stride is the last one's.
 */
function stack(conv: WrittenConv): Replaced {
  const [k = 0, width] = kernelOf(conv.layers[0]!);
  if (k !== width || k < 5 || k % 2 === 0) {
    return {
      reason: `stacks take the place of odd square kernels from 5x5, and it has ${k}x${width}`,
    };
  }
  const { texts } = conv;
  const [out, stride, bias] = [texts.get("out"), texts.get("stride"), texts.get("bias")];
  const isBare = /^\w+$/.test(conv.activation ?? "relu");
  if (!conv.norm && isBare) {
    const middle = conv.activation ?? "relu";
    return {
      text: callOf("stacked", [out, texts.get("kernel")], { stride, between: middle, bias }),
    };
  }
  const middle = between(conv, ["relu"]);
  const first = callOf("conv", [out, "3x3"], { bias });
  const last = callOf("conv", [out, "3x3"], { stride, bias });
  const deep = Array.from({ length: (k - 3) / 2 }, () => [first, ...middle]).flat();
  return { text: `{ ${[...deep, last].join(" -> ")} }` };
}

/** A depth-wise convolution with the kernel, then a point-wise one to the channels. */
function depthwise(conv: WrittenConv): Replaced {
  const { texts } = conv;
  const [out, kernel] = [texts.get("out"), texts.get("kernel")];
  const [stride, pad, bias] = [texts.get("stride"), texts.get("pad"), texts.get("bias")];
  const middle = between(conv, []);
  if (middle.length === 0) return { text: callOf("sepconv", [out, kernel], { stride, pad, bias }) };
  const deep = `dw: ${callOf("dwconv", [kernel], { stride, pad, bias })}`;
  const point = `pw: ${callOf("pwconv", [out], { bias })}`;
  return { text: `{ ${[deep, ...middle, point].join(" -> ")} }` };
}

/** A column of the kernel's height, then a row of its width. */
function spatial(conv: WrittenConv): Replaced {
  const [height, width] = kernelOf(conv.layers[0]!);
  const { stride } = conv.layers[0]!.attrs;
  if (conv.layers.some((layer) => layer.attrs.stride.some((s, axis) => s !== stride[axis]))) {
    return { reason: "the layers that are written there have different strides" };
  }
  const { texts } = conv;
  const [out, bias] = [texts.get("out"), texts.get("bias")];
  const strideOf = (s: number, text: string) => (s === 1 ? undefined : text);
  const column = { stride: strideOf(stride[0], `(${stride[0]}, 1)`), bias };
  const row = { stride: strideOf(stride[1], `(1, ${stride[1]})`), bias };
  const middle = between(conv, []);
  const parts = [
    callOf("conv", [out, `${height}x1`], column),
    ...middle,
    callOf("conv", [out, `1x${width}`], row),
  ];
  return { text: `{ ${parts.join(" -> ")} }` };
}

/** The text that stands in place of a call of `conv`, its label left as it is. */
export function replaceConv(conv: WrittenConv, form: Form): Replaced {
  const kernels = new Set(conv.layers.map((layer) => kernelOf(layer).join("x")));
  if (kernels.size > 1) {
    return {
      reason: `the layers that are written there have the kernels ${[...kernels].join(", ")}`,
    };
  }
  if ([...conv.texts.values()].some((text) => /\bit\b/.test(text))) {
    return { reason: "its arguments read `it`, which the parts would see differently" };
  }
  if (!conv.layers.every(isPlain)) return { reason: "it has groups or a dilation" };
  const [height, width] = kernelOf(conv.layers[0]!);
  if (Math.max(height, width) < 3) return { reason: `its kernel is only ${height}x${width}` };
  if (form === "depthwise") return depthwise(conv);
  if (!conv.layers.every(isHalfPadded)) {
    return { reason: "its padding is not half the kernel, so the parts would see other borders" };
  }
  if (form === "stacked") return stack(conv);
  const hasBothAxes = Math.min(height, width) > 1;
  return hasBothAxes ? spatial(conv) : { reason: `its kernel is ${height}x${width} already` };
}
