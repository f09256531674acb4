import { expect, test } from "vitest";
import { build } from "../../src/ir/build.js";
import type { Value } from "../../src/ir/graph.js";
import { printGraph } from "../../src/ir/print.js";
import { rewriteGraph } from "../../src/ir/rewrite.js";
import { defineRule } from "../../src/ir/rule.js";
import { sweepForward } from "../../src/ir/sweep-forward.js";
import { verify } from "../../src/ir/verify.js";
import { add, image, relu, returns, split, transpose, unary } from "../support/graphs.js";

const x = image(2, 3);
const neg = (value: Value) => unary(value, { kind: "neg" });
const free = () => ({ left: Number.POSITIVE_INFINITY });

/** relu(transpose(x)) = transpose(relu(x)), unless something else reads the transposed value. */
const sink = defineRule({
  name: "sink",
  op: "unary",
  exactness: "bitwise",
  apply(node, uses) {
    const turned = node.operands.input;
    if (turned.node.op !== "transpose" || uses(turned) > 1) return undefined;
    const { input } = turned.node.operands;
    const sunk = build("unary", { input }, node.attrs, node);
    return build("transpose", { input: sunk }, turned.node.attrs);
  },
});

/** neg(neg(x)) = x, unless something else reads the inner one. */
const cancel = defineRule({
  name: "cancel",
  op: "unary",
  exactness: "bitwise",
  apply(node, uses) {
    const { input } = node.operands;
    const inner = input.node;
    if (node.attrs.fn.kind !== "neg" || inner.op !== "unary" || uses(input) > 1) return undefined;
    return inner.attrs.fn.kind === "neg" ? inner.operands.input : undefined;
  },
});

const chain = (value: Value, length: number): Value =>
  Array.from({ length }).reduce<Value>((last) => relu(last), value);

test("what sinks through a chain is at its end after one sweep", () => {
  const graph = returns(chain(transpose(x, 0, 2, 3, 1), 50));
  const swept = sweepForward(graph, [sink], free());
  verify(swept.graph);
  expect(swept.fired).toHaveLength(50);
  expect(swept.graph.outputs[0]!.value.node.op).toBe("transpose");
  expect(sweepForward(swept.graph, [sink], free()).fired).toEqual([]);
});

test("a chain that is longer than the sweeps from the outputs down comes to rest", () => {
  const graph = returns(chain(transpose(x, 0, 2, 3, 1), 3000));
  const { graph: rewritten, fired } = rewriteGraph(graph, [sink]);
  expect(fired).toHaveLength(3000);
  expect(rewritten.nodes.at(-1)?.op).toBe("transpose");
});

test("a value that two nodes read counts as read by both, also once it is rewritten", () => {
  const shared = relu(transpose(x, 0, 2, 3, 1));
  const { graph, fired } = sweepForward(returns(relu(shared), neg(shared)), [sink], free());
  verify(graph);
  expect(fired).toHaveLength(1);
  expect(graph.nodes.filter(({ op }) => op === "transpose")).toHaveLength(1);
});

test("a reader that a rewrite removed no longer counts", () => {
  const inner = neg(x);
  const dropsLeft = defineRule({
    name: "drops-left",
    op: "binary",
    exactness: "bitwise",
    apply: (node) => node.operands.right,
  });
  const graph = returns(neg(add(relu(inner), inner)));
  const swept = sweepForward(graph, [dropsLeft, cancel], free());
  expect(swept.fired.map(({ rule }) => rule)).toEqual(["drops-left", "cancel"]);
  expect(swept.graph.outputs[0]!.value).toBe(swept.graph.inputs[0]!.value);
});

test("a node of several results is replaced by as many values", () => {
  const parts = split(neg(x), [1, 1]);
  const turns = defineRule({
    name: "turns",
    op: "split",
    exactness: "bitwise",
    apply: ({ operands: { input } }) =>
      input.node.op === "unary" ? split(input.node.operands.input, [1, 1]).map(relu) : undefined,
  });
  const sum = add(relu(parts[0]!), neg(parts[1]!));
  const { graph, fired } = sweepForward(returns(sum), [turns, cancel], free());
  verify(graph);
  expect(fired).toHaveLength(1);
  expect(printGraph(graph)).toContain("split(@x)");
});

test("the budget ends the sweep", () => {
  const graph = returns(chain(transpose(x, 0, 2, 3, 1), 5));
  const budget = { left: 2 };
  const swept = sweepForward(graph, [sink], budget);
  expect([swept.fired.length, budget.left]).toEqual([2, 0]);
  expect(printGraph(swept.graph).split("\n")[3]).toContain("transpose");
});

test("a graph that no rule matches comes back as the same object", () => {
  const graph = returns(chain(x, 3));
  expect(sweepForward(graph, [sink, cancel], free()).graph).toBe(graph);
});
