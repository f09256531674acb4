import { describe, expect, test } from "vitest";
import { expanded, linesOf, modelOf, problemsOf, shapeOf } from "../support/expand.js";

describe("the current value", () => {
  test("statements chain, let and output leave the current value", () => {
    expect(linesOf("relu let a = tanh output o = sigmoid selu add(it, a)")).toEqual([
      "%0 = relu(@x) : f32[1,4,6,5]  // 0",
      "%1 = sigmoid(%0) : f32[1,4,6,5]  // 2",
      "%2 = selu(%0) : f32[1,4,6,5]  // 3",
      "%3 = tanh(%0) : f32[1,4,6,5]  // 1",
      "%4 = add(%2, %3) : f32[1,4,6,5]",
      "return o=%1, y=%4",
    ]);
  });

  test("it is the value that arrives at a stage", () => {
    expect(shapeOf("conv(6, 1x1) -> conv(it.channels * 2, 1x1) -> maxpool(2)")).toEqual([12, 3, 2]);
  });

  test("every operand of a merge starts from the value that arrives", () => {
    expect(linesOf("relu -> add(it, tanh -> selu)").slice(1, -1)).toEqual([
      "%1 = tanh(%0) : f32[1,4,6,5]  // 1",
      "%2 = selu(%1) : f32[1,4,6,5]  // 2",
      "%3 = add(%0, %2) : f32[1,4,6,5]",
    ]);
  });

  test("in is the model's first input, in a labelled { … } too", () => {
    expect(linesOf("relu a: { tanh -> add(it, in) }")[2]).toContain("add(%1, @x)");
  });

  test("in is what a block was given", () => {
    const block = "block B { tanh a: { add(it, in) } }";
    expect(linesOf("relu -> B", block)[2]).toContain("add(%1, %0)");
  });

  test("a statement that begins with a value moves it on", () => {
    expect(linesOf("let a = relu tanh a -> selu").at(-2)).toBe(
      "%1 = selu(%0) : f32[1,4,6,5]  // 2",
    );
  });
});

describe("blocks", () => {
  test("defaults use earlier parameters and in", () => {
    const block = "block B(c = in.channels, d = c * 2, k = 3x3) { conv(d, k) }";
    expect(shapeOf("B", block)).toEqual([8, 6, 5]);
    expect(shapeOf("B(5)", block)).toEqual([10, 6, 5]);
    expect(shapeOf("B(d=7, c=1, k=1)", block)).toEqual([7, 6, 5]);
  });

  test("arguments are numbers, words, lists or tensors", () => {
    const block = "block B(t, n, w, l) { for i in l { conv(n, i, pad=w) } add(t, it) }";
    expect(shapeOf("B(conv(9, 1x1), 9, half, [1, 3x3])", block)).toEqual([9, 6, 5]);
  });

  test("blocks may be used before they are written", () => {
    expect(shapeOf("A", "block A { B } block B { conv(2, 1x1) }")).toEqual([2, 6, 5]);
  });

  test("a block may yield a list of tensors", () => {
    expect(shapeOf("let p, q = B q", "block B { [gap, conv(7, 1x1)] }")).toEqual([7, 6, 5]);
  });

  test("outputs inside blocks are the model's", () => {
    const { graph } = expanded(modelOf("B(3)", 'block B(n) { output "o{n}" = gap }'));
    expect(graph.outputs.map(({ name }) => name)).toEqual(["o3", "y"]);
  });
});

describe("loops", () => {
  test("for goes through ranges, lists and tuples", () => {
    expect(shapeOf("for i in 5..8 { conv(i, 1x1) }")).toEqual([7, 6, 5]);
    expect(shapeOf("for (c, k) in [(2, 1x1), (3, 3x3)] { conv(c, k, pad=0) }")).toEqual([3, 4, 3]);
    expect(shapeOf("for i in 3..3 { conv(i, 1x1) }")).toEqual([4, 6, 5]);
  });

  test("a for list is evaluated once", () => {
    expect(shapeOf("for c in [it.channels, it.channels] { conv(c + 1, 1x1) }")).toEqual([5, 6, 5]);
  });

  test("repeat hands on each pass's result", () => {
    expect(shapeOf("repeat 3 { conv(it.channels * 2, 1x1) }")).toEqual([32, 6, 5]);
    expect(shapeOf("repeat 0 { gap }")).toEqual([4, 6, 5]);
  });

  test("a loop is the value of its { … }", () => {
    expect(shapeOf("let a = s: { repeat 2 { maxpool(2) } } a")).toEqual([4, 1, 1]);
  });

  test("every pass is a scope", () => {
    expect(shapeOf("for i in 1..3 { const c = i let t = conv(c, 1x1) t }")).toEqual([2, 6, 5]);
  });
});

describe("if", () => {
  test("yields a number or a tensor", () => {
    expect(shapeOf("conv(if it.height > 5 { 7 } else { 8 }, 1x1)")).toEqual([7, 6, 5]);
    expect(shapeOf("const c = if false { 1 } else if 1 < 2 { 3 } else { 5 } conv(c, 1x1)")).toEqual(
      [3, 6, 5],
    );
    expect(shapeOf("relu -> if true { gap } else { gmp }")).toEqual([4, 1, 1]);
  });

  test("a branch not taken yields the current value", () => {
    expect(shapeOf("if false { gap }")).toEqual([4, 6, 5]);
  });

  test("conditions short-circuit", () => {
    expect(shapeOf("if false and 1 / 0 == 1 { gap }")).toEqual([4, 6, 5]);
    expect(shapeOf("if true or 1 / 0 == 1 { gap }")).toEqual([4, 1, 1]);
    expect(shapeOf("if not (1 == 2) and 3 != 4 { gap }")).toEqual([4, 1, 1]);
  });
});

describe("residual", () => {
  test("adds what arrives to the body", () => {
    expect(linesOf("residual { relu -> tanh }").slice(2, -1)).toEqual([
      "%2 = add(@x, %1) : f32[1,4,6,5]",
    ]);
  });

  test("with a pipeline adds that instead", () => {
    expect(linesOf("residual(conv(6, 1x1)) { conv(6, 3x3) }").slice(2, -1)).toEqual([
      "%2 = add(%0, %1) : f32[1,6,6,5]",
    ]);
  });

  test("with a bool adds the identity only when true", () => {
    expect(linesOf("residual(1 == 1) { relu }").slice(1, -1)).toEqual([
      "%1 = add(@x, %0) : f32[1,4,6,5]",
    ]);
    expect(linesOf("residual(1 == 2) { relu }")).toHaveLength(2);
  });

  test("an if without else is the identity shortcut when not taken", () => {
    expect(linesOf("residual(if false { gap }) { relu }").slice(1, -1)).toEqual([
      "%1 = add(@x, %0) : f32[1,4,6,5]",
    ]);
  });
});

describe("let and const", () => {
  test("let takes a list of tensors apart", () => {
    expect(shapeOf("let a, b, c = split([1, 1, 2]) concat(c, a, c)")).toEqual([5, 6, 5]);
    expect(shapeOf("let a, b = s: { [gap, relu] } b")).toEqual([4, 6, 5]);
  });

  test("inner names hide outer ones", () => {
    expect(shapeOf("const c = 2 if true { const c = 3 conv(c, 1x1) } conv(c, 1x1)")).toEqual([
      2, 6, 5,
    ]);
    expect(shapeOf("const c = 9 conv(c + d - 1, 1x1)", "const c = 1 const d = c + 1")).toEqual([
      10, 6, 5,
    ]);
  });

  test("consts of a file are seen everywhere in it", () => {
    const before = "const base = 6 block B { conv(base, 1x1) }";
    expect(shapeOf("const more = base * 2 B conv(more, 1x1)", before)).toEqual([12, 6, 5]);
  });
});

describe("numbers", () => {
  test.each([
    ["7 + 2 * 3 - 1", "12"],
    ["8 / 2", "4"],
    ["7 / 2", "3.5"],
    ["7 / 2 + 0.5", "4"],
    ["-7 % 3", "2"],
    ["7 % -3", "-2"],
    ["8.0 % 3", "2"],
    ["1_000 + 1e-3", "1000.001"],
    ["min(3, 1, 2)", "1"],
    ["max(3, 1.5)", "3"],
    ["abs(-3)", "3"],
    ["floor(-2.5)", "-3"],
    ["ceil(-2.5)", "-2"],
    ["round(2.5)", "3"],
    ["round(-2.5)", "-3"],
    ["sqrt(16)", "4"],
    ["divisible(32 * 0.35, 8)", "16"],
    ["divisible(33, by=8)", "32"],
    ["divisible(1, 8)", "8"],
    ["floor(1e3)", "1000"],
    ["if 1 == 1.0 { 5 } else { 6 }", "5"],
  ])("%s is %s", (expression, value) => {
    expect(problemsOf(`assert ${expression} == ${value}`)).toEqual([]);
    expect(problemsOf(`assert ${expression} == ${value} + 1`)).toEqual(["assert-failed"]);
  });

  test.each([
    ["[1, 2] == (1, 2)"],
    ["(0..3) == [0, 1, 2]"],
    ["[1, [2, 3]] != [1, [2, 4]]"],
    ["3x5 == 3x5 and 3x5 != 5x3"],
    ['"half" == half'],
    ["x.shape == [4, 6, 5] and x.size == 6x5"],
    ["not (2 < 1) and 2 <= 2 and 3 > 2 and 3 >= 3"],
  ])("%s holds", (condition) => {
    expect(problemsOf(`assert ${condition}`)).toEqual([]);
    expect(problemsOf(`assert not (${condition})`)).toEqual(["assert-failed"]);
  });

  test.each([
    ["1 / 0", "division-by-zero"],
    ["1 % 0", "division-by-zero"],
    ["divisible(3, 0)", "division-by-zero"],
    ["9_007_199_254_740_991 + 1", "number-out-of-range"],
    ["1e308 * 10", "number-out-of-range"],
    ["1e-308 / 1e308 / 0.0", "division-by-zero"],
    ["sqrt(-1)", "number-out-of-range"],
    ["floor(1e300)", "number-out-of-range"],
    ["1.5 % 2", "not-whole"],
    ["(0.5..3)", "not-whole"],
    ["true + 1", "wrong-operands"],
    ["(not 1)", "wrong-operands"],
    ["(1 and true)", "wrong-operands"],
    ["-half", "wrong-operands"],
    ["(half < same)", "wrong-operands"],
    ["(1 == true)", "cannot-compare"],
    ["x", "cannot-compare"],
  ])("%s is %s", (expression, name) => {
    expect(problemsOf(`assert ${expression} == 1`)).toEqual([name]);
  });
});
