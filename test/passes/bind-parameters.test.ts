import { expect, test } from "vitest";
import { Report } from "../../src/diagnostics/report.js";
import { build } from "../../src/ir/build.js";
import type { Graph } from "../../src/ir/graph.js";
import type { Role } from "../../src/ir/ops/leaf.js";
import { bindParameters } from "../../src/passes/bind-parameters.js";
import { initialise } from "../../src/weights/initialise.js";
import { storeOf, type Tensor } from "../../src/weights/store.js";
import * as g from "../support/graphs.js";

const parameter = (path: string, shape: readonly number[], role: Role = "parameter") =>
  build("parameter", {}, { path, role, shape }, { name: path });

const tensor = (...shape: number[]): Tensor => {
  const size = shape.reduce((product, n) => product * n, 1);
  return { dtype: "float32", shape, data: Float32Array.from({ length: size }, (_, i) => i + 1) };
};

const scale = parameter("norm.scale", [3]);
const network = g.returns(
  g.add(g.mul(g.mul(g.input([2, 3]), scale), scale), parameter("shift", [], "statistic")),
);

function bind(tensors: Record<string, Tensor>): { graph: Graph; messages: string[] } {
  const report = new Report();
  const source = { kind: "store", store: storeOf(tensors), name: "w.safetensors" } as const;
  const graph = bindParameters(network, source, report);
  return { graph, messages: report.diagnostics.map(({ name, message }) => `${name}: ${message}`) };
}

const constants = (graph: Graph) =>
  graph.nodes.flatMap((node) =>
    node.op === "constant" ? [[node.name, node.attrs.role, ...node.attrs.data]] : [],
  );

test("parameters become constants of their role, named after their paths", () => {
  const { graph, messages } = bind({ "norm.scale": tensor(3), shift: tensor() });
  expect(messages).toEqual([]);
  expect(constants(graph)).toEqual([
    ["norm.scale", "parameter", 1, 2, 3],
    ["shift", "statistic", 1],
  ]);
});

test("other element types become float32, and counters of training steps are ignored", () => {
  const { graph, messages } = bind({
    "norm.scale": { dtype: "float16", shape: [3], data: Uint16Array.of(0x3c00, 0xc000, 0) },
    shift: { dtype: "int64", shape: [], data: BigInt64Array.of(-4n) },
    "norm.num_batches_tracked": { dtype: "int64", shape: [], data: BigInt64Array.of(9n) },
    num_batches_tracked: { dtype: "int64", shape: [], data: BigInt64Array.of(9n) },
  });
  expect(messages).toEqual([]);
  expect(constants(graph).map((numbers) => numbers.slice(2))).toEqual([[1, -2, 0], [-4]]);
});

test("all tensors that are missing, unused or misshapen are listed", () => {
  const { graph, messages } = bind({ "norm.scales": tensor(3), other: tensor(7) });
  expect(graph).toBe(network);
  expect(messages).toEqual([
    "weights-missing: w.safetensors lacks 2 tensors of the network:\n" +
      "  norm.scale [3] (nearest: norm.scales)\n  shift []",
    "weights-unused: w.safetensors has 2 tensors that the network does not use:\n" +
      "  norm.scales [3] (nearest: norm.scale)\n  other [7]",
  ]);
  expect(bind({ "norm.scale": tensor(1, 3), shift: tensor(1) }).messages).toEqual([
    "weights-misshapen: w.safetensors has 2 tensors of another shape than the network's:\n" +
      "  norm.scale is [1,3], the network needs [3]\n  shift is [1], the network needs []",
  ]);
});

test("a path is a name and nothing else", () => {
  const odd = g.returns(parameter("__proto__", [1]), parameter("constructor", [1]));
  const report = new Report();
  const source = { kind: "store", store: storeOf({}), name: "w" } as const;
  expect(bindParameters(odd, source, report)).toBe(odd);
  expect(report.diagnostics[0]!.message).toContain("__proto__ [1]\n  constructor [1]");
});

test("seeded numbers depend on the path", () => {
  const report = new Report();
  const seeded = bindParameters(network, { kind: "initialise", with: "he", seed: 4 }, report);
  expect(constants(seeded)[0]).toEqual([
    "norm.scale",
    "parameter",
    ...initialise("he", 4, "norm.scale", [3]),
  ]);
});
