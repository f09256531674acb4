import type { UnaryFunction } from "../../ir/ops/arithmetic.js";
import { ShapeError } from "../../ir/ops/operator.js";
import { axisOf } from "./axes.js";
import { defineOperator, type Operator, optional, required } from "./definition.js";
import { axis, flag, number, word } from "./kinds.js";

const sixth = 1 / 6;

/** Activations that need no argument, with what they compute when none is given. */
export const activations: ReadonlyMap<string, UnaryFunction> = new Map<string, UnaryFunction>([
  ["relu", { kind: "relu" }],
  ["relu6", { kind: "clip", min: 0, max: 6 }],
  ["leaky_relu", { kind: "leakyRelu", slope: 0.01 }],
  ["elu", { kind: "elu", alpha: 1 }],
  ["selu", { kind: "selu" }],
  ["sigmoid", { kind: "sigmoid" }],
  ["hardsigmoid", { kind: "hardSigmoid", slope: sixth, offset: 0.5 }],
  ["tanh", { kind: "tanh" }],
  ["silu", { kind: "silu" }],
  ["hardswish", { kind: "hardSwish" }],
  ["gelu", { kind: "gelu" }],
  ["mish", { kind: "mish" }],
  ["softplus", { kind: "softplus" }],
]);

const summaries: Readonly<Record<string, string>> = {
  relu: "max(x, 0)",
  relu6: "x between 0 and 6",
  selu: "the self-normalising elu",
  sigmoid: "1 / (1 + exp(-x))",
  tanh: "hyperbolic tangent",
  silu: "x · sigmoid(x)",
  hardswish: "x · hardsigmoid(x)",
  gelu: "x / 2 · (1 + erf(x / √2))",
  mish: "x · tanh(softplus(x))",
  softplus: "log(1 + exp(x))",
};

const plain = Object.entries(summaries).map(([name, summary]): Operator => {
  const fn = activations.get(name) ?? { kind: "relu" };
  return defineOperator({
    name,
    summary,
    takes: "any",
    parameters: {},
    apply: (stage) => stage.build("unary", { input: stage.input }, { fn }),
  });
});

const leaky = defineOperator({
  name: "leaky_relu",
  summary: "x, or slope · x below 0",
  takes: "any",
  parameters: { slope: optional(number(), 0.01) },
  apply: (stage, { slope }) =>
    stage.build("unary", { input: stage.input }, { fn: { kind: "leakyRelu", slope } }),
});

const elu = defineOperator({
  name: "elu",
  summary: "x, or alpha · (exp(x) - 1) below 0",
  takes: "any",
  parameters: { alpha: optional(number(), 1) },
  apply: (stage, { alpha }) =>
    stage.build("unary", { input: stage.input }, { fn: { kind: "elu", alpha } }),
});

const hardSigmoid = defineOperator({
  name: "hardsigmoid",
  summary: "slope · x + offset between 0 and 1",
  takes: "any",
  parameters: { slope: optional(number(), sixth, "1/6"), offset: optional(number(), 0.5, "1/2") },
  apply: (stage, { slope, offset }) =>
    stage.build("unary", { input: stage.input }, { fn: { kind: "hardSigmoid", slope, offset } }),
});

const prelu = defineOperator({
  name: "prelu",
  summary: "x, or slope · x below 0 with a trained slope per channel (or one, `shared`)",
  takes: "any",
  parameters: { shared: optional(flag, false) },
  apply(stage, { shared }) {
    const count = shared ? 1 : (stage.shape[0] ?? 1);
    const slope = stage.parameter("weight", [count]);
    const shape = [count, ...stage.shape.slice(1).map(() => 1)];
    const right = shape.length > 1 ? stage.build("reshape", { input: slope }, { shape }) : slope;
    return stage.build("binary", { left: stage.input, right }, { fn: "prelu" });
  },
});

const clip = defineOperator({
  name: "clip",
  summary: "x between min and max",
  takes: "any",
  parameters: { min: required(number()), max: required(number()) },
  apply(stage, { min, max }) {
    if (min > max) {
      const why = `min ${min} is greater than max ${max}`;
      throw new ShapeError("arguments-clash", { callee: "clip", why });
    }
    return stage.build("unary", { input: stage.input }, { fn: { kind: "clip", min, max } });
  },
});

const map = defineOperator({
  name: "map",
  summary: "a function of each number; `round` takes halves to the even neighbour",
  takes: "any",
  parameters: {
    function: required(
      word("abs", "sqrt", "exp", "log", "erf", "reciprocal", "floor", "ceil", "round", "sign"),
    ),
  },
  apply: (stage, values) =>
    stage.build("unary", { input: stage.input }, { fn: { kind: values.function } }),
});

const threshold = defineOperator({
  name: "threshold",
  summary: "x where it is greater than `least`, else 0",
  takes: "any",
  parameters: { least: required(number()) },
  apply: (stage, { least }) =>
    stage.build("unary", { input: stage.input }, { fn: { kind: "threshold", least } }),
});

const softmaxes = [
  { name: "softmax", log: false, summary: "exp(x) over its sum along an axis" },
  { name: "log_softmax", log: true, summary: "the logarithm of softmax" },
].map(({ name, log, summary }) =>
  defineOperator({
    name,
    summary,
    takes: "any",
    parameters: { axis: optional(axis, 0) },
    apply: (stage, values) =>
      stage.build("softmax", { input: stage.input }, { axis: axisOf(stage, values.axis), log }),
  }),
);

export const activating = [
  ...plain,
  hardSigmoid,
  leaky,
  elu,
  prelu,
  clip,
  map,
  threshold,
  ...softmaxes,
];
