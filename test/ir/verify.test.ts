import { expect, test } from "vitest";
import { build } from "../../src/ir/build.js";
import type { Graph, Node, Value } from "../../src/ir/graph.js";
import { f32 } from "../../src/ir/types.js";
import { verify } from "../../src/ir/verify.js";
import { add, conv, image, relu, returns } from "../support/graphs.js";
import { randomGraph } from "../support/random-graph.js";

const x = image(2, 3);
const graph = returns(relu(conv(x, 2, { name: "c" })));
const failure = (broken: Graph): string => {
  try {
    verify(broken);
  } catch (error) {
    if (error instanceof Error) return `${error.name}: ${error.message}`;
  }
  return "nothing failed";
};

test("graphs that builders make hold together", () => {
  for (let seed = 0; seed < 50; seed++) verify(randomGraph(seed));
  expect(failure(graph)).toBe("nothing failed");
});

test("nodes out of order, repeated or missing are found", () => {
  const { nodes } = graph;
  expect(failure({ ...graph, nodes: nodes.toReversed() })).toMatch(
    "InternalError: graph test: unary does not stand after conv2d c",
  );
  expect(failure({ ...graph, nodes: [...nodes, nodes.at(-1)!] })).toMatch("unary stands twice");
  expect(failure({ ...graph, nodes: nodes.slice(1) })).toMatch("does not stand after");
  expect(failure({ ...graph, nodes: nodes.slice(0, -1) })).toMatch("output y is no value");
});

/** The graph with its last node replaced by an altered copy. */
function altered(alter: (node: Node) => Partial<Node>, keepsBackLink = true): Graph {
  const last = graph.nodes.at(-1)!;
  const copy = { ...last, ...alter(last) } as Node;
  const results: Value[] = [];
  Object.assign(copy, { results });
  for (const value of alter(last).results ?? last.results) {
    results.push({ ...value, node: keepsBackLink ? copy : value.node });
  }
  const outputs = [{ name: "y", value: results[0]! }];
  return { ...graph, nodes: [...graph.nodes.slice(0, -1), copy], outputs };
}

test("types that the operator does not infer are found", () => {
  const wrong = altered((node) => ({ results: [{ ...node.results[0]!, type: f32(1, 2, 3, 4) }] }));
  expect(failure(wrong)).toMatch("unary is f32[1,2,3,4] but infers f32[1,2,3,3]");
  const more = altered((node) => ({ results: [node.results[0]!, node.results[0]!] }));
  expect(failure(more)).toMatch("unary has 2 results instead of 1");
  const clip = { fn: { kind: "clip", min: 1, max: 0 } } as const;
  expect(failure(altered(() => ({ attrs: clip })))).toMatch(
    "unary does not fit its operands: attribute-range",
  );
});

test("results and operands that are not the node's own are found", () => {
  expect(failure(altered(() => ({}), false))).toMatch("result 0 of unary does not know its node");
  const copy = { ...graph.nodes.at(-2)!.results[0]! };
  const stranger = returns(relu(copy));
  expect(failure(stranger)).toMatch("unary reads a value that conv2d c does not have");
});

test("inputs and outputs must be named once and listed", () => {
  const [input] = graph.inputs;
  const [output] = graph.outputs;
  expect(failure({ ...graph, inputs: [input!, input!] })).toMatch("two inputs are called x");
  expect(failure({ ...graph, outputs: [output!, output!] })).toMatch("two outputs are called y");
  expect(failure({ ...graph, inputs: [] })).toMatch("input x is not listed");
  expect(failure({ ...graph, inputs: [{ ...input!, name: "z" }] })).toMatch("input z is x");
  expect(failure({ ...graph, inputs: [{ name: "y", value: output!.value }, input!] })).toMatch(
    "input y is a unary",
  );
});

test("one parameter path means one shape", () => {
  const parameter = (...shape: number[]) =>
    build("parameter", {}, { path: "w", role: "parameter", shape });
  expect(failure(returns(add(parameter(2), parameter(2))))).toBe("nothing failed");
  expect(failure(returns(add(parameter(2), parameter(1))))).toMatch(
    "parameter w is both [2] and [1]",
  );
});
