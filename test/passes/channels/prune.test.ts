import { describe, expect, test } from "vitest";
import { Report } from "../../../src/diagnostics/report.js";
import { build } from "../../../src/ir/build.js";
import { dataOf, withData } from "../../../src/ir/constants.js";
import { costOf } from "../../../src/ir/cost.js";
import { evaluate } from "../../../src/ir/evaluate.js";
import type { Grant, Graph, Node, Value } from "../../../src/ir/graph.js";
import { verify } from "../../../src/ir/verify.js";
import { applyGrants } from "../../../src/passes/apply-grants.js";
import type { Calibration } from "../../../src/passes/calibration.js";
import { computeByMeaning } from "../../../src/passes/grants/compute-by-meaning.js";
import type { GateRecord } from "../../../src/passes/grants/gate-record.js";
import { contextFor } from "../../../src/passes/run.js";
import type { StructureChange } from "../../../src/passes/structure-change.js";
import { relativeL2 } from "../../support/close.js";
import * as g from "../../support/graphs.js";
import { noise } from "../../support/noise.js";

const prune = (within: number, path = ""): Grant => ({ kind: "prune", path, within });

/** Time follows the multiply-accumulates, so that every channel counts. */
const predictMs = (node: Node): number =>
  costOf({ name: "", inputs: [], outputs: [], nodes: [node], grants: [] }).macs / 1e6;

const sample = (seed: number) => new Map([["x", noise(3 * 7 * 7, seed)]]);
const calibration: Calibration = {
  fit: [sample(1), sample(2), sample(3)],
  heldOut: [sample(4), sample(5)],
  compute: computeByMeaning,
};

function apply(graph: Graph, data?: Calibration) {
  const report = new Report();
  const changes: StructureChange[] = [];
  let gate: GateRecord | undefined;
  const refused: string[] = [];
  const result = applyGrants.run(graph, {
    ...contextFor({ predictMs, report, ...(data ? { calibration: data } : {}) }),
    record: (_, change) => change && changes.push(change),
    refuse: ({ name }, reason) => refused.push(`${name}: ${reason}`),
    measured: (record) => {
      gate = record;
    },
  });
  verify(result);
  const told = report.diagnostics.map(({ severity, message }) => `${severity}: ${message}`);
  return { result, changes, gate, refused, told };
}

const weightsIn = ({ nodes }: Graph): string[] =>
  nodes.flatMap((node) => ("weight" in node.operands ? `${node.operands.weight.type.shape}` : []));

/** A convolution whose filters are multiplied, and whose biases are set where they are given. */
function scaled(value: Value, scales: Record<number, number>, biases: Record<number, number> = {}) {
  const { node } = value;
  if (node.op !== "conv2d") throw new Error(`a ${node.op} has no filters`);
  const { weight, bias } = node.operands;
  const data = dataOf(weight)!;
  const perFilter = data.length / weight.type.shape[0]!;
  const weights = data.map((w, at) => w * (scales[Math.floor(at / perFilter)] ?? 1));
  const biased =
    bias &&
    withData(
      bias,
      dataOf(bias)!.map((b, c) => biases[c] ?? b),
    );
  const operands = { ...node.operands, weight: withData(weight, weights), bias: biased };
  return build("conv2d", operands, node.attrs, node);
}

const granted = (output: Value, ...grants: readonly Grant[]): Graph => ({
  ...g.returns(output),
  grants,
});

const image = () => g.image(3, 7);
const first = (options: g.ConvOptions = {}) => g.conv(image(), 8, { name: "a", ...options });

/** The error of the outputs on samples that no test fits anything to. */
const errorOf = (actual: Graph, expected: Graph): number =>
  Math.max(
    ...[sample(4), sample(9)].map((x) => {
      const [new_, old] = [evaluate(actual, x), evaluate(expected, x)];
      return relativeL2([...new_.values()][0]!.data, [...old.values()][0]!.data);
    }),
  );

describe("channels that weigh little", () => {
  const small = () => scaled(first(), { 1: 1e-3, 4: 2e-3, 6: 1e-3 }, { 1: 0.5, 4: 0.4, 6: 0.3 });
  const network = (...grants: Grant[]) =>
    granted(g.conv(g.relu(small()), 5, { name: "b", seed: 2, pads: 0 }), ...grants);

  test("stay without a grant, and under one for another layer", () => {
    const graph = network();
    expect(apply(graph).result === graph).toBe(true);
    const other = network(prune(0.05, "b"));
    expect(apply(other).result === other).toBe(true);
    expect(apply(other).told[0]).toContain("b: its channels are outputs, or mixed");
  });

  test.each([
    ["weights", undefined],
    ["data", calibration],
  ])("go within the grant, judged by %s", (_, data) => {
    const graph = network(prune(0.01));
    const { result, changes, gate, told } = apply(graph, data);
    expect(weightsIn(result)).toEqual(["5,3,3,3", "5,5,3,3"]);
    expect(errorOf(result, graph)).toBeLessThan(0.01);
    expect(gate?.relativeError).toBeLessThan(0.01);
    expect(told).toEqual([]);
    expect(changes[0]).toMatchObject({
      family: "prunes 3 of 8 channels",
      reason: "3 hardly more than a constant",
      label: "approximate",
    });
    expect(changes[0]?.outputError).toBe(data ? changes[0]?.outputError : Number.NaN);
    expect(changes.slice(1).map(({ family, label }) => [family, label])).toEqual([
      ["removes 3 of 8 channels", "rounding"],
      ["reads 5 of 8 channels", "rounding"],
    ]);
  });

  test("stay under a grant that is smaller than what they weigh", () => {
    for (const data of [undefined, calibration]) {
      const graph = network(prune(1e-6));
      const { result, told } = apply(graph, data);
      expect(result === graph).toBe(true);
      expect(told[0]).toContain("a: without the least of its channels the error is");
    }
  });

  test("stay where the network would not be faster", () => {
    const graph = network(prune(0.01));
    const context = { ...contextFor({ predictMs: () => 1 }) };
    expect(applyGrants.run(graph, context) === graph).toBe(true);
  });
});

describe("channels that never fire", () => {
  const idle = () => scaled(first(), {}, { 0: -30, 3: -30, 5: -30 });
  const graph = granted(g.conv(g.relu(idle()), 5, { name: "b", seed: 2 }), prune(1e-5));

  test("go with data, and what data do not show is called data-dependent", () => {
    const { result, changes } = apply(graph, calibration);
    expect(weightsIn(result)).toEqual(["5,3,3,3", "5,5,3,3"]);
    expect(errorOf(result, graph)).toBeLessThan(1e-6);
    expect(changes[0]).toMatchObject({ label: "data-dependent" });
    expect(changes[0]?.weightError).toBeGreaterThan(0.1);
  });

  test("stay without data", () => {
    expect(apply(graph).result === graph).toBe(true);
  });
});

test("constants go into biases, padding sees one of them", () => {
  const still = () => scaled(first(), { 1: 1e-4, 4: 1e-4, 6: 1e-4 }, { 1: 2, 4: 3, 6: 5 });
  const make = (pads: number) =>
    granted(g.conv(g.relu(still()), 5, { name: "b", seed: 2, pads }), prune(1e-3));
  for (const data of [undefined, calibration]) {
    const [inside, padded] = [make(0), make(1)];
    const [one, other] = [apply(inside, data).result, apply(padded, data).result];
    expect(weightsIn(one)).toEqual(["5,3,3,3", "5,5,3,3"]);
    expect(weightsIn(other)).toEqual(["6,3,3,3", "5,6,3,3"]);
    expect(errorOf(one, inside)).toBeLessThan(1e-3);
    expect(errorOf(other, padded)).toBeLessThan(1e-3);
  }
});

test("near copies of a filter become exact ones, and their weights go to it", () => {
  const x = first();
  if (x.node.op !== "conv2d") throw new Error("no convolution");
  const { weight, bias } = x.node.operands;
  const w = dataOf(weight)!.slice();
  const b = dataOf(bias!)!.slice();
  const noisy = noise(27, 77, -1e-3, 1e-3);
  w.set(
    w.subarray(54, 81).map((v, at) => 1.5 * v + noisy[at]!),
    5 * 27,
  );
  b[5] = 1.5 * b[2]!;
  const operands = { ...x.node.operands, weight: withData(weight, w), bias: withData(bias!, b) };
  const copied = build("conv2d", operands, x.node.attrs, x.node);
  const graph = granted(g.conv(g.relu(copied), 5, { name: "b", seed: 2 }), prune(0.01));
  for (const data of [undefined, calibration]) {
    const { result, changes } = apply(graph, data);
    expect(weightsIn(result)).toEqual(["7,3,3,3", "5,7,3,3"]);
    expect(changes[0]?.reason).toBe("1 close to a multiple of another");
    expect(errorOf(result, graph)).toBeLessThan(0.01);
  }
});

describe("channels of a sum", () => {
  const stem = g.relu(g.conv(image(), 6, { name: "stem", seed: 8 }));
  const small = (name: string, seed: number, channels: Record<number, number>) =>
    scaled(g.conv(stem, 6, { name, seed }), channels, { 1: 0.5, 4: 0.4, 5: 0.3 });
  const make = (...grants: Grant[]) => {
    const sum = g.relu(
      g.add(small("l", 2, { 1: 1e-3, 4: 1e-3 }), small("r", 3, { 4: 1e-3, 5: 1e-3 })),
    );
    return granted(g.conv(sum, 4, { name: "b", seed: 4, pads: 0 }), ...grants);
  };

  test("go where all that is added weighs little", () => {
    for (const data of [undefined, calibration]) {
      const graph = make(prune(0.01));
      const { result } = apply(graph, data);
      expect(weightsIn(result).filter((shape) => shape.startsWith("5"))).toHaveLength(2);
      expect(weightsIn(result).at(-1)).toBe("4,5,3,3");
      expect(errorOf(result, graph)).toBeLessThan(0.01);
    }
  });

  test("stay when one side is not granted, which is told", () => {
    const graph = make(prune(0.01, "l"));
    const { result, told } = apply(graph);
    expect(result === graph).toBe(true);
    expect(told[0]).toContain("l: its channels are tied to those of r, which is not granted");
  });
});

test("depth-wise filters that weigh little go, with the filters in front of them", () => {
  const wide = g.conv(image(), 8, { name: "expand", kernel: 1 });
  const depthwise = g.conv(wide, 8, { name: "depth", groups: 8, seed: 2 });
  const y = scaled(depthwise, { 0: 1e-4, 3: 1e-4, 7: 1e-4 });
  const graph = granted(g.conv(y, 4, { name: "project", kernel: 1, seed: 3 }), prune(1e-3));
  for (const data of [undefined, calibration]) {
    const { result } = apply(graph, data);
    expect(weightsIn(result)).toEqual(["5,3,1,1", "5,1,3,3", "4,5,1,1"]);
  }
});

describe("over the limit of verify", () => {
  const make = (limit: number) => {
    const a = scaled(first(), { 1: 0.01, 4: 0.01 }, { 1: 0.5, 4: 0.5 });
    const b = scaled(g.conv(g.relu(a), 8, { name: "b", seed: 2 }), { 2: 1e-4, 3: 1e-4 });
    const y = g.conv(g.relu(b), 5, { name: "c", seed: 3, pads: 0 });
    return granted(y, prune(0.05), { kind: "verify", path: "", within: limit });
  };

  test("the pruning that saves least for its error is undone, whole, and others stay", () => {
    const graph = make(1e-3);
    const { result, gate, told, refused } = apply(graph, calibration);
    expect(weightsIn(result)).toEqual(["8,3,3,3", "6,8,3,3", "5,6,3,3"]);
    expect(gate).toMatchObject({ undone: ["a"], limit: 1e-3 });
    expect(gate?.relativeError).toBeLessThan(1e-3);
    expect(told[0]).toContain("undone for a: the outputs would move further than verify allows");
    expect(refused).toEqual([
      "c: its channels are outputs, or mixed by what is no convolution",
      "a: undone: the outputs would move further than verify allows",
    ]);
  });

  test("nothing is left of what cannot be within", () => {
    const graph = make(1e-9);
    const { result, gate } = apply(graph, calibration);
    expect(result === graph).toBe(true);
    expect(gate).toMatchObject({ relativeError: 0 });
    expect(gate?.undone.toSorted()).toEqual(["a", "b"]);
  });
});

test("every reader is within its grant on held-out data, however much is granted", () => {
  for (const within of [0.05, 0.1, 0.2, 0.4]) {
    const a = g.relu(first({ seed: 11 }));
    const graph = granted(g.conv(a, 5, { name: "b", seed: 12 }), prune(within));
    const { result, changes } = apply(graph, calibration);
    const error = relativeL2(
      ...([result, graph].map((one) =>
        Float32Array.from(
          computeByMeaning(one, calibration.heldOut).flatMap((y) => [...[...y.values()][0]!]),
        ),
      ) as [Float32Array, Float32Array]),
    );
    expect(error).toBeLessThanOrEqual(within * 1.001);
    if (changes[0]) expect(changes[0].outputError).toBeCloseTo(error, 4);
    if (within === 0.4) expect(changes.length).toBeGreaterThan(0);
  }
});

test("separated layers are those that pruning leaves, and the outputs are compared with the first ones", () => {
  const a = scaled(first({ kernel: 1, pads: 0 }), { 1: 1e-4, 4: 1e-4 }, { 1: 0, 4: 0 });
  const wide = g.conv(a, 9, { name: "b", kernel: 5, seed: 2, pads: 0 });
  const low = wide.node.op === "conv2d" ? wide.node : undefined;
  const [column, row] = [noise(9 * 8 * 5, 31), noise(5, 32)];
  const data = Float32Array.from({ length: 9 * 8 * 25 }, (_, at) => {
    const [place, tap] = [Math.floor(at / 25), at % 25];
    return column[place * 5 + Math.floor(tap / 5)]! * row[tap % 5]!;
  });
  const operands = { ...low!.operands, weight: withData(low!.operands.weight, data) };
  const y = build("conv2d", operands, low!.attrs, low!);
  const separate: Grant = { kind: "separate", path: "b", within: 0.01 };
  const graph = granted(y, prune(0.01), separate);
  const { result, changes, gate } = apply(graph, calibration);
  expect(weightsIn(result)[0]).toBe("6,3,1,1");
  expect(weightsIn(result)).toHaveLength(3);
  expect(changes.some(({ family }) => family.startsWith("5x5 ="))).toBe(true);
  expect(gate?.relativeError).toBeGreaterThan(0);
  expect(errorOf(result, graph)).toBeLessThan(0.02);
});

test("a reader of several layers shares its error between them", () => {
  const x = image();
  const channels = Array.from({ length: 12 }, (_, c) => c);
  const scales = Object.fromEntries(channels.map((c) => [c, (c + 1) / 12]));
  const biases = Object.fromEntries(channels.map((c) => [c, 0]));
  const layers = [1, 2].map((seed) =>
    scaled(g.conv(x, 12, { name: `part${seed}`, seed, kernel: 1 }), scales, biases),
  );
  const graph = granted(g.conv(g.concat(layers), 5, { name: "b", seed: 5, kernel: 1 }), prune(0.3));
  const { result, changes, gate } = apply(graph, calibration);
  const errors = changes.flatMap(({ family, outputError }) =>
    family.startsWith("prunes") ? outputError : [],
  );
  expect(errors[0]).toBeGreaterThan(0.15);
  expect(errors.reduce((sum, error) => sum + error, 0)).toBeLessThanOrEqual(0.3);
  expect(gate?.relativeError).toBeLessThanOrEqual(0.3);
  expect(costOf(result).macs).toBeLessThan(costOf(graph).macs);
});
