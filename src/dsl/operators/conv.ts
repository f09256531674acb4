import type { Value as Tensor } from "../../ir/graph.js";
import type { Pair, Sides } from "../../ir/ops/conv.js";
import { ShapeError } from "../../ir/ops/operator.js";
import { activations } from "./activate.js";
import { defineOperator, optional, required, type StageBuilder } from "./definition.js";
import { flag, type Kind, type Padding, padding, pair, whole } from "./kinds.js";

const half: Padding = { kind: "half" };
export const noPadding: Padding = { kind: "sides", sides: [0, 0, 0, 0] };
export const unit: Pair = [1, 1];

interface Window {
  readonly kernel: Pair;
  readonly stride: Pair;
  readonly dilation: Pair;
  readonly pad: Padding;
}

const both = (make: (axis: 0 | 1) => readonly [number, number]): Sides => {
  const [[top, bottom], [left, right]] = [make(0), make(1)];
  return [top, left, bottom, right];
};

const split = (total: number): readonly [number, number] => {
  const before = Math.floor(total / 2);
  return [before, total - before];
};

/** The padding of a window on `[c, h, w]`; `same` puts the odd one behind, as ONNX's SAME_UPPER. */
export function padsOf({ kernel, stride, dilation, pad }: Window, shape: readonly number[]): Sides {
  if (pad.kind === "sides") return pad.sides;
  return both((axis) => {
    const reach = dilation[axis] * (kernel[axis] - 1);
    if (pad.kind === "half") return [Math.floor(reach / 2), Math.floor(reach / 2)];
    const size = shape[axis + 1] ?? 1;
    const steps = Math.ceil(size / stride[axis]) - 1;
    return split(Math.max(0, steps * stride[axis] + reach + 1 - size));
  });
}

interface Convolution extends Window {
  readonly out: number;
  readonly groups: number;
  readonly bias: boolean;
}

function checkGroups(op: string, groups: number, channels: number, out: number): void {
  for (const [what, count] of [
    ["input channels", channels],
    ["output channels", out],
  ] as const) {
    if (count % groups === 0) continue;
    throw new ShapeError("groups-do-not-divide", { op, groups, what, channels: count });
  }
}

function convolve(stage: StageBuilder, conv: Convolution): Tensor {
  const { out, kernel, stride, dilation, groups } = conv;
  const channels = stage.shape[0] ?? 1;
  checkGroups(stage.operator, groups, channels, out);
  const operands = {
    input: stage.input,
    weight: stage.parameter("weight", [out, channels / groups, ...kernel]),
    bias: conv.bias ? stage.parameter("bias", [out]) : undefined,
    extras: [],
  };
  const pads = padsOf(conv, stage.shape);
  return stage.build("conv2d", operands, { stride, dilation, pads, groups, epilogue: [] });
}

const windowed = {
  kernel: required(pair()),
  stride: optional(pair(), unit, "1"),
  pad: optional(padding, half, "half"),
};
const dilation = optional(pair(), unit, "1");
const groups = optional(whole(1), 1);
const bias = optional(flag, true);

const conv = defineOperator({
  name: "conv",
  summary: "convolution",
  takes: "image",
  parameters: { out: required(whole(1)), ...windowed, dilation, groups, bias },
  apply: convolve,
});

const dwconv = defineOperator({
  name: "dwconv",
  summary: "depth-wise convolution: every channel on its own",
  takes: "image",
  parameters: { ...windowed, dilation, multiplier: optional(whole(1), 1), bias },
  apply(stage, values) {
    const channels = stage.shape[0] ?? 1;
    return convolve(stage, { ...values, out: channels * values.multiplier, groups: channels });
  },
});

const pointwise = { kernel: unit, dilation: unit, pad: noPadding } as const;

const pwconv = defineOperator({
  name: "pwconv",
  summary: "point-wise convolution: a 1x1 kernel",
  takes: "image",
  parameters: { out: required(whole(1)), stride: optional(pair(), unit, "1"), groups, bias },
  apply: (stage, values) => convolve(stage, { ...pointwise, ...values }),
});

const sepconv = defineOperator({
  name: "sepconv",
  summary: "depth-wise then point-wise convolution, its children `dw` and `pw`",
  takes: "image",
  parameters: { out: required(whole(1)), ...windowed, bias },
  apply(stage, { out, ...values }) {
    const channels = stage.shape[0] ?? 1;
    const wide = { ...values, out: channels, groups: channels, dilation: unit };
    const deep = convolve(stage.after(stage.input, "dw"), wide);
    const point = { ...pointwise, out, stride: unit, groups: 1, bias: values.bias };
    return convolve(stage.after(deep, "pw"), point);
  },
});

/** The bare name of an activation without parameters of its own. */
const between: Kind<string> = {
  phrase: "the bare name of an activation",
  words: [...activations.keys()],
  bare: true,
  read: (datum) =>
    datum.kind === "string" && activations.has(datum.value) ? datum.value : undefined,
};

const stacked = defineOperator({
  name: "stacked",
  summary:
    "a large odd kernel as 3x3 convolutions with the same receptive field, its children 0, 1, …",
  takes: "image",
  parameters: {
    out: required(whole(1)),
    kernel: required(pair()),
    stride: optional(pair(), unit, "1"),
    between: optional(between, "relu"),
    bias,
  },
  apply(stage, { out, kernel, stride, between: name, bias: biased }) {
    if (kernel.some((n) => n % 2 === 0) || Math.max(...kernel) < 3) {
      throw new ShapeError("stacked-kernel", { kernel: kernel.join("x") });
    }
    const count = (Math.max(...kernel) - 1) / 2;
    let value = stage.input;
    for (let index = 0; index < count; index++) {
      const side = (n: number): number => (index < (n - 1) / 2 ? 3 : 1);
      const child = stage.after(value, String(index));
      const last = index === count - 1;
      value = convolve(child, {
        out,
        kernel: [side(kernel[0]), side(kernel[1])],
        stride: last ? stride : unit,
        dilation: unit,
        pad: half,
        groups: 1,
        bias: biased,
      });
      const fn = activations.get(name);
      if (fn && !last) value = stage.build("unary", { input: value }, { fn });
    }
    return value;
  },
});

function transposedPads(conv: Window, outputPads: Pair): Sides {
  if (conv.pad.kind !== "same") return padsOf(conv, []);
  return both((axis) => {
    const reach = conv.dilation[axis] * (conv.kernel[axis] - 1) + 1;
    const total = reach + outputPads[axis] - conv.stride[axis];
    if (total < 0) {
      const why = "pad=same needs a kernel at least as large as the stride";
      throw new ShapeError("arguments-clash", { callee: "deconv", why });
    }
    return split(total);
  });
}

const deconv = defineOperator({
  name: "deconv",
  summary: "transposed convolution",
  takes: "image",
  parameters: {
    out: required(whole(1)),
    ...windowed,
    pad: optional(padding, noPadding, "0"),
    output_pad: optional<Pair>(pair(0), [0, 0], "0"),
    dilation,
    groups,
    bias,
  },
  apply(stage, { output_pad: outputPads, ...values }) {
    const channels = stage.shape[0] ?? 1;
    checkGroups(stage.operator, values.groups, channels, values.out);
    const weight = [channels, values.out / values.groups, ...values.kernel];
    const operands = {
      input: stage.input,
      weight: stage.parameter("weight", weight),
      bias: values.bias ? stage.parameter("bias", [values.out]) : undefined,
      extras: [],
    };
    return stage.build("deconv2d", operands, {
      stride: values.stride,
      dilation: values.dilation,
      pads: transposedPads(values, outputPads),
      groups: values.groups,
      epilogue: [],
      outputPads,
    });
  },
});

const linear = defineOperator({
  name: "linear",
  summary: "fully connected layer on a vector",
  takes: "vector",
  parameters: { out: required(whole(1)), bias },
  apply(stage, { out, bias: biased }) {
    const operands = {
      input: stage.input,
      weight: stage.parameter("weight", [out, stage.shape[0] ?? 1]),
      bias: biased ? stage.parameter("bias", [out]) : undefined,
      extras: [],
    };
    return stage.build("linear", operands, { epilogue: [] });
  },
});

export const convolutions = [conv, dwconv, pwconv, sepconv, stacked, deconv, linear];
