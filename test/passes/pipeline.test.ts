import { expect, test } from "vitest";
import { Report } from "../../src/diagnostics/report.js";
import { printGraph } from "../../src/ir/print.js";
import { runPasses } from "../../src/passes/run.js";
import * as g from "../support/graphs.js";
import { randomGraph } from "../support/random-graph.js";
import { expectSameMeaning } from "../support/run-pass.js";

const report = new Report();

test("exact rewrites never change what a network computes, and leave nothing to rewrite", () => {
  const fired = new Set<string>();
  for (let seed = 1; seed <= 200; seed++) {
    const graph = randomGraph(seed, { steps: 5, elements: 400 });
    const { graph: rewritten, passes } = runPasses(graph, { level: 1, verifyEach: true, report });
    expectSameMeaning(rewritten, graph, 2e-6);
    expect(runPasses(rewritten, { level: 1, report }).graph, `seed ${seed}`).toBe(rewritten);
    for (const { name, changes } of passes) if (changes > 0) fired.add(name);
  }
  expect(fired).toContain("fold-batch-norm");
  expect(fired).toContain("flatten-linear");
  expect(fired).toContain("fuse-epilogue");
});

test("a residual block with batch norms becomes two convolutions", () => {
  const x = g.maxPool(g.image(3, 8));
  const first = g.relu(g.norm(g.conv(x, 3, { name: "conv1" }), { name: "bn1" }));
  const body = g.norm(g.conv(first, 3, { name: "conv2", seed: 2 }), { name: "bn2", seed: 20 });
  const { graph } = runPasses(g.returns(g.relu(g.add(x, body))), { level: 1, report });
  expect(printGraph(graph).split("\n").slice(1)).toEqual([
    "%0 = maxPool(@x) kernel=2 stride=2 : f32[1,3,4,4]",
    "%1 = conv2d(%0, @conv1.weight, @conv1.bias) pads=[1,1,1,1] -> relu : f32[1,3,4,4]  // conv1",
    "%2 = conv2d(%1, @conv2.weight, @conv2.bias) pads=[1,1,1,1] -> add(%0, it) -> relu : f32[1,3,4,4]  // conv2",
    "return y=%2",
  ]);
});

test("a classifier's first product reads the image where it lies, with its activation", () => {
  const features = g.flatten(g.dropout(g.maxPool(g.image(3, 8))));
  const hidden = g.relu(g.norm(g.linear(features, 5, { name: "fc1" })));
  const { graph } = runPasses(g.returns(g.linear(hidden, 2, { name: "fc2" })), {
    level: 1,
    report,
  });
  expect(printGraph(graph).split("\n").slice(2)).toEqual([
    "%1 = conv2d(%0, @fc1.weight, @fc1.bias) -> relu : f32[1,5,1,1]  // fc1",
    "%2 = reshape(%1) : f32[1,5]",
    "%3 = linear(%2, @fc2.weight, @fc2.bias) : f32[1,2]  // fc2",
    "return y=%3",
  ]);
});

test("a batch norm that nothing takes is fused with the activation after it", () => {
  const x = g.concat([g.image(3, 4), g.image(2, 4, 4, { name: "y" })]);
  const conv = g.conv(g.relu(g.norm(x, { name: "norm" })), 2, { name: "conv" });
  const { graph } = runPasses(g.returns(conv), { level: 1, report });
  expect(printGraph(graph)).toContain(
    "%1 = elementwise(%0) -> mul(@norm.scale) -> add(@norm.shift) -> relu : f32[1,5,4,4]",
  );
});
