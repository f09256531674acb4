import { describe, expect, test } from "vitest";
import { parametersOf } from "../../src/dsl/elaborate.js";
import { operators } from "../../src/dsl/operators/index.js";
import { expanded, linesOf, modelOf, shapeOf } from "../support/expand.js";

describe("convolutions", () => {
  test("conv pads half the kernel's reach, so that an odd kernel keeps the size", () => {
    expect(linesOf("conv(8, 3x5, dilation=2)")).toEqual([
      "%0 = conv2d(@x, @0.weight, @0.bias) dilation=2 pads=[2,4,2,4] : f32[1,8,6,5]  // 0",
      "return y=%0",
    ]);
  });

  test.each([
    ["conv(8, 3)", [8, 6, 5]],
    ["conv(8, 3x1, 2)", [8, 3, 3]],
    ["conv(8, (3, 1), (2, 1), pad=0)", [8, 2, 5]],
    ["conv(8, 2)", [8, 5, 4]],
    ["conv(8, 4)", [8, 5, 4]],
    ["conv(8.0, 3x3, pad=(1, 2))", [8, 6, 7]],
    ["conv(8, 3x3, pad=(0, 1, 2, 3))", [8, 6, 7]],
    ["conv(8, 3x3, 2, pad=same)", [8, 3, 3]],
    ["conv(8, 4x4, 2, pad=same)", [8, 3, 3]],
    ["conv(8, 3x3, groups=2, bias=false)", [8, 6, 5]],
    ["dwconv(3x3, 2, multiplier=3)", [12, 3, 3]],
    ["pwconv(7, 2)", [7, 3, 3]],
    ["sepconv(7, 3x3, 2)", [7, 3, 3]],
    ["stacked(7, 7x7, 2)", [7, 3, 3]],
    ["deconv(7, 2, 2)", [7, 12, 10]],
    ["deconv(7, 3, 2, pad=1, output_pad=1)", [7, 12, 10]],
    ["deconv(7, 4, 2, pad=same)", [7, 12, 10]],
  ] as const)("%s makes %j", (stage, shape) => {
    expect(shapeOf(stage)).toEqual(shape);
  });

  test("same puts the odd row and column behind", () => {
    expect(linesOf("conv(8, 4x4, 2, pad=same)")[0]).toContain("pads=[1,1,1,2]");
    expect(linesOf("conv(8, 3x3, 2, pad=same)")[0]).toContain("pads=[0,1,1,1]");
  });

  test("weights have PyTorch's shapes", () => {
    expect(linesOf("conv(8, 3x2, groups=2)")[0]).toContain("@0.weight");
    expect(shapesOf("conv(8, 3x2, groups=2)")).toEqual({
      "0.weight": [8, 2, 3, 2],
      "0.bias": [8],
    });
    expect(shapesOf("deconv(6, 3x2, groups=2, bias=false)")).toEqual({ "0.weight": [4, 3, 3, 2] });
    expect(shapesOf("dwconv(3x2, multiplier=2, bias=false)")).toEqual({ "0.weight": [8, 1, 3, 2] });
    expect(shapesOf("flatten -> linear(3)")).toEqual({ "1.weight": [3, 120], "1.bias": [3] });
    expect(shapesOf("sepconv(5, 3x2)")).toEqual({
      "0.dw.weight": [4, 1, 3, 2],
      "0.dw.bias": [4],
      "0.pw.weight": [5, 4, 1, 1],
      "0.pw.bias": [5],
    });
  });

  test("stacked is a chain of 3x3 convolutions, its stride on the last", () => {
    expect(linesOf("stacked(7, 5x5, 2, between=silu, bias=false)").slice(0, -1)).toEqual([
      "%0 = conv2d(@x, @0.0.weight) pads=[1,1,1,1] : f32[1,7,6,5]  // 0.0",
      "%1 = silu(%0) : f32[1,7,6,5]  // 0",
      "%2 = conv2d(%1, @0.1.weight) stride=2 pads=[1,1,1,1] : f32[1,7,3,3]  // 0.1",
    ]);
  });

  test("stacked narrows to 1 along an axis that has its reach already", () => {
    const [first, , second] = linesOf("stacked(7, 5x3)");
    expect(first).toContain("pads=[1,1,1,1]");
    expect(second).toContain("pads=[1,0,1,0]");
  });
});

describe("normalisations", () => {
  test("bn owns weight, bias and running statistics", () => {
    expect(shapesOf("bn(0.25)")).toEqual({
      "0.weight": [4],
      "0.bias": [4],
      "0.running_mean": [4],
      "0.running_var": [4],
    });
    expect(linesOf("bn(0.25)")[0]).toContain("epsilon=0.25");
    expect(linesOf("flatten -> bn")[1]).toContain("f32[1,120]");
  });

  test("instancenorm is groupnorm with a group a channel", () => {
    expect(linesOf("instancenorm(0.25)")[0]).toBe(
      "%0 = groupNorm(@x, @0.weight, @0.bias) groups=4 epsilon=0.25 : f32[1,4,6,5]  // 0",
    );
    expect(linesOf("groupnorm(2)")[0]).toContain("groups=2 epsilon=0.00001");
  });

  test("lrn has no weights", () => {
    expect(linesOf("lrn(5, 0.5, k=2)")[0]).toBe(
      "%0 = lrn(@x) size=5 alpha=0.5 beta=0.75 bias=2 : f32[1,4,6,5]  // 0",
    );
  });
});

describe("activations", () => {
  test.each([
    ["relu", "relu(@x)"],
    ["relu6", "clip(@x) min=0 max=6"],
    ["leaky_relu(0.25)", "leakyRelu(@x) slope=0.25"],
    ["elu", "elu(@x) alpha=1"],
    ["selu", "selu(@x)"],
    ["sigmoid", "sigmoid(@x)"],
    ["hardsigmoid", "hardSigmoid(@x)"],
    ["tanh", "tanh(@x)"],
    ["silu", "silu(@x)"],
    ["hardswish", "hardSwish(@x)"],
    ["gelu", "gelu(@x)"],
    ["mish", "mish(@x)"],
    ["map(floor)", "floor(@x)"],
    ["threshold(0.5)", "threshold(@x) least=0.5"],
    ["softplus", "softplus(@x)"],
    ["softmax", "softmax(@x) axis=1"],
    ["softmax(2)", "softmax(@x) axis=3"],
    ["softmax(axis=-1)", "softmax(@x) axis=3"],
    ["log_softmax", "softmax(@x) axis=1 log"],
    ["clip(-1, 2.5)", "clip(@x) min=-1 max=2.5"],
  ])("%s is %s", (stage, node) => {
    expect(linesOf(stage)[0]).toContain(node);
  });

  test("prelu has a slope per channel, or a shared one", () => {
    expect(shapesOf("prelu")).toEqual({ "0.weight": [4] });
    expect(shapesOf("prelu(shared=true)")).toEqual({ "0.weight": [1] });
    expect(linesOf("prelu")[0]).toContain("f32[4,1,1]");
    expect(linesOf("flatten -> prelu")[1]).toContain("prelu(%0, @1.weight)");
  });
});

describe("pools", () => {
  test("the stride is the kernel unless given", () => {
    expect(linesOf("maxpool(2)")[0]).toContain("kernel=2 stride=2");
    expect(linesOf("maxpool(3x2, 1)")[0]).toContain("kernel=[3,2]");
    expect(linesOf("maxpool(3x2, 1)")[0]).toContain("stride=1");
  });

  test.each([
    ["maxpool(3, 2, pad=1)", [4, 3, 3]],
    ["maxpool(3, 2)", [4, 2, 2]],
    ["maxpool(4, 3, ceil=true)", [4, 2, 2]],
    ["avgpool(3, 2, pad=1, count_include_pad=false)", [4, 3, 3]],
    ["gap", [4, 1, 1]],
    ["gmp(keepdims=false)", [4]],
    ["mean(1, 2)", [4]],
    ["mean([0, 2], keepdims=true)", [1, 6, 1]],
    ["mean(-1)", [4, 6]],
    ["sum(0, 1)", [5]],
    ["amax([0, 2], keepdims=true)", [1, 6, 1]],
    ["amin(batch)", [6, 5]],
  ] as const)("%s makes %j", (stage, shape) => {
    expect(shapeOf(stage)).toEqual(shape);
  });
});

describe("shapes", () => {
  test.each([
    ["flatten", [120]],
    ["flatten -> flatten", [120]],
    ["dropout(0.5)", [4, 6, 5]],
    ["upsample(2)", [4, 12, 10]],
    ["resample(5x7, mode=cubic, coordinates=align_corners)", [4, 5, 7]],
    ["upsample((2, 3))", [4, 12, 15]],
    ["upsample(1.5 * 2)", [4, 18, 15]],
    ["upsample(size=(7, 9), mode=bilinear)", [4, 7, 9]],
    ["upsample(size=x.size)", [4, 6, 5]],
    ["slice(0, 1, 3)", [2, 6, 5]],
    ["slice(1, 0, 6, step=4)", [4, 2, 5]],
    ["slice(2, -2, in.width)", [4, 6, 2]],
    ["flip(0, -1)", [4, 6, 5]],
    ["pad_axis(0, 1, 2)", [7, 6, 5]],
    ["pad_axis(-1, 0, 3, mode=edge)", [4, 6, 8]],
    ["reshape(30, batch=4)", [30]],
    ["reshape(-1, batch=12)", [10]],
    ["transpose(0, batch, 2, 1)", [1, 5, 6]],
    ["concat(it, relu, axis=batch)", [4, 6, 5]],
    ["parameter(3, batch=2)", [3]],
    ["split(2) -> concat", [4, 6, 5]],
    ["concat(split([1, 3]), x)", [8, 6, 5]],
    ["concat(split(3, axis=1), axis=1)", [4, 6, 5]],
    ["pad(1, 2, 3, 4)", [4, 10, 11]],
    ["pad(0, 0, 0, 0, front=1, back=2)", [7, 6, 5]],
    ["pad(1, 1, 1, 1, mode=constant, value=0.25)", [4, 8, 7]],
    ["reshape(2, 60)", [2, 60]],
    ["reshape(-1)", [120]],
    ["reshape(8, -1, 5)", [8, 3, 5]],
    ["reshape(x.shape)", [4, 6, 5]],
    ["transpose(2, 0, 1)", [5, 4, 6]],
    ["shuffle(2)", [4, 6, 5]],
    ["pixel_shuffle(2)", [1, 12, 10]],
  ] as const)("%s makes %j", (stage, shape) => {
    expect(shapeOf(stage)).toEqual(shape);
  });

  test("pad modes reach the graph, zero as a constant 0", () => {
    expect(linesOf("pad(1, 1, 1, 1, mode=reflect)")[0]).toContain("mode=reflect");
    expect(linesOf("pad(1, 1, 1, 1, mode=edge)")[0]).toContain("mode=edge");
    expect(linesOf("pad(1, 1, 1, 1)")[0]).not.toContain("mode=zero");
    expect(linesOf("pad(1, 1, 1, 1, mode=constant, value=0.25)")[0]).toContain("value=0.25");
  });
});

test("the batch is axis 0 of the graph where a stage names it", () => {
  expect(linesOf("softmax(axis=batch)")[0]).toContain("softmax(@x) axis=0");
  expect(linesOf("sum(1, batch)")[0]).toContain("axes=[0,2]");
  expect(linesOf("flip(batch, 1)")[0]).toContain("steps=[-1,1,-1,1]");
  expect(linesOf("reshape(5, batch=24)")[0]).toContain("f32[24,5]");
  expect(linesOf("gap(keepdims=false) -> amin(batch, 0) -> reshape(batch=none)").at(-2)).toContain(
    "f32[]",
  );
  expect(linesOf("pad_axis(batch, 1, 0, mode=constant, value=lowest)")[0]).toContain(
    "value=-Infinity",
  );
  expect(shapesOf("parameter(3, batch=2)")).toEqual({ "0.value": [2, 3] });
  expect(linesOf("leak(it, parameter(4, 1, 1))").at(-2)).toContain("prelu(@x, %0)");
});

test("an input says itself how many it is", () => {
  const text = (settings: string) =>
    `model M { input a: f32[3] ${settings} input b: f32[] { batch = none } mul(it, 2) output y
      output z = b }`;
  const typesOf = (settings: string) =>
    expanded(text(settings), { batch: 5 }).graph.inputs.map(({ value }) => value.type.shape);
  expect(typesOf("{ batch = 2 }")).toEqual([[2, 3], []]);
  expect(typesOf("")).toEqual([[5, 3], []]);
});

describe("merges", () => {
  test("all merges fold from left to right", () => {
    expect(linesOf("sub(relu, x, tanh)").slice(0, -1)).toEqual([
      "%0 = relu(@x) : f32[1,4,6,5]  // 0",
      "%1 = sub(%0, @x) : f32[1,4,6,5]",
      "%2 = tanh(@x) : f32[1,4,6,5]  // 1",
      "%3 = sub(%1, %2) : f32[1,4,6,5]",
    ]);
  });

  test.each(["add", "mul", "div", "max", "min"])("%s of tensors", (name) => {
    expect(linesOf(`${name}(x, gap)`)[1]).toBe(`%1 = ${name}(@x, %0) : f32[1,4,6,5]`);
  });

  test("numbers are operands too", () => {
    expect(linesOf("max(x, 0.5)")[0]).toBe("%0 = max(@x, 0.5) : f32[1,4,6,5]");
    expect(linesOf("add(1, it)")[0]).toBe("%0 = add(1, @x) : f32[1,4,6,5]");
  });

  test("arithmetic signs merge tensors", () => {
    expect(linesOf("(x + 1) * -x / 2 - x").slice(0, -1)).toEqual([
      "%0 = add(@x, 1) : f32[1,4,6,5]",
      "%1 = neg(@x) : f32[1,4,6,5]",
      "%2 = mul(%0, %1) : f32[1,4,6,5]",
      "%3 = div(%2, 2) : f32[1,4,6,5]",
      "%4 = sub(%3, @x) : f32[1,4,6,5]",
    ]);
  });
});

test("every operator has a summary and a name that its key repeats", () => {
  for (const [name, operator] of operators) {
    expect(operator.name).toBe(name);
    expect(operator.summary).not.toBe("");
  }
});

function shapesOf(statements: string): Record<string, readonly number[]> {
  return { ...parametersOf(expanded(modelOf(statements)).graph) };
}
