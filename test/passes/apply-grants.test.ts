import { expect, test } from "vitest";
import { Report } from "../../src/diagnostics/report.js";
import { build } from "../../src/ir/build.js";
import { withData } from "../../src/ir/constants.js";
import type { Grant, Graph, Node, NodeOf } from "../../src/ir/graph.js";
import { grantsPass } from "../../src/passes/apply-grants.js";
import type { Calibration } from "../../src/passes/calibration.js";
import { computeByMeaning } from "../../src/passes/grants/compute-by-meaning.js";
import type { RewriteWithin } from "../../src/passes/grants/family.js";
import type { GateRecord } from "../../src/passes/grants/gate-record.js";
import type { Moments } from "../../src/passes/grants/moments.js";
import { contextFor } from "../../src/passes/run.js";
import type { StructureChange } from "../../src/passes/structure-change.js";
import * as g from "../support/graphs.js";
import { noise } from "../support/noise.js";

/** Convolutions whose kernels are marked as cheap take a tenth of the time. */
const predictMs = (node: Node): number => {
  if (node.op !== "conv2d") return 0;
  return node.operands.weight.node.name.endsWith("cheap") ? 1 : 10;
};

/** Takes every weight and bias times 1 − 0.9 · tolerance, and says so: the error is that of the output, too. */
const shrinking: RewriteWithin = (conv, tolerance) => scaled(conv, 0.9 * tolerance);

function scaled(conv: NodeOf<"conv2d">, error: number, claimed = error) {
  const { weight, bias } = conv.operands;
  const data = (value: typeof weight) =>
    value.node.op === "constant" ? value.node.attrs.data.map((x) => x * (1 - error)) : undefined;
  const cheap = build(
    "constant",
    {},
    { role: "parameter", shape: weight.type.shape, data: data(weight)! },
    { name: "cheap" },
  );
  const operands = { ...conv.operands, weight: cheap, bias: bias && withData(bias, data(bias)!) };
  const value = build("conv2d", operands, conv.attrs, conv);
  const told = { family: "smaller", label: "approximate", outputError: Number.NaN } as const;
  return { value, replaces: [conv], ...told, weightError: claimed, reason: "it is a test" };
}

/** Two convolutions, `a.0` and `a.1`, then a third, `b`. */
function chain(...grants: readonly Grant[]): Graph {
  const first = g.conv(g.image(2, 6, 5), 3, { name: "a.0", seed: 3 });
  const second = g.conv(first, 4, { name: "a.1", seed: 4, stride: 2 });
  return { ...g.returns(g.conv(second, 2, { name: "b", seed: 5 })), grants };
}

const separate = (path: string, within: number): Grant => ({ kind: "separate", path, within });

const sample = (seed: number) => new Map([["x", noise(60, seed)]]);
const calibration: Calibration = {
  fit: [sample(1), sample(2)],
  heldOut: [sample(3)],
  compute: computeByMeaning,
};

function apply(graph: Graph, family: RewriteWithin = shrinking, data?: Calibration) {
  const report = new Report();
  const made: [string, StructureChange | undefined][] = [];
  let gate: GateRecord | undefined;
  const refused: string[] = [];
  const context = {
    ...contextFor({ predictMs, report, ...(data ? { calibration: data } : {}) }),
    record: ({ name }: Node, change?: StructureChange) => made.push([name, change]),
    refuse: ({ name }: Node, reason: string) => refused.push(`${name}: ${reason}`),
    measured: (record: GateRecord) => {
      gate = record;
    },
  };
  const result = grantsPass({ separate: family }).run(graph, context);
  const told = report.diagnostics.map(({ severity, message }) => `${severity}: ${message}`);
  return { result, made, layers: made.map(([name]) => name), told, gate, refused };
}

test("a graph without grants is left alone", () => {
  const graph = chain({ kind: "verify", path: "", within: 0.1 });
  expect(apply(graph)).toMatchObject({ result: graph, told: [], gate: undefined });
});

test("a grant holds for the layer or the scope that it names", () => {
  expect(apply(chain(separate("a.1", 0.01))).layers).toEqual(["a.1"]);
  expect(apply(chain(separate("a", 0.01))).layers).toEqual(["a.0", "a.1"]);
  expect(apply(chain(separate("", 0.01))).layers).toEqual(["a.0", "a.1", "b"]);
});

test("of several grants the innermost decides, then the last; one that holds for nothing is told", () => {
  const { made, told } = apply(chain(separate("a.0", 0.1), separate("a", 0.2), separate("a", 0.3)));
  expect(made.map(([, change]) => change?.weightError)).toEqual([0.9 * 0.1, 0.9 * 0.3]);
  expect(told).toEqual([
    'warning: separate("a", within=0.2): nothing was rewritten: other lines hold for all its layers',
  ]);
});

test("without data the error of the weights decides, and outputs are compared on noise", () => {
  const { made, gate } = apply(chain(separate("b", 0.2)));
  expect(made[0]?.[1]).toMatchObject({ label: "approximate", outputError: Number.NaN });
  expect(gate).toMatchObject({ data: "noise", samples: 8, undone: [] });
  expect(gate).not.toHaveProperty("agreement");
  expect(gate?.relativeError).toBeCloseTo(0.18, 5);
});

test("with data what a family says of its weights is not believed", () => {
  const lying: RewriteWithin = (conv, tolerance) => scaled(conv, 2 * tolerance, 0.1);
  const { made, gate } = apply(chain(separate("b", 0.2)), lying, calibration);
  const outputError = made[0]?.[1]?.outputError ?? Number.NaN;
  expect(outputError).toBeLessThanOrEqual(0.2);
  expect(outputError).toBeGreaterThan(0.15);
  expect(gate).toMatchObject({ data: "held-out", samples: 1 });
});

test("weights that differ where data do not show it are called data-dependent", () => {
  const family: RewriteWithin = (conv) => scaled(conv, 0, 0.6);
  const { made } = apply(chain(separate("b", 0.01)), family, calibration);
  expect(made[0]?.[1]).toMatchObject({ label: "data-dependent", weightError: 0.6, outputError: 0 });
});

test("each layer is fitted to what arrives from the layers rewritten before it", () => {
  const seen = new Map<string, Moments | undefined>();
  const family: RewriteWithin = (conv, tolerance, context, moments) => {
    if (!seen.has(conv.name)) seen.set(conv.name, moments);
    return shrinking(conv, tolerance, context, moments);
  };
  const meanOf = (name: string) => seen.get(name)?.groups[0]?.mean[4] ?? Number.NaN;
  apply(chain(separate("a.1", 0.5)), family, calibration);
  const before = meanOf("a.1");
  seen.clear();
  apply(chain(separate("a", 0.5)), family, calibration);
  expect(seen.get("a.0")?.groups[0]?.mean.length).toBe(18);
  expect(Math.abs(before)).toBeGreaterThan(1e-3);
  expect(meanOf("a.1") / before).toBeGreaterThan(0.49);
  expect(meanOf("a.1") / before).toBeLessThan(0.56);
});

test("over the limit the rewrite that saves least for its error is undone first", () => {
  const verify: Grant = { kind: "verify", path: "", within: 0.25 };
  const graph = chain(separate("a", 0.1), separate("b", 0.4), verify);
  const { layers, gate, told, refused } = apply(graph, shrinking, calibration);
  expect(layers).toEqual(["a.0", "a.1"]);
  expect(gate).toMatchObject({ undone: ["b"], limit: 0.25 });
  expect(gate?.relativeError).toBeLessThan(0.25);
  expect(told).toEqual([
    'warning: separate("b", within=0.4): undone for b: the outputs would move further than verify allows',
  ]);
  expect(refused).toEqual(["b: undone: the outputs would move further than verify allows"]);
});

test("outputs that are no numbers are an error where a limit is set", () => {
  const compute: Calibration["compute"] = (graph, samples) =>
    computeByMeaning(graph, samples).map(
      (outputs) => new Map([...outputs].map(([name, data]) => [name, data.fill(Number.NaN)])),
    );
  const graph = chain(separate("b", 0.1), { kind: "verify", path: "", within: 0.9 });
  const noisy: Calibration = { ...calibration, isNoise: true, compute };
  const { result, told } = apply(graph, shrinking, noisy);
  expect(result).toBe(graph);
  expect(told[0]).toContain("error: verify(within=0.9): how far the outputs move is unknown");
});

test("a layer that nothing brings within its grant keeps its form, and the closest is told", () => {
  const coarse: RewriteWithin = (conv, tolerance) =>
    tolerance < 0.5 ? { refused: "nothing is that close" } : scaled(conv, 0.4);
  for (const data of [undefined, calibration]) {
    const { result, told } = apply(chain(separate("b", 0.1)), coarse, data);
    expect(result.nodes.some(({ name }) => name === "cheap")).toBe(false);
    expect(told).toEqual([
      'warning: separate("b", within=0.1): nothing was rewritten; b: the best found has an error of 0.4',
    ]);
  }
  const never: RewriteWithin = () => ({ refused: "it is round" });
  expect(apply(chain(separate("b", 0.1)), never).told[0]).toContain("b: it is round");
});

test("what would not be faster is not made", () => {
  const dear: RewriteWithin = (conv) => ({
    ...scaled(conv, 0.01),
    value: g.conv(conv.operands.input, 2),
  });
  expect(apply(chain(separate("b", 0.1)), dear).told[0]).toContain("smaller would not be faster");
});
