import { readFileSync } from "node:fs";
import path from "node:path";
import fc from "fast-check";
import { expect, test } from "vitest";
import { Report } from "../../src/diagnostics/report.js";
import { checkNames } from "../../src/dsl/elaborate.js";
import { defineOperator, optional, required } from "../../src/dsl/operators/definition.js";
import { operators } from "../../src/dsl/operators/index.js";
import { number, whole } from "../../src/dsl/operators/kinds.js";
import { printGraph } from "../../src/ir/print.js";
import { expand, expanded, modelOf, shapeOf } from "../support/expand.js";

const shifted = defineOperator({
  name: "shifted",
  summary: "a convolution with its output clipped",
  takes: "image",
  parameters: { out: required(whole(1)), limit: optional(number(), 0.5) },
  apply(stage, { out, limit }) {
    const weight = stage.parameter("kernel", [out, stage.shape[0] ?? 1, 1, 1]);
    const sides = [0, 0, 0, 0] as const;
    const attrs = {
      stride: [1, 1],
      dilation: [1, 1],
      pads: sides,
      groups: 1,
      epilogue: [],
    } as const;
    const operands = { input: stage.input, weight, bias: undefined, extras: [] };
    const made = stage.build("conv2d", operands, attrs);
    return stage.build("unary", { input: made }, { fn: { kind: "clip", min: -limit, max: limit } });
  },
});

const table = new Map([...operators, [shifted.name, shifted] as const]);

test("a table with one more operator makes it part of the language", () => {
  const { graph } = expanded(modelOf("a: shifted(3, limit=0.25)"), { operators: table });
  expect(printGraph(graph).split("\n").slice(1)).toEqual([
    "%0 = conv2d(@x, @a.kernel) : f32[1,3,6,5]  // a",
    "%1 = clip(%0) min=-0.25 max=0.25 : f32[1,3,6,5]  // a",
    "return y=%1",
  ]);
});

test.each([
  ["shifted(3, limt=1)", "unknown-parameter", "did you mean 'limit'?"],
  ["shifted", "missing-argument", "write shifted(out, limit=0.5)"],
  ["shiftd(3)", "unknown-name", "did you mean 'shifted'?"],
  ["let shifted = relu", "name-reserved", "choose another name, such as 'shifted_'"],
])("its mistakes are found like all others: %s", (statement, name, hint) => {
  const { diagnostics } = expand(modelOf(statement), { operators: table });
  expect(diagnostics.map((one) => [one.name, one.hint])).toEqual([[name, hint]]);
});

test("names of a file without models are checked", () => {
  const report = new Report();
  const text = "block B(c) { conv(c, 3x3) -> rleu }";
  const read = () => new TextEncoder().encode(text);
  expect(checkNames("lib.cnn", { read }, report)).toEqual([]);
  expect(report.diagnostics.map(({ hint }) => hint)).toEqual(["did you mean 'relu'?"]);
});

test("a convolution's output has PyTorch's size for any window", () => {
  const window = fc.record({
    kernel: fc.integer({ min: 1, max: 5 }),
    stride: fc.integer({ min: 1, max: 4 }),
    dilation: fc.integer({ min: 1, max: 2 }),
    pad: fc.integer({ min: 0, max: 4 }),
  });
  fc.assert(
    fc.property(window, ({ kernel, stride, dilation, pad }) => {
      const reach = dilation * (kernel - 1) + 1;
      fc.pre(reach <= 5 + 2 * pad && pad < reach);
      const size = (n: number) => Math.floor((n + 2 * pad - reach) / stride) + 1;
      const stage = `conv(3, ${kernel}, ${stride}, pad=${pad}, dilation=${dilation})`;
      expect(shapeOf(stage)).toEqual([3, size(6), size(5)]);
    }),
    { seed: 1, numRuns: 60 },
  );
});

const page = path.join(import.meta.dirname, "..", "..", "docs", "language.md");
const tokens = [...readFileSync(page, "utf8").matchAll(/^```cnn\n([\s\S]*?)^```$/gm)].map(
  (match) => (match[1] ?? "").match(/[A-Za-z_]\w*\(?|\d[\w.]*|"[^"]*"|->|\.\.|\S/g) ?? [],
);

test("texts with a few words changed give a graph or errors, never a crash", () => {
  const all = tokens.flat();
  const edit = fc.record({ at: fc.nat(), from: fc.nat(), kind: fc.integer({ min: 0, max: 2 }) });
  fc.assert(
    fc.property(fc.nat(), fc.array(edit, { minLength: 1, maxLength: 4 }), (which, edits) => {
      const text = [...(tokens[which % tokens.length] ?? [])];
      for (const { at, from, kind } of edits) {
        const added = kind === 0 ? [] : [all[from % all.length] ?? ""];
        text.splice(at % text.length, kind === 2 ? 0 : 1, ...added);
      }
      const { result, diagnostics } = expand(text.join(" "));
      const failed = diagnostics.some(({ severity }) => severity === "error");
      expect(result === undefined).toBe(failed);
    }),
    { seed: 7, numRuns: 300 },
  );
});
