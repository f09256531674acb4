import { describe, expect, test } from "vitest";
import { pathsOf, problemsOf } from "../support/expand.js";

const layer = "block Layer(c) { conv(c, 1x1) -> relu -> last: conv(c, 1x1) }";

describe("labels and numbers", () => {
  test("stages without a label are numbered in the order written, activations too", () => {
    expect(pathsOf("conv(4, 1x1) -> relu -> conv(4, 1x1)\n maxpool(1) conv(4, 1x1)")).toEqual([
      "0.weight",
      "2.weight",
      "4.weight",
    ]);
  });

  test("a labelled stage takes no number", () => {
    expect(pathsOf("first: conv(4, 1x1) -> conv(4, 1x1) -> relu: conv(4, 1x1)")).toEqual([
      "first.weight",
      "0.weight",
      "relu.weight",
    ]);
  });

  test("a block call is one stage and the scope of its number or label", () => {
    expect(pathsOf("Layer(4) -> relu -> named: Layer(4) -> conv(4, 1x1)", layer)).toEqual([
      "0.0.weight",
      "0.last.weight",
      "named.0.weight",
      "named.last.weight",
      "2.weight",
    ]);
  });

  test("a { … } is one stage and a scope", () => {
    expect(pathsOf("relu { conv(4, 1x1) { conv(4, 1x1) } } s: { conv(4, 1x1) }")).toEqual([
      "1.0.weight",
      "1.1.0.weight",
      "s.0.weight",
    ]);
  });

  test("a block call's number comes before those of stages in its arguments", () => {
    const up = "block Up(skip) { concat(skip, it) conv(4, 1x1) }";
    expect(pathsOf("Up(conv(4, 1x1)) conv(4, 1x1)", up)).toEqual([
      "1.weight",
      "0.0.weight",
      "2.weight",
    ]);
  });

  test("strings are labels, with dots and expressions", () => {
    const loop = 'for i in 1..3 { "block.{i * 2}": conv(4, 1x1) } "in": conv(4, 1x1)';
    expect(pathsOf(loop)).toEqual(["block.2.weight", "block.4.weight", "in.weight"]);
    expect(pathsOf('for n in ["a", "b"] { "layer{n}": Layer(4) }', layer)).toEqual([
      "layera.0.weight",
      "layera.last.weight",
      "layerb.0.weight",
      "layerb.last.weight",
    ]);
  });

  test("keywords are labels", () => {
    expect(pathsOf("in: conv(4, 1x1) -> residual: conv(4, 1x1)")).toEqual([
      "in.weight",
      "residual.weight",
    ]);
  });
});

describe("transparent constructs", () => {
  test("for and repeat take no number themselves", () => {
    expect(pathsOf("repeat 2 { conv(4, 1x1) -> relu } for i in 0..2 { conv(4, 1x1) }")).toEqual([
      "0.weight",
      "2.weight",
      "4.weight",
      "5.weight",
    ]);
  });

  test("if takes none, and stages of a branch not taken do not count", () => {
    expect(
      pathsOf("if false { conv(4, 1x1) } else { conv(4, 1x1) } if 1 > 2 { relu } conv(4, 1x1)"),
    ).toEqual(["0.weight", "1.weight"]);
  });

  test("merges and arithmetic take none, their operands count in the order written", () => {
    expect(pathsOf("add(conv(4, 1x1), it, conv(4, 1x1) -> relu) -> conv(4, 1x1)")).toEqual([
      "0.weight",
      "1.weight",
      "3.weight",
    ]);
    expect(pathsOf("conv(4, 1x1) + conv(4, 1x1) * gap")).toEqual(["0.weight", "1.weight"]);
  });

  test("the shortcut of residual counts before its body", () => {
    expect(pathsOf("residual(conv(4, 1x1)) { relu -> conv(4, 1x1) } conv(4, 1x1)")).toEqual([
      "0.weight",
      "2.weight",
      "3.weight",
    ]);
  });

  test("a label makes any of them a scope", () => {
    const body = "a: residual(conv(4, 1x1)) { conv(4, 1x1) } b: add(it, conv(4, 1x1))";
    expect(pathsOf(`${body} c: if true { conv(4, 1x1) } conv(4, 1x1)`)).toEqual([
      "a.0.weight",
      "a.1.weight",
      "b.0.weight",
      "c.0.weight",
      "0.weight",
    ]);
  });

  test("stages of let and output count, references do not", () => {
    expect(
      pathsOf("let a = conv(4, 1x1) output o = conv(4, 1x1) add(a, it) -> conv(4, 1x1)").sort(),
    ).toEqual(["0.weight", "1.weight", "2.weight"]);
  });
});

describe("equal paths are errors", () => {
  test.each([
    ["a: relu a: relu"],
    ["a: relu a: { conv(1, 1) }"],
    ['relu "0": relu'],
    ['a: { conv(4, 1x1) } "a.0": relu'],
  ])("%s", (statements) => {
    expect(problemsOf(statements)).toEqual(["path-taken"]);
  });

  test("a label in repeat is told of for", () => {
    expect(problemsOf("repeat 2 { a: relu }")).toEqual(["path-taken"]);
  });

  test("equal labels in different scopes are fine", () => {
    expect(pathsOf("a: { b: conv(4, 1x1) } c: { b: conv(4, 1x1) } b: conv(4, 1x1)")).toEqual([
      "a.b.weight",
      "c.b.weight",
      "b.weight",
    ]);
  });
});

test("names of JavaScript's objects are labels like others", () => {
  expect(pathsOf("__proto__: conv(4, 1x1) -> constructor: conv(4, 1x1)")).toEqual([
    "__proto__.weight",
    "constructor.weight",
  ]);
});
