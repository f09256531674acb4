import { expect, test } from "vitest";
import { printGraph } from "../../src/ir/print.js";
import { foldConstants } from "../../src/passes/fold-constants.js";
import { lowerBatchNorm } from "../../src/passes/lower-batch-norm.js";
import * as g from "../support/graphs.js";
import { expectSameMeaning, runPass } from "../support/run-pass.js";

test("a batch norm becomes a product and a sum", () => {
  const graph = g.returns(g.norm(g.image(3, 8), { name: "bn1" }));
  const lowered = runPass(lowerBatchNorm, graph);
  expect(printGraph(lowered)).toBe(
    [
      "graph test(@x: f32[1,3,8,8])",
      "%0 = mul(@x, @bn1.scale) : f32[1,3,8,8]",
      "%1 = add(%0, @bn1.shift) : f32[1,3,8,8]  // bn1",
      "return y=%1",
    ].join("\n"),
  );
  expectSameMeaning(lowered, graph);
});

test("a batch norm of vectors does too", () => {
  const graph = g.returns(g.norm(g.input([2, 5])));
  const lowered = runPass(lowerBatchNorm, graph);
  expect(printGraph(lowered)).not.toContain("batchNorm");
  expectSameMeaning(lowered, graph);
});

test("where a parameter is known only at run time, nodes compute the factors", () => {
  const variance = g.unary(g.input([3], "spread"), { kind: "abs" });
  const graph = g.returns(g.norm(g.image(3, 4), { variance }));
  const lowered = runPass(lowerBatchNorm, graph);
  expect(printGraph(lowered)).toContain("sqrt");
  expectSameMeaning(lowered, graph);
  expectSameMeaning(runPass(foldConstants, lowered), graph);
});

test("a graph without batch norms stays the same", () => {
  const graph = g.returns(g.relu(g.image(3, 4)));
  expect(runPass(lowerBatchNorm, graph)).toBe(graph);
});
