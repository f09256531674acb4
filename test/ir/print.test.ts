import { expect, test } from "vitest";
import { build } from "../../src/ir/build.js";
import type { Value } from "../../src/ir/graph.js";
import { printGraph } from "../../src/ir/print.js";
import {
  add,
  avgPool,
  binary,
  conv,
  deconv,
  flatten,
  image,
  input,
  linear,
  literal,
  maxPool,
  mul,
  norm,
  pad,
  reduce,
  relu,
  resize,
  returns,
  softmax,
  split,
  transpose,
  unary,
} from "../support/graphs.js";

const lines = (...values: readonly Value[]) =>
  printGraph(returns(...values))
    .split("\n")
    .slice(1, -1);

test("a network prints as one line a node, with parameter paths and origins", () => {
  const stem = conv(image(3, 8), 4, { name: "conv1", stride: 2 });
  const graph = returns(
    softmax(linear(flatten(relu(norm(stem, { name: "bn1" }))), 10, { name: "fc" })),
  );
  expect(printGraph(graph)).toBe(
    [
      "graph test(@x: f32[1,3,8,8])",
      "%0 = conv2d(@x, @conv1.weight, @conv1.bias) stride=2 pads=[1,1,1,1] : f32[1,4,4,4]  // conv1",
      "%1 = batchNorm(%0, @bn1.weight, @bn1.bias, @bn1.running_mean, @bn1.running_var) epsilon=0.25 : f32[1,4,4,4]  // bn1",
      "%2 = relu(%1) : f32[1,4,4,4]",
      "%3 = reshape(%2) : f32[1,64]",
      "%4 = linear(%3, @fc.weight, @fc.bias) : f32[1,10]  // fc",
      "%5 = softmax(%4) axis=1 : f32[1,10]",
      "return y=%5",
    ].join("\n"),
  );
});

test("a fused epilogue prints as a chain, with the running value named when it is on the right", () => {
  const x = image(3, 4);
  const fused = conv(x, 3, {
    kernel: 1,
    bias: false,
    extras: [x, literal([], [0.1])],
    epilogue: [
      { kind: "binary", fn: "add", extra: 0, side: "right" },
      { kind: "unary", fn: { kind: "clip", min: 0, max: 6 } },
      { kind: "binary", fn: "sub", extra: 1, side: "left" },
      { kind: "unary", fn: { kind: "relu" } },
    ],
  });
  expect(lines(fused)).toEqual([
    "%0 = conv2d(@x, @weight) -> add(@x) -> clip(min=0, max=6) -> sub(0.1, it) -> relu : f32[1,3,4,4]",
  ]);
});

test("attributes are printed unless neutral", () => {
  const x = image(4, 8);
  expect(lines(conv(x, 4, { kernel: [1, 3], dilation: 2, groups: 2, pads: 0 }))).toEqual([
    "%0 = conv2d(@x, @weight, @bias) dilation=2 groups=2 : f32[1,4,8,4]",
  ]);
  expect(lines(deconv(x, 4, { stride: [2, 1], outputPads: [1, 0] }))).toEqual([
    "%0 = deconv2d(@x, @weight, @bias) stride=[2,1] outputPads=[1,0] : f32[1,4,18,10]",
  ]);
  expect(lines(maxPool(x, { ceil: true }), avgPool(x, { countIncludePad: false }))).toEqual([
    "%0 = maxPool(@x) kernel=2 stride=2 ceil=true : f32[1,4,4,4]",
    "%1 = avgPool(@x) kernel=2 stride=2 countIncludePad=false : f32[1,4,4,4]",
  ]);
  expect(lines(pad(x, 1), pad(x, 1, "edge"), reduce(x), resize(x, 4, "bilinear"))).toEqual([
    "%0 = pad(@x) before=[0,0,1,1] after=[0,0,1,1] : f32[1,4,10,10]",
    "%1 = pad(@x) before=[0,0,1,1] after=[0,0,1,1] mode=edge : f32[1,4,10,10]",
    "%2 = reduce(@x) fn=mean axes=[2,3] keepDims=true : f32[1,4,1,1]",
    "%3 = resize(@x) mode=bilinear : f32[1,4,4,4]",
  ]);
  expect(lines(unary(x, { kind: "leakyRelu", slope: 0.2 }), transpose(x, 0, 1, 3, 2))).toEqual([
    "%0 = leakyRelu(@x) slope=0.2 : f32[1,4,8,8]",
    "%1 = transpose(@x) permutation=[0,1,3,2] : f32[1,4,8,8]",
  ]);
});

test("each result of a split has a number", () => {
  const [first, second] = split(image(4, 2), [1, 3]);
  expect(lines(first!, relu(second!))).toEqual([
    "%0, %1 = split(@x) axis=1 sizes=[1,3] : f32[1,1,2,2], f32[1,3,2,2]",
    "%2 = relu(%1) : f32[1,3,2,2]",
  ]);
});

test("constants of one name are told apart, single numbers are written out", () => {
  const x = input([2]);
  const sum = add(mul(x, literal([2], [1, 2], "w")), literal([2], [3, 4], "w"));
  expect(lines(binary("max", sum, literal([], [-0.25])))).toEqual([
    "%0 = mul(@x, @w) : f32[2]",
    "%1 = add(%0, @w#2) : f32[2]",
    "%2 = max(%1, -0.25) : f32[2]",
  ]);
});

test("names that could be taken for syntax are quoted", () => {
  const odd = build("input", {}, { name: "a b\n//", type: { element: "f32", shape: [] } });
  expect(printGraph(returns(relu(odd)))).toBe(
    'graph test(@"a b\\n//": f32[])\n%0 = relu(@"a b\\n//") : f32[]\nreturn y=%0',
  );
});
