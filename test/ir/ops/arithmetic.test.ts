import { expect, test } from "vitest";
import { build } from "../../../src/ir/build.js";
import { evaluate } from "../../../src/ir/evaluate.js";
import type { BinaryFunction, UnaryFunction } from "../../../src/ir/ops/arithmetic.js";
import { binary, image, input, literal, returns, unary } from "../../support/graphs.js";
import { meaningOf, refusalOf } from "../../support/meaning.js";

const at = [-2, -0.5, 0, 0.5, 2];
const tanh2 = Math.tanh(2);

/** Function and its values at −2, −½, 0, ½, 2: by hand, or from tables to ten digits. */
const cases: readonly (readonly [UnaryFunction, readonly number[]])[] = [
  [{ kind: "relu" }, [0, 0, 0, 0.5, 2]],
  [{ kind: "clip", min: -1, max: 0.25 }, [-1, -0.5, 0, 0.25, 0.25]],
  [{ kind: "leakyRelu", slope: 0.25 }, [-0.5, -0.125, 0, 0.5, 2]],
  [{ kind: "elu", alpha: 2 }, [-1.7293294335, -0.7869386806, 0, 0.5, 2]],
  [{ kind: "selu" }, [-1.5201664686, -0.6917581878, 0.0, 0.5253504937, 2.1014019747]],
  [{ kind: "sigmoid" }, [0.119202922, 0.3775406688, 0.5, 0.6224593312, 0.880797078]],
  [{ kind: "hardSigmoid", slope: 0.25, offset: 0.375 }, [0, 0.25, 0.375, 0.5, 0.875]],
  [{ kind: "tanh" }, [-tanh2, -0.4621171573, 0, 0.4621171573, tanh2]],
  [{ kind: "silu" }, [-0.238405844, -0.1887703344, 0, 0.3112296656, 1.761594156]],
  [{ kind: "hardSwish" }, [-1 / 3, -5 / 24, 0, 7 / 24, 5 / 3]],
  [{ kind: "gelu" }, [-0.0455002639, -0.1542687694, 0, 0.3457312306, 1.9544997361]],
  [{ kind: "mish" }, [-0.2525014827, -0.2207437747, 0.0, 0.3752452113, 1.9439589595]],
  [{ kind: "softplus" }, [0.126928011, 0.4740769842, Math.LN2, 0.9740769842, 2.126928011]],
  [{ kind: "neg" }, [2, 0.5, 0, -0.5, -2]],
  [{ kind: "abs" }, [2, 0.5, 0, 0.5, 2]],
  [{ kind: "exp" }, [0.1353352832, 0.6065306597, 1, 1.6487212707, 7.3890560989]],
  [{ kind: "erf" }, [-0.995322265, -0.5204998778, 0, 0.5204998778, 0.995322265]],
  [{ kind: "floor" }, [-2, -1, 0, 0, 2]],
  [{ kind: "ceil" }, [-2, -0, 0, 1, 2]],
  [{ kind: "round" }, [-2, -0, 0, 0, 2]],
  [{ kind: "sign" }, [-1, -1, 0, 1, 1]],
  [{ kind: "threshold", least: 0.5 }, [0, 0, 0, 0, 2]],
  [{ kind: "reciprocal" }, [-0.5, -2, Infinity, 2, 0.5]],
];

test.each(cases)("%o has its values", (fn, expected) => {
  meaningOf(unary(literal([5], at), fn)).forEach((y, i) => {
    expect(y, `at ${at[i]}`).toBeCloseTo(expected[i]!, 9);
  });
});

test("sqrt and log have their values", () => {
  expect(meaningOf(unary(literal([2], [4, 0.25]), { kind: "sqrt" }))).toEqual([2, 0.5]);
  expect(meaningOf(unary(literal([2], [1, 8]), { kind: "log" }))).toEqual([0, Math.log(8)]);
});

test("functions stay finite and right far out", () => {
  const far = literal([2], [-90, 90]);
  expect(meaningOf(unary(far, { kind: "softplus" }))).toEqual([Math.exp(-90), 90]);
  expect(meaningOf(unary(far, { kind: "erf" }))).toEqual([-1, 1]);
  expect(meaningOf(unary(far, { kind: "gelu" })).map(Math.abs)).toEqual([0, 90]);
  expect(meaningOf(unary(far, { kind: "mish" }))[1]).toBe(90);
  const [small, middle] = meaningOf(unary(literal([2], [2 ** -13, 3.5]), { kind: "erf" }));
  expect(small).toBeCloseTo((2 / Math.sqrt(Math.PI)) * (2 ** -13 - 2 ** -39 / 3), 15);
  expect(middle).toBeCloseTo(0.999999256901628, 13);
});

const binaries: readonly (readonly [BinaryFunction, readonly number[]])[] = [
  ["add", [1, 5]],
  ["sub", [-5, 1]],
  ["mul", [-6, 6]],
  ["div", [-2 / 3, 1.5]],
  ["min", [-2, 2]],
  ["max", [3, 3]],
  ["pow", [-8, 9]],
  ["prelu", [-6, 3]],
  ["equal", [0, 0]],
  ["less", [1, 0]],
  ["lessOrEqual", [1, 0]],
  ["mask", [-2, 3]],
];

test.each(binaries)("%s takes its left operand first", (fn, expected) => {
  expect(meaningOf(binary(fn, literal([2], [-2, 3]), literal([2], [3, 2])))).toEqual(expected);
});

test("comparisons tell equal numbers, and a mask hides whatever it hides", () => {
  const of = (fn: BinaryFunction, a: number, b: number) =>
    meaningOf(binary(fn, literal([1], [a]), literal([1], [b])))[0];
  expect(["equal", "less", "lessOrEqual"].map((fn) => of(fn as BinaryFunction, 2, 2))).toEqual([
    1, 0, 1,
  ]);
  expect(of("equal", Number.NaN, Number.NaN)).toBe(0);
  expect([of("mask", Number.NaN, 0), of("mask", 3, 0), of("mask", 3, -1)]).toEqual([0, 0, 3]);
});

test("binary operands broadcast as in NumPy", () => {
  const column = literal([2, 1], [10, 20]);
  const sum = binary("sub", column, literal([3], [1, 2, 3]));
  expect(sum.type.shape).toEqual([2, 3]);
  expect(meaningOf(sum)).toEqual([9, 8, 7, 19, 18, 17]);
  const channels = binary("mul", literal([2, 1, 1], [2, 3]), literal([1, 2, 1, 2], [1, 2, 3, 4]));
  expect(channels.type.shape).toEqual([1, 2, 1, 2]);
  expect(meaningOf(channels)).toEqual([2, 4, 9, 12]);
  expect(meaningOf(binary("add", literal([], [1]), literal([], [2])))).toEqual([3]);
});

test("operands that do not broadcast are refused with both types", () => {
  expect(refusalOf(() => binary("add", image(3, 4), image(5, 4)))).toBe(
    "cannot-broadcast: add: the shapes f32[1,3,4,4] and f32[1,5,4,4] do not fit each other",
  );
});

test("clip refuses a range turned round", () => {
  const fn = { kind: "clip", min: 2, max: 1 } as const;
  expect(refusalOf(() => unary(image(1, 1), fn))).toMatch(
    "clip's min must be at most its max, 1, but is 2",
  );
  expect(refusalOf(() => unary(image(1, 1), { ...fn, max: Number.NaN }))).toMatch("clip");
});

test("elementwise runs its steps on the running value", () => {
  const chain = build(
    "elementwise",
    { input: literal([1, 2], [1, -3]), extras: [literal([], [10]), literal([1, 1], [2])] },
    {
      steps: [
        { kind: "unary", fn: { kind: "abs" } },
        { kind: "binary", fn: "sub", extra: 0, side: "left" },
        { kind: "binary", fn: "div", extra: 1, side: "right" },
        { kind: "binary", fn: "pow", extra: 1, side: "left" },
      ],
    },
  );
  expect(meaningOf(chain)).toEqual([2 ** 4.5, 2 ** 3.5]);
});

test("cast turns bytes into floats, and nothing else takes bytes", () => {
  const bytes = build("input", {}, { name: "x", type: { element: "u8", shape: [3] } });
  const float = build("cast", { input: bytes }, { to: "f32" });
  expect(float.type).toEqual({ element: "f32", shape: [3] });
  const inputs = new Map([["x", Uint8Array.of(0, 7, 255)]]);
  expect([...evaluate(returns(float), inputs).get("y")!.data]).toEqual([0, 7, 255]);
  expect(refusalOf(() => unary(bytes, { kind: "relu" }))).toBe(
    "wrong-element-type: relu: the input must hold f32 elements, but is u8[3]",
  );
  expect(refusalOf(() => binary("add", input([3]), bytes))).toMatch("right operand");
});
