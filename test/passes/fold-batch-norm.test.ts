import fc from "fast-check";
import { expect, test } from "vitest";
import type { Value } from "../../src/ir/graph.js";
import { printGraph } from "../../src/ir/print.js";
import { foldBatchNorm } from "../../src/passes/fold-batch-norm.js";
import * as g from "../support/graphs.js";
import { expectSameMeaning, runPass } from "../support/run-pass.js";

const fold = (value: Value) => runPass(foldBatchNorm, g.returns(value));

test("a convolution and its batch norm become one convolution", () => {
  const normed = g.norm(g.conv(g.image(3, 8), 4, { name: "conv1" }), { name: "bn1" });
  expect(printGraph(fold(normed))).toBe(
    [
      "graph test(@x: f32[1,3,8,8])",
      "%0 = conv2d(@x, @conv1.weight, @conv1.bias) pads=[1,1,1,1] : f32[1,4,8,8]  // conv1",
      "return y=%0",
    ].join("\n"),
  );
});

test("a convolution without bias gets one, named after it", () => {
  const conv = g.conv(g.image(3, 8), 4, { name: "conv1", bias: false });
  expect(printGraph(fold(g.norm(conv)))).toContain("conv2d(@x, @conv1.weight, @conv1.bias)");
});

test.each<[string, () => Value]>([
  [
    "whose convolution something else reads",
    () => {
      const shared = g.conv(g.image(3, 8), 4);
      return g.add(g.norm(shared), shared);
    },
  ],
  [
    "with a gamma known only at run time",
    () => g.norm(g.conv(g.image(3, 8), 4), { gamma: g.input([4], "gamma") }),
  ],
  ["of something else than a convolution", () => g.norm(g.relu(g.image(3, 8)))],
  [
    "of a convolution that ends in an epilogue",
    () => g.norm(g.conv(g.image(3, 8), 4, { epilogue: [{ kind: "unary", fn: { kind: "relu" } }] })),
  ],
  [
    "whose products are too large for float32",
    () =>
      g.norm(g.conv(g.image(1, 4), 1), {
        variance: g.literal([1], [1e-38]),
        gamma: g.literal([1], [1e30]),
        epsilon: 0,
      }),
  ],
])("a batch norm %s is left alone", (_, make) => {
  const graph = g.returns(make());
  expect(runPass(foldBatchNorm, graph)).toBe(graph);
});

test("folding never changes what the graph computes", () => {
  const options = fc.record({
    seed: fc.nat(),
    stride: fc.integer({ min: 1, max: 2 }),
    groups: fc.constantFrom(1, 2, 4),
    bias: fc.boolean(),
  });
  const kinds = fc.constantFrom("conv", "deconv", "linear");
  fc.assert(
    fc.property(options, kinds, fc.boolean(), (option, kind, chained) => {
      const image = g.image(4, 5, 6, { batch: 2 });
      const once = {
        conv: () => g.conv(image, 8, option),
        deconv: () => g.deconv(image, 8, option),
        linear: () => g.linear(g.flatten(image), 8, option),
      }[kind]();
      const normed = g.norm(once, { seed: option.seed + 1 });
      const graph = g.returns(chained ? g.norm(normed, { seed: 50 }) : normed);
      const folded = runPass(foldBatchNorm, graph);
      expect(printGraph(folded)).not.toContain("batchNorm");
      expectSameMeaning(folded, graph);
    }),
    { numRuns: 30 },
  );
});
