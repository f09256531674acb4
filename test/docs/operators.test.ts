import { readFileSync } from "node:fs";
import path from "node:path";
import { expect, test } from "vitest";
import { operatorsPage } from "../../scripts/operators/page.js";
import { algorithms } from "../../src/codegen/kernels/index.js";
import { merges } from "../../src/dsl/merges.js";
import { operators as words } from "../../src/dsl/operators/index.js";
import { layerKinds, refusedSections } from "../../src/import/darknet/layers/index.js";
import { onnxOperators } from "../../src/import/onnx/ops/index.js";
import { nodeReaders } from "../../src/import/tfjs/graph/read-graph.js";
import { layerBuilders } from "../../src/import/tfjs/layers/index.js";

const page = path.join(import.meta.dirname, "..", "..", "docs", "operators.md");
const text = readFileSync(page, "utf8");

test("the page is what `npm run operators-page` makes of the tables", () => {
  expect(text).toBe(operatorsPage());
});

const section = (title: string): string => {
  const [, rest = ""] = text.split(`\n## ${title}\n`);
  return rest.split("\n## ")[0] ?? "";
};

test.each([
  ["By operator of the graph", Object.keys(algorithms)],
  ["By operator of the graph", [...words.keys(), ...merges.keys()]],
  ["ONNX", onnxOperators],
  ["Darknet", [...layerKinds.keys(), ...refusedSections.keys()]],
  ["TF.js", [...layerBuilders.keys(), ...nodeReaders.keys()]],
])("under %s every entry of the table is named", (title, names) => {
  const named = section(title);
  expect(names.length).toBeGreaterThan(10);
  expect(names.filter((name) => !named.includes(`\`${name}\``))).toEqual([]);
});

test("operators of TF.js graphs have rows that say what they become, but those known when a model is read", () => {
  const rows = section("TF.js").split("Operators of graph-models")[1] ?? "";
  expect(rows).toContain("| `_FusedConv2D` | `conv2d` |");
  expect(rows).toContain("| `Identity` | no node of its own |");
  const known = /operands are: (.*)\./.exec(rows)?.[1] ?? "";
  const inRow = (op: string) => rows.includes(`| \`${op}\` | `);
  expect(
    [...nodeReaders.keys()].filter((op) => !inRow(op) && !known.includes(`\`${op}\``)),
  ).toEqual([]);
  expect(known).toContain("`Shape`");
});

test("every section of a format states its limits", () => {
  for (const title of ["ONNX", "Darknet", "TF.js"]) expect(section(title)).toContain("**Limits.**");
});
