import { build } from "../../ir/build.js";
import type { Value } from "../../ir/graph.js";
import { binary, unary } from "./values.js";

/** A function that follows a layer. */
export type Activation = (x: Value, name?: string) => Value;

const clip = (x: Value, min: number, max: number): Value => unary(x, { kind: "clip", min, max });

/** Added to sums that divide, so that none is 0. */
const epsilon = 0.0001;

/** `x / (ε + Σ x)` over the channels. */
function normalised(x: Value): Value {
  const sum = build("reduce", { input: x }, { fn: "sum", axes: [1], keepDims: true });
  return binary("div", x, binary("add", sum, epsilon));
}

function largestOfChannels(x: Value): Value {
  return build("reduce", { input: x }, { fn: "max", axes: [1], keepDims: true });
}

/** `x` between `low` and `high`, and outside a line of slope `slope` from the border on. */
function bent(
  x: Value,
  [low, high]: readonly [number, number],
  inner: number,
  offset: number,
): Value {
  const inside = clip(x, low, high);
  const outside = binary("mul", binary("sub", x, inside), inner === 1 ? 0.001 : 0.01);
  const line = inner === 1 ? inside : binary("add", binary("mul", inside, inner), offset);
  return binary("add", line, outside);
}

/**
 * Darknet's activations by name (its `activations.h`). `selu` has its rounded constants, `gelu` is the
 * approximation by tanh; `mish` is exact where Darknet cuts softplus off at ±20.
 */
export const activations: ReadonlyMap<string, Activation> = new Map<string, Activation>([
  ["linear", (x) => x],
  ["leaky", (x, name) => unary(x, { kind: "leakyRelu", slope: 0.1 }, name)],
  ["revleaky", (x, name) => unary(x, { kind: "leakyRelu", slope: 0.1 }, name)],
  ["relie", (x, name) => unary(x, { kind: "leakyRelu", slope: 0.01 }, name)],
  ["relu", (x, name) => unary(x, { kind: "relu" }, name)],
  ["relu6", (x, name) => unary(x, { kind: "clip", min: 0, max: 6 }, name)],
  ["logistic", (x, name) => unary(x, { kind: "sigmoid" }, name)],
  ["swish", (x, name) => unary(x, { kind: "silu" }, name)],
  ["mish", (x, name) => unary(x, { kind: "mish" }, name)],
  ["tanh", (x, name) => unary(x, { kind: "tanh" }, name)],
  ["elu", (x, name) => unary(x, { kind: "elu", alpha: 1 }, name)],
  ["selu", (x) => binary("mul", unary(x, { kind: "elu", alpha: 1.6732 }), 1.0507)],
  // 2 / (1 + exp(−x)) − 1
  ["loggy", (x) => binary("sub", binary("mul", unary(x, { kind: "sigmoid" }), 2), 1)],
  ["hardtan", (x, name) => unary(x, { kind: "clip", min: -1, max: 1 }, name)],
  ["ramp", (x) => binary("add", unary(x, { kind: "relu" }), binary("mul", x, 0.1))],
  // x inside 0..1, outside a slope of 0.001
  ["lhtan", (x) => bent(x, [0, 1], 1, 0)],
  // x / 8 + 1/2 inside −4..4, outside a slope of 0.01
  ["plse", (x) => bent(x, [-4, 4], 0.125, 0.5)],
  // x from 0 on, x² / 2 + x from −2 to 0, 0 below
  ["hard_mish", (x) => hardMish(x)],
  ["gelu", (x) => tanhGelu(x)],
  ["normalize_channels", (x) => normalised(unary(x, { kind: "relu" }))],
  ["normalize_channels_softmax", (x) => normalised(unary(x, { kind: "exp" }))],
  [
    "normalize_channels_softmax_maxval",
    (x) => normalised(unary(binary("sub", x, largestOfChannels(x)), { kind: "exp" })),
  ],
]);

function hardMish(x: Value): Value {
  const below = clip(x, -2, 0);
  const curve = binary("add", binary("mul", binary("mul", below, below), 0.5), below);
  return binary("add", unary(x, { kind: "relu" }), curve);
}

/** `x / 2 · (1 + tanh(0.797885 x + 0.035677 x³))`. */
function tanhGelu(x: Value): Value {
  const square = binary("mul", x, x);
  const inner = binary("mul", x, binary("add", binary("mul", square, 0.035677), 0.797885));
  const bracket = binary("add", unary(inner, { kind: "tanh" }), 1);
  return binary("mul", binary("mul", x, bracket), 0.5);
}
