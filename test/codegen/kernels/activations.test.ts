import { expect, test } from "vitest";
import { unaryMap } from "../../../src/codegen/kernels/elementwise.js";
import { wasmTarget } from "../../../src/codegen/target.js";
import { buildNode } from "../../../src/ir/build.js";
import type { UnaryFunction } from "../../../src/ir/ops/arithmetic.js";
import { unaryFormula } from "../../../src/ir/ops/formulas.js";
import { inputOf } from "../../support/kernel-case.js";
import { inFloat32, runNode } from "../../support/kernel-site.js";

/** The function of each number, as the kernel computes it in float32. */
function apply(fn: UnaryFunction, numbers: readonly number[]): Float32Array {
  const input = inputOf(numbers.length);
  const [result] = runNode(buildNode("unary", { input }, { fn }), unaryMap, {
    target: wasmTarget,
    wish: () => ({ order: "rowMajor" }),
    data: new Map([[input, numbers]]),
    execute: inFloat32,
  });
  return result!;
}

const functions: readonly UnaryFunction[] = [
  { kind: "relu" },
  { kind: "clip", min: -0.75, max: 6 },
  { kind: "leakyRelu", slope: 0.125 },
  { kind: "leakyRelu", slope: 1.5 },
  { kind: "elu", alpha: 0.75 },
  { kind: "selu" },
  { kind: "sigmoid" },
  { kind: "hardSigmoid", slope: 0.2, offset: 0.5 },
  { kind: "tanh" },
  { kind: "silu" },
  { kind: "hardSwish" },
  { kind: "gelu" },
  { kind: "mish" },
  { kind: "softplus" },
  { kind: "neg" },
  { kind: "abs" },
  { kind: "sqrt" },
  { kind: "exp" },
  { kind: "log" },
  { kind: "erf" },
  { kind: "reciprocal" },
  { kind: "floor" },
  { kind: "ceil" },
  { kind: "round" },
  { kind: "sign" },
  { kind: "threshold", least: 0.25 },
];

/** Numbers of both signs from tiny to large, as float32. */
const numbers = [...Array(801).keys()]
  .flatMap((i) => [2 ** ((i - 600) / 40), -(2 ** ((i - 600) / 40))])
  .map(Math.fround);

/** Functions whose value is a difference near its zeros: there the error counts against 1. */
const cancelling = new Set(["gelu", "hardSwish", "hardSigmoid", "log"]);

for (const fn of functions) {
  test(`${JSON.stringify(fn)} is within a few float32 steps of its formula`, () => {
    const formula = unaryFormula(fn);
    const actual = apply(fn, numbers);
    numbers.forEach((x, i) => {
      const wanted = Math.fround(formula(x));
      const floor = cancelling.has(fn.kind) ? Math.max(1, Math.abs(x)) : 2 ** -126;
      const error = Math.abs(actual[i]! - wanted) / Math.max(Math.abs(wanted), floor);
      const same = Object.is(actual[i], wanted) || error <= 12 * 2 ** -24;
      expect(same, `${fn.kind}(${x}) is ${actual[i]}, not ${wanted}`).toBe(true);
    });
  });
}

test("activations are finite for very large numbers", () => {
  for (const kind of [
    "sigmoid",
    "silu",
    "mish",
    "softplus",
    "gelu",
    "tanh",
    "hardSwish",
  ] as const) {
    const wanted = [-200, 200].map((x) => Math.fround(unaryFormula({ kind })(x)));
    const actual = apply({ kind }, [-200, 200]);
    expect(actual[0]).toBeCloseTo(wanted[0]!, 5);
    expect(actual[1]).toBe(wanted[1]);
  }
});

test("NaN passes through", () => {
  for (const fn of functions) {
    expect(apply(fn, [Number.NaN, 1])[0], fn.kind).toBeNaN();
  }
});
