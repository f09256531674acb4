import { beforeAll, expect, test } from "vitest";
import { halfBits } from "../../src/codegen/plan/half.js";
import { compile } from "../../src/compile.js";
import type { CompileOptions } from "../../src/compile-options.js";
import { instantiate } from "../../src/instantiate.js";
import { constantOf } from "../../src/ir/build.js";
import { evaluate } from "../../src/ir/evaluate.js";
import type { Graph } from "../../src/ir/graph.js";
import { mapGraph } from "../../src/ir/rewrite.js";
import { halfToNumber } from "../../src/weights/store.js";

const source = `
model Small {
  input x: f32[5, 9, 11]
  conv(8, 3x3, pad=1) -> bn -> relu
  conv(24, 3x3, pad=1) -> relu
  conv(24, 3x3, groups=24) -> conv(7, 1x1) -> relu
  gap
  flatten
  linear(6)
  output y
}`;
const init = { kind: "he", seed: 11 } as const;
const x = Float32Array.from({ length: 5 * 9 * 11 }, (_, i) => Math.sin(i * 0.7) + 0.1);

const rounded = (value: number): number => halfToNumber(halfBits(value));

/** The graph with every weight the nearest half. */
const roundWeights = (graph: Graph): Graph =>
  mapGraph(graph, (node) => {
    if (node.op !== "constant") return undefined;
    const { data, role } = node.attrs;
    const { shape } = node.results[0]!.type;
    return constantOf(shape, data.map(rounded), role, { name: node.name });
  });

let expected: Float64Array;
let exact: Float64Array;

beforeAll(async () => {
  const { graph } = await compile(source, { init });
  expected = evaluate(roundWeights(graph), new Map([["x", x]])).get("y")!.data;
  exact = evaluate(graph, new Map([["x", x]])).get("y")!.data;
}, 60_000);

const largest = (values: ArrayLike<number>, others: ArrayLike<number>): number =>
  Math.max(...Array.from(values, (value, i) => Math.abs(value - others[i]!)));

test.each<CompileOptions>([
  { target: "wasm", form: "files" },
  { target: "wasm", form: "inline" },
  { target: "ts", form: "files" },
  { target: "ts", form: "inline" },
])("a file of halves gives what the rounded weights give: %j", async (options) => {
  const compiled = await compile(source, { init, weightsPrecision: "f16", ...options });
  const model = await instantiate(compiled);
  const { y } = model.run({ x });
  expect(largest(y!, expected)).toBeLessThan(1e-5);
  expect(largest(expected, exact)).toBeGreaterThan(5e-5);
  const whole = await compile(source, { init, ...options });
  expect(compiled.report.weightBytes).toBe(whole.report.weightBytes / 2);
  const text = new TextDecoder().decode(compiled.files.get("Small.js"));
  expect(text).toContain("stored as IEEE halves");
  const bytes = compiled.files.get("Small.weights.bin")?.length;
  expect(bytes).toBe(options.form === "files" ? compiled.report.weightBytes : undefined);
});

test.each(["wasm", "ts"] as const)("a %s model takes no f32 file for halves", async (target) => {
  const halves = await compile(source, { init, target, weightsPrecision: "f16" });
  const whole = await compile(source, { init, target });
  const files = new Map([...halves.files]);
  const half = halves.report.weightBytes;
  files.set("Small.weights.bin", whole.files.get("Small.weights.bin")!);
  const sizes = `weights belong to another build of the model, or are cut short: ${half} bytes expected, got ${2 * half}`;
  await expect(instantiate({ ...halves, files })).rejects.toThrow(sizes);
  files.set("Small.weights.bin", halves.files.get("Small.weights.bin")!.subarray(0, half - 2));
  await expect(instantiate({ ...halves, files })).rejects.toThrow(`got ${half - 2}`);
});
