import { build } from "../../../ir/build.js";
import type { Value } from "../../../ir/graph.js";
import type { UnaryFunction } from "../../../ir/ops/arithmetic.js";
import type { Feature } from "../feature.js";
import { refuse } from "../reading.js";
import { binary, unary } from "./values.js";

const plain = (fn: UnaryFunction) => (x: Value) => unary(x, fn);

/** `x / 2 · (1 + tanh(√(2/π) · (x + 0.044715 x³)))`. */
function tanhGelu(x: Value): Value {
  const cubic = binary("mul", binary("mul", x, x), 0.044715);
  const inner = binary("mul", binary("mul", x, binary("add", cubic, 1)), Math.sqrt(2 / Math.PI));
  return binary("mul", binary("mul", x, binary("add", unary(inner, { kind: "tanh" }), 1)), 0.5);
}

/** `x / (1 + |x|)`. */
const softsign = (x: Value): Value => binary("div", x, binary("add", unary(x, { kind: "abs" }), 1));

/** Activations of single numbers; names without case and underscores. `hardsigmoid` is Keras's `x / 5 + 1/2`. */
const activations: ReadonlyMap<string, (x: Value) => Value> = new Map([
  ["linear", (x: Value) => x],
  ["relu", plain({ kind: "relu" })],
  ["relu6", plain({ kind: "clip", min: 0, max: 6 })],
  ["elu", plain({ kind: "elu", alpha: 1 })],
  ["selu", plain({ kind: "selu" })],
  ["leakyrelu", plain({ kind: "leakyRelu", slope: 0.2 })],
  ["sigmoid", plain({ kind: "sigmoid" })],
  ["hardsigmoid", plain({ kind: "hardSigmoid", slope: 0.2, offset: 0.5 })],
  ["tanh", plain({ kind: "tanh" })],
  ["softplus", plain({ kind: "softplus" })],
  ["softsign", softsign],
  ["swish", plain({ kind: "silu" })],
  ["silu", plain({ kind: "silu" })],
  ["mish", plain({ kind: "mish" })],
  ["gelu", plain({ kind: "gelu" })],
  ["gelunew", tanhGelu],
  ["exponential", plain({ kind: "exp" })],
]);

export const activationNames: readonly string[] = [...activations.keys(), "softmax", "logsoftmax"];

/** An activation by the name that Keras or TF.js has for it. */
export function activate(feature: Feature, name: string): Feature {
  const key = name.toLowerCase().replaceAll("_", "");
  if (key === "softmax" || key === "logsoftmax") return softmax(feature, -1, key === "logsoftmax");
  const fn = activations.get(key);
  return fn
    ? feature.map(fn)
    : refuse(`there is no activation ${JSON.stringify(name.slice(0, 60))}`);
}

/** Softmax along one of TensorFlow's axes, counted back when negative. */
export function softmax(feature: Feature, axis: number, log: boolean): Feature {
  const at = axis < 0 ? axis + feature.rank : axis;
  if (at < 0 || at >= feature.rank) refuse(`there is no axis ${axis} of [${feature.shape}]`);
  return feature.map((input) => build("softmax", { input }, { axis: feature.axis(at), log }));
}

/** Keras's ReLU: `x` from 0 on, up to the largest; below it the slope. */
export function rectify(feature: Feature, slope: number, largest: number | undefined): Feature {
  return feature.map((x) => {
    if (slope === 0 && largest !== undefined)
      return unary(x, { kind: "clip", min: 0, max: largest });
    const bent = unary(x, slope === 0 ? { kind: "relu" } : { kind: "leakyRelu", slope });
    return largest === undefined ? bent : binary("min", bent, largest);
  });
}
