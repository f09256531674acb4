import { expect, test } from "vitest";
import { build } from "../../src/ir/build.js";
import { evaluate } from "../../src/ir/evaluate.js";
import type { Graph } from "../../src/ir/graph.js";
import { printGraph } from "../../src/ir/print.js";
import { defineRule, mapGraph, rewriteGraph, usesOf } from "../../src/ir/rewrite.js";
import { verify } from "../../src/ir/verify.js";
import { expectClose } from "../support/close.js";
import {
  add,
  conv,
  dropout,
  flatten,
  image,
  noiseFor,
  relu,
  returns,
  split,
  unary,
} from "../support/graphs.js";

const dropDropout = defineRule({
  name: "drop-dropout",
  op: "dropout",
  exactness: "bitwise",
  apply: (node) => node.operands.input,
});

/** neg(neg(x)) = x, unless something else reads the inner one. */
const cancelNegation = defineRule({
  name: "cancel-negation",
  op: "unary",
  exactness: "bitwise",
  apply(node, uses) {
    const inner = node.operands.input.node;
    if (node.attrs.fn.kind !== "neg" || inner.op !== "unary") return undefined;
    if (inner.attrs.fn.kind !== "neg" || uses(node.operands.input) > 1) return undefined;
    return inner.operands.input;
  },
});

const neg = (value: Parameters<typeof relu>[0]) => unary(value, { kind: "neg" });
const x = image(2, 3);
const rewrite = (graph: Graph, ...rules: Parameters<typeof rewriteGraph>[1]) => {
  const result = rewriteGraph(graph, rules);
  verify(result.graph);
  return { ...result, names: result.fired.map(({ rule }) => rule) };
};

test("a graph that no rule matches comes back as the same object", () => {
  const graph = returns(relu(x));
  const { graph: same, fired } = rewrite(graph, dropDropout, cancelNegation);
  expect(same).toBe(graph);
  expect(fired).toEqual([]);
});

test("a rule's value stands in place of the node for all its readers", () => {
  const dropped = dropout(relu(x));
  const { graph, fired } = rewrite(returns(add(dropped, dropped), dropped), dropDropout);
  expect(printGraph(graph)).toBe(
    [
      "graph test(@x: f32[1,2,3,3])",
      "%0 = relu(@x) : f32[1,2,3,3]",
      "%1 = add(%0, %0) : f32[1,2,3,3]",
      "return y0=%1, y1=%0",
    ].join("\n"),
  );
  expect(fired).toEqual([{ rule: "drop-dropout", node: dropped.node }]);
});

test("nodes that nothing changed below are shared by identity", () => {
  const kept = conv(x, 2);
  const { graph } = rewrite(returns(add(kept, dropout(kept))), dropDropout);
  const sum = graph.outputs[0]!.value.node;
  if (sum.op !== "binary") throw new Error("no sum");
  expect(sum.operands.left).toBe(kept);
  expect(sum.operands.right).toBe(kept);
});

test("chains fold in one sweep after the other", () => {
  const { graph, names } = rewrite(
    returns(neg(neg(neg(neg(dropout(x)))))),
    dropDropout,
    cancelNegation,
  );
  expect(graph.outputs[0]!.value).toBe(graph.inputs[0]!.value);
  expect(names.toSorted()).toEqual(["cancel-negation", "cancel-negation", "drop-dropout"]);
});

test("uses counts readers twice when they read twice, and outputs", () => {
  const [once, twice] = [neg(x), relu(x)];
  const uses = usesOf(returns(add(twice, twice), add(once, twice), twice));
  expect([uses(once), uses(twice), uses(x)]).toEqual([1, 4, 2]);
});

test("a rule that must own its operand leaves a shared one alone", () => {
  const inner = neg(x);
  const shared = returns(neg(inner), inner);
  expect(rewrite(shared, cancelNegation).graph).toBe(shared);
});

test("matches see the graph as it stood before the sweep", () => {
  const seen: string[] = [];
  const spy = defineRule({
    name: "spy",
    op: ["unary", "dropout"],
    exactness: "bitwise",
    apply: (node) => {
      seen.push(`${node.op}(${node.operands.input.node.op})`);
      return node.op === "dropout" ? node.operands.input : undefined;
    },
  });
  rewrite(returns(relu(dropout(x))), spy);
  expect(seen).toEqual(["unary(dropout)", "dropout(input)", "unary(input)"]);
});

test("what a replacement no longer needs is not rewritten", () => {
  const skip = defineRule({
    name: "skip",
    op: "unary",
    exactness: "bitwise",
    apply: (node) =>
      node.operands.input.node.op === "dropout"
        ? relu(node.operands.input.node.operands.input)
        : undefined,
  });
  expect(rewrite(returns(neg(dropout(x))), dropDropout, skip).names).toEqual(["skip"]);
});

test("the budget stops after so many rewrites", () => {
  const graph = returns(dropout(dropout(dropout(x))));
  const budget = { left: 2 };
  const { graph: partly, fired } = rewriteGraph(graph, [dropDropout], budget);
  expect(fired.length).toBe(2);
  expect(budget.left).toBe(0);
  expect(printGraph(partly).match(/dropout/g)?.length).toBe(1);
  expect(rewriteGraph(graph, [dropDropout], { left: 0 }).graph).toBe(graph);
});

test("a change of type is refused with the rule's name", () => {
  const flattens = defineRule({
    name: "flattens",
    op: "unary",
    exactness: "bitwise",
    apply: (node) => flatten(node.operands.input),
  });
  expect(() => rewrite(returns(relu(x)), flattens)).toThrow(
    "flattens changes unary  from f32[1,2,3,3] to f32[1,18]",
  );
});

test("a replacement that reads what it replaces is refused", () => {
  const wraps = defineRule({
    name: "wraps",
    op: "dropout",
    exactness: "bitwise",
    apply: (node) => relu(node.results[0]!),
  });
  expect(() => rewrite(returns(dropout(x)), wraps)).toThrow("wraps reads dropout");
});

test("rules that never come to rest are reported", () => {
  const flips = defineRule({
    name: "flips",
    op: "dropout",
    exactness: "bitwise",
    apply: (node) => dropout(node.operands.input, 1 - node.attrs.rate),
  });
  expect(() => rewrite(returns(dropout(x, 0.25)), flips)).toThrow(
    "rules do not come to rest on test: flips",
  );
});

test("a node with several results is replaced result by result", () => {
  const swaps = defineRule({
    name: "slices",
    op: "split",
    exactness: "bitwise",
    apply: (node) =>
      node.results.map((value, index) => {
        const starts = [0, index, 0, 0];
        const attrs = { starts, sizes: value.type.shape, steps: [1, 1, 1, 1] };
        return build("slice", { input: node.operands.input }, attrs);
      }),
  });
  const parts = split(x, [1, 1]);
  const graph = returns(parts[1]!, relu(parts[0]!));
  const { graph: sliced } = rewrite(graph, swaps);
  expect(printGraph(sliced)).not.toContain("split");
  const inputs = noiseFor(graph);
  expectClose(evaluate(sliced, inputs), evaluate(graph, inputs), 0);
});

test("a rule may return a tree of new nodes over old ones that change too", () => {
  const doubles = defineRule({
    name: "doubles",
    op: "unary",
    exactness: "bitwise",
    apply(node) {
      if (node.attrs.fn.kind !== "neg") return undefined;
      const { input } = node.operands;
      const zero = build("binary", { left: input, right: input }, { fn: "sub" });
      return build("binary", { left: zero, right: input }, { fn: "sub" });
    },
  });
  const graph = returns(neg(dropout(relu(x))));
  const { graph: result } = rewrite(graph, doubles, dropDropout);
  expect(printGraph(result)).toContain("%1 = sub(%0, %0) : f32[1,2,3,3]\n%2 = sub(%1, %0)");
  const inputs = noiseFor(graph);
  expectClose(evaluate(result, inputs), evaluate(graph, inputs), 0);
});

test("mapGraph shows every node with its operands rebuilt", () => {
  const graph = returns(neg(dropout(relu(x))));
  const swapped = mapGraph(graph, (node) => {
    if (node.op === "dropout") return node.operands.input;
    return node.op === "unary" && node.attrs.fn.kind === "relu"
      ? neg(node.operands.input)
      : undefined;
  });
  verify(swapped);
  expect(printGraph(swapped)).toContain("%0 = neg(@x) : f32[1,2,3,3]\n%1 = neg(%0)");
  expect(mapGraph(graph, () => undefined)).toBe(graph);
  expect(() => mapGraph(graph, (node) => (node.op === "dropout" ? flatten(x) : undefined))).toThrow(
    "is replaced by f32[1,18]",
  );
});

test("ten thousand nodes in a row neither overflow nor crawl", () => {
  let value = x;
  for (let i = 0; i < 10_000; i++) value = i % 2 ? dropout(value) : relu(value);
  const { graph, fired } = rewrite(returns(value), dropDropout);
  expect(fired.length).toBe(5000);
  expect(graph.nodes.length).toBe(5001);
});
