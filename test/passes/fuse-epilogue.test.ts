import { expect, test } from "vitest";
import type { Value } from "../../src/ir/graph.js";
import { printGraph } from "../../src/ir/print.js";
import { fuseEpilogue } from "../../src/passes/fuse-epilogue.js";
import * as g from "../support/graphs.js";
import { randomGraph } from "../support/random-graph.js";
import { expectSameMeaning, runPass } from "../support/run-pass.js";

const tanh = (value: Value) => g.unary(value, { kind: "tanh" });

/** The printed nodes after fusing, without the line of inputs; the meaning is checked. */
function fuse(...outputs: readonly Value[]): string[] {
  const graph = g.returns(...outputs);
  const fused = runPass(fuseEpilogue, graph);
  expectSameMeaning(fused, graph, 1e-15);
  return printGraph(fused).split("\n").slice(1);
}

test("a residual sum and its activation go into the convolution", () => {
  const x = g.relu(g.maxPool(g.image(4, 6)));
  const first = g.relu(g.conv(x, 4, { name: "conv1" }));
  const body = g.conv(first, 4, { name: "conv2", seed: 5 });
  expect(fuse(g.relu(g.add(x, body)))).toEqual([
    "%0 = maxPool(@x) kernel=2 stride=2 : f32[1,4,3,3]",
    "%1 = relu(%0) : f32[1,4,3,3]",
    "%2 = conv2d(%1, @conv1.weight, @conv1.bias) pads=[1,1,1,1] -> relu : f32[1,4,3,3]  // conv1",
    "%3 = conv2d(%2, @conv2.weight, @conv2.bias) pads=[1,1,1,1] -> add(%1, it) -> relu : f32[1,4,3,3]  // conv2",
    "return y=%3",
  ]);
});

test("of two convolutions the right one takes the sum, since it stands later", () => {
  const x = g.image(3, 4);
  const left = g.conv(x, 2, { name: "shortcut", kernel: 1 });
  const right = g.conv(x, 2, { name: "body", seed: 3 });
  expect(fuse(g.add(left, right))).toEqual([
    "%0 = conv2d(@x, @shortcut.weight, @shortcut.bias) : f32[1,2,4,4]  // shortcut",
    "%1 = conv2d(@x, @body.weight, @body.bias) pads=[1,1,1,1] -> add(%0, it) : f32[1,2,4,4]  // body",
    "return y=%1",
  ]);
});

test("products and differences keep their sides, per channel and for single numbers", () => {
  const conv = g.conv(g.image(3, 4), 2, { kernel: 1, name: "conv" });
  const scaled = g.mul(g.literal([2, 1, 1], [2, 3], "s"), conv);
  const from = g.binary("sub", g.literal([], [1]), scaled);
  expect(fuse(g.prelu(from, 3))[0]).toBe(
    "%0 = conv2d(@x, @conv.weight, @conv.bias) -> mul(@s, it) -> sub(1, it) -> prelu(@slope) : f32[1,2,4,4]  // conv",
  );
});

test("deconvolutions and matrix products take epilogues too", () => {
  const deconv = tanh(g.deconv(g.image(3, 4), 2));
  const linear = g.relu(g.linear(g.flatten(deconv), 5));
  const lines = fuse(linear);
  expect(lines[0]).toMatch(/deconv2d.* -> tanh/);
  expect(lines[2]).toMatch(/linear.* -> relu/);
});

test("what no convolution takes becomes one chain", () => {
  const x = g.image(3, 4);
  const sum = g.add(g.literal([3, 1, 1], [1, 2, 3], "shift"), g.mul(x, g.literal([], [2])));
  expect(fuse(tanh(g.binary("max", sum, g.maxPool(x, { kernel: 1 }))))).toEqual([
    "%0 = maxPool(@x) kernel=1 stride=1 : f32[1,3,4,4]",
    "%1 = elementwise(@x) -> mul(2) -> add(@shift, it) -> max(%0) -> tanh : f32[1,3,4,4]",
    "return y=%1",
  ]);
});

test("an extra that two steps read is listed once", () => {
  const [x, y] = [g.image(3, 4), g.image(3, 4, 4, { name: "y" })];
  const graph = g.returns(g.mul(g.add(g.conv(x, 3), y), y));
  const fused = runPass(fuseEpilogue, graph);
  const node = fused.outputs[0]!.value.node;
  expect(node.op === "conv2d" && node.operands.extras).toEqual([y]);
  expectSameMeaning(fused, graph, 1e-15);
});

test("a value that something else reads is made as it is", () => {
  const conv = g.conv(g.image(3, 4), 3);
  const graph = g.returns(g.relu(conv), conv);
  expect(runPass(fuseEpilogue, graph)).toBe(graph);
  const twice = g.returns(g.mul(conv, conv));
  expect(runPass(fuseEpilogue, twice)).toBe(twice);
});

test("a chain ends where something else reads it", () => {
  const shared = tanh(g.image(3, 4));
  const graph = g.returns(g.relu(shared), shared);
  expect(runPass(fuseEpilogue, graph)).toBe(graph);
});

test("a value that would have to grow is made as it is", () => {
  const small = g.conv(g.image(3, 1), 3);
  const graph = g.returns(g.add(small, g.image(3, 4, 4, { name: "y" })));
  expect(runPass(fuseEpilogue, graph)).toBe(graph);
  const outer = g.returns(tanh(g.add(g.input([4, 1]), g.input([1, 4], "y"))));
  expect(runPass(fuseEpilogue, outer)).toBe(outer);
});

test("a gate goes into the last of what it gates, not into a cycle", () => {
  const conv = g.conv(g.image(3, 4), 3);
  const gate = g.unary(g.conv(g.gap(conv), 3, { seed: 9 }), { kind: "sigmoid" });
  const lines = fuse(g.mul(conv, gate));
  expect(lines.join("\n")).toMatch(/mul\(%0, %2\)/);
});

test("fusing never changes what a graph computes", () => {
  for (let seed = 1; seed <= 40; seed++) {
    const graph = randomGraph(seed, { steps: 5, elements: 500 });
    expectSameMeaning(runPass(fuseEpilogue, graph), graph, 1e-12);
  }
});

test("a kernel takes 32 steps, and the next one what follows", () => {
  const chained = (value: Value, length: number): Value =>
    Array.from({ length }).reduce<Value>(
      (last, _, at) => (at % 2 ? tanh(last) : g.relu(last)),
      value,
    );
  const arrows = (line: string) => line.split(" -> ").length - 1;
  const lines = fuse(chained(g.conv(g.image(2, 3), 2), 80)).slice(0, -1);
  expect(arrows(lines[0]!)).toBe(32);
  expect(lines.length).toBeGreaterThan(2);
  expect(lines.length).toBeLessThan(8);
});

test("a chain reads at most as many other values as it has steps", () => {
  const summed = Array.from({ length: 150 }).reduce<Value>(
    (last, _, at) => g.add(last, g.weights([1, 2, 1, 1], at)),
    g.image(2, 1),
  );
  const longest = Math.max(
    ...runPass(fuseEpilogue, g.returns(summed)).nodes.map((node) =>
      node.op === "elementwise" ? node.operands.extras.length : 0,
    ),
  );
  expect(longest).toBeGreaterThan(8);
  expect(longest).toBeLessThanOrEqual(32);
});
