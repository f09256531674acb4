import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { Report } from "../../src/diagnostics/report.js";
import { elaborateText } from "../../src/dsl/elaborate.js";
import { type HandedOver, handOver, handOverExact } from "../../src/hand-over.js";
import { compileFile } from "../../src/index.js";
import { evaluate } from "../../src/ir/evaluate.js";
import type { Graph } from "../../src/ir/graph.js";
import { readSafetensors } from "../../src/weights/safetensors.js";
import { relativeError } from "../support/close.js";
import { noise } from "../support/noise.js";

const init = { kind: "he", seed: 3 } as const;

let folder = "";
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "cnnc-hand-over-"));
});
afterAll(() => rm(folder, { recursive: true }));

/** Odd sizes, and batch norms in front of, behind and away from the layer that grants are for. */
const network = (lines: string): string => `model Net {
  input photo: f32[3, 21, 19] { mean = [0.4, 0.5, 0.6], std = 0.25, order = bgr }
  labels ["one", "two", "three", "four"]
  first: conv(6, 3x3, bias=false) -> norm1: bn -> relu
  large: conv(7, 5x5, bias=false) -> norm2: bn -> relu
  other: conv(5, 3x3, stride=2) -> norm3: bn -> relu -> gap -> flatten
  classes: linear(4)
  output scores
  optimize { ${lines} }
}
`;

async function written(name: string, text: string): Promise<string> {
  const file = join(folder, `${name}.cnn`);
  await writeFile(file, text);
  return file;
}

/** What the written files compute at level 1. */
async function compiledAgain(name: string, { source, weights }: HandedOver): Promise<Graph> {
  await writeFile(join(folder, `${name}.safetensors`), weights);
  const file = await written(`${name}-handed`, source);
  return (await compileFile(file, { level: 1 })).graph;
}

const resultOf = (graph: Graph): Float64Array => {
  const [input] = graph.inputs;
  const data = noise(
    input!.value.type.shape.reduce((a, b) => a * b, 1),
    7,
  );
  const [result] = evaluate(graph, new Map([[input!.name, data]])).values();
  return Float64Array.from(result!.data);
};

const pathsIn = ({ weights }: HandedOver): string[] => [
  ...readSafetensors(weights, { file: "w", report: new Report() }).keys(),
];

describe.each([
  ["separate", "separate(large, within=0.9)", ["large.0.weight", "large.1.weight"]],
  ["stack", "stack(large, within=0.95)", ["large.0.weight", "large.1.weight"]],
])("%s", (kind, lines, factors) => {
  test("the written model computes what the original does with its grants", async () => {
    const file = await written(kind, network(lines));
    const compiled = await compileFile(file, { init });
    expect(compiled.report.rewrites.map(({ layer }) => layer)).toEqual(["large"]);
    const made = await handOver(file, `${kind}.safetensors`, { init });
    expect(made.changes).toMatchObject([{ layer: "large", label: "approximate" }]);
    const again = await compiledAgain(kind, made);
    expect(relativeError(resultOf(again), resultOf(compiled.graph))).toBeLessThan(1e-5);
    expect(relativeError(resultOf(again), resultOf(compiled.written))).toBeGreaterThan(1e-3);

    const paths = pathsIn(made);
    for (const path of factors) expect(paths).toContain(path);
    for (const path of ["norm1.running_var", "norm3.weight", "other.bias", "classes.weight"]) {
      expect(paths).toContain(path);
    }
    expect(paths.filter((path) => path.startsWith("norm2"))).toEqual([]);
    expect(made.othersAsWritten).toBe(true);
  });
});

test("labels and the way pictures become an input are kept", async () => {
  const file = await written("kept", network("separate(large, within=0.9)"));
  const { source } = await handOver(file, "kept.safetensors", { init });
  const graph = elaborateText(source, "kept.cnn", {}, new Report())?.graph;
  expect(graph?.labels).toEqual(["one", "two", "three", "four"]);
  expect(graph?.inputs[0]?.image).toEqual({
    mean: [0.4, 0.5, 0.6],
    std: [0.25, 0.25, 0.25],
    range: [0, 1],
    order: "bgr",
    resize: "stretch",
  });
  expect(graph?.grants).toEqual([]);
});

test("a rewrite of what branches merge into is handed over with all folded", async () => {
  const text = `model Net {
  input x: f32[3, 17, 15]
  add(a: conv(8, 5x5), b: { c: conv(8, 1x1, bias=false) -> n: bn }) -> relu
  d: conv(4, 3x3, bias=false) -> e: bn
  output y
}
`;
  const file = await written("merged", text);
  const options = { init, tolerance: 0.8 };
  const compiled = await compileFile(file, options);
  const made = await handOver(file, "merged.safetensors", options);
  expect(made.changes.length).toBeGreaterThan(0);
  expect(made.othersAsWritten).toBe(false);
  const again = await compiledAgain("merged", made);
  expect(relativeError(resultOf(again), resultOf(compiled.graph))).toBeLessThan(1e-5);
});

test("pruned channels are not in what is handed over", async () => {
  const file = await written("pruned", network("prune(within=0.5)"));
  const compiled = await compileFile(file, { init });
  const made = await handOver(file, "pruned.safetensors", { init });
  expect(made.changes.some(({ family }) => family.startsWith("removes"))).toBe(true);
  expect(made.after.macs).toBeLessThan(made.before.macs);
  const again = await compiledAgain("pruned", made);
  expect(relativeError(resultOf(again), resultOf(compiled.graph))).toBeLessThan(1e-5);
});

test("branches that merge exactly are handed over as one convolution", async () => {
  const text = `model Net {
  input x: f32[5, 9, 7]
  add(a: { b: conv(5, 3x3, bias=false) -> c: bn }, d: { e: conv(5, 1x1) -> f: bn }, g: bn) -> relu
  output y
}
`;
  const file = await written("exact", text);
  const made = await handOverExact(file, "exact.safetensors", { init });
  expect(made.source.match(/conv\(/g)).toHaveLength(1);
  expect(made.after.macs).toBe(5 * 5 * 9 * 9 * 7);
  const original = await compileFile(file, { init, level: 0 });
  const again = await compiledAgain("exact", made);
  expect(relativeError(resultOf(again), resultOf(original.graph))).toBeLessThan(1e-5);
});

test("what is not granted, and what grants rewrite nowhere, is refused", async () => {
  const plain = await written("plain", network(""));
  await expect(handOver(plain, "p.safetensors", { init })).rejects.toThrow(
    "Net has nothing to hand over: no layer may be rewritten",
  );
  const strict = await written("strict", network("separate(large, within=0.001)"));
  await expect(handOver(strict, "s.safetensors", { init })).rejects.toThrow(
    "no layer can be rewritten as its grants allow",
  );
  await expect(handOverExact(strict, "s.safetensors", { init })).rejects.toThrow(
    "no layer can be rewritten exactly",
  );
});
