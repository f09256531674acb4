import { expect, test } from "vitest";
import { chooseAlgorithms, type Preferences } from "../../../src/codegen/plan/choose-algorithm.js";
import { predictMs, printDuration } from "../../../src/codegen/plan/predict-cost.js";
import { typescriptTarget, wasmTarget } from "../../../src/codegen/target.js";
import type { Graph } from "../../../src/ir/graph.js";
import { conv, image, returns } from "../../support/graphs.js";

const wide = (): Graph => returns(conv(image(64, 28), 64));

const chosen = (graph: Graph, preferences: Preferences = { roundMore: true }) => {
  const [choice] = [...chooseAlgorithms(graph, wasmTarget, preferences).values()];
  return choice!;
};

test("the algorithm with the least predicted time is taken, the others keep theirs", () => {
  const { algorithm, ms, isMeasured, rejected } = chosen(wide());
  expect(algorithm).toBe("winograd 4x4");
  expect(isMeasured).toBe(false);
  const others = rejected.filter((other) => other.ms !== undefined);
  expect(others.map((other) => other.algorithm)).toEqual(["winograd 2x2", "direct"]);
  for (const other of others) {
    expect(other.ms).toBeGreaterThan(ms);
    expect(other.reason).toBe(`predicted ${printDuration(other.ms!)} against ${printDuration(ms)}`);
  }
  expect(rejected[0]).toEqual({ algorithm: "depthwise", reason: "it has one group" });
});

test("a depth-wise convolution has its own kernel on both targets", () => {
  const graph = returns(conv(image(32, 14), 32, { groups: 32 }));
  for (const target of [wasmTarget, typescriptTarget]) {
    const [choice] = [...chooseAlgorithms(graph, target, { roundMore: true }).values()];
    expect(choice!.algorithm).toBe("depthwise");
  }
});

test("what rounds more is not taken where that is forbidden, whatever was measured", () => {
  const measured = () => new Map([["winograd 4x4", 0.001]]);
  const { algorithm, rejected } = chosen(wide(), { roundMore: false, measured });
  expect(algorithm).toBe("direct");
  expect(rejected.filter(({ reason }) => reason === "it is switched off")).toHaveLength(2);
});

test("measured times decide where there are some", () => {
  const times = new Map([
    ["direct", 0.25],
    ["winograd 2x2", 0.5],
  ]);
  const { algorithm, ms, isMeasured, rejected } = chosen(wide(), {
    roundMore: true,
    measured: () => times,
  });
  expect([algorithm, ms, isMeasured]).toEqual(["direct", 0.25, true]);
  const reasons = Object.fromEntries(rejected.map((other) => [other.algorithm, other.reason]));
  expect(reasons["winograd 2x2"]).toBe("measured 0.5 ms against 0.25 ms");
  expect(reasons["winograd 4x4"]).toBe("it was not measured, the others were");
});

test("an algorithm that is asked for is taken if it can compute the node", () => {
  const prefer = (name: string): Preferences => ({ roundMore: true, prefer: () => name });
  expect(chosen(wide(), prefer("winograd 2x2")).algorithm).toBe("winograd 2x2");
  expect(chosen(wide(), prefer("depthwise")).algorithm).toBe("winograd 4x4");
});

test("twice the work takes twice the time, and kinds of work add up", () => {
  const [tiles, bytes] = [{ tileMacs: 5e6 }, { weightBytes: 3e6 }];
  const both = predictMs({ ...tiles, ...bytes }, wasmTarget);
  expect(both).toBeCloseTo(predictMs(tiles, wasmTarget) + predictMs(bytes, wasmTarget), 12);
  expect(predictMs({ tileMacs: 1e7 }, wasmTarget)).toBeCloseTo(
    2 * predictMs(tiles, wasmTarget),
    12,
  );
});
