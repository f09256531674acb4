import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { Report } from "../../../src/diagnostics/report.js";
import { parametersOf } from "../../../src/dsl/elaborate.js";
import { writePytorch } from "../../../src/export/pytorch/write-pytorch.js";
import { build } from "../../../src/ir/build.js";
import type { Graph, Value } from "../../../src/ir/graph.js";
import { graphOf } from "../../../src/ir/order.js";
import { elaborateSource } from "../../../src/pipeline.js";
import { exampleModels } from "../../support/examples.js";
import { image, maxPool, relu, returns } from "../../support/graphs.js";
import { statePaths } from "./state-paths.js";

const here = fileURLToPath(new URL("./", import.meta.url));

function written(graph: Graph): string {
  const report = new Report();
  const text = writePytorch(graph, report);
  report.throwIfErrors();
  return text ?? "";
}

const graphFrom = (text: string): Graph =>
  elaborateSource({ kind: "text", text }, {}, new Report()).graph;

const models: Readonly<Record<string, string>> = {
  residual: `block Body(channels) {
    residual { conv1: conv(channels, 3x3, bias=false) -> bn1: bn -> relu -> conv2: conv(channels, 1x1) }
    relu
  }
  model Net {
    input image: f32[3, 9, 8]
    stem: conv(8, 3x3, 2) -> relu
    layer1: { Body(8)  Body(8) }
    layer2: { conv(6, 1x1) -> Body(6) }
    gap -> flatten -> fc: linear(5) -> softmax
    output class
  }`,
  branches: `block Mix(a, b) {
    concat(left: { conv(a, 1x1) -> relu }, right: { conv(b, 3x3) -> bn -> relu }, maxpool(3, stride=1, pad=1))
  }
  model Net {
    input image: f32[3, 9, 8]
    mix1: Mix(2, 3) -> maxpool(3, stride=2, ceil=true)
    mix2: Mix(4, 5) -> avgpool(2, stride=2)
    output features
  }`,
  padding: `model Net {
    input image: f32[3, 9, 8]
    a: conv(4, 3x3, 2, pad=[0, 1, 1, 0]) -> prelu
    maxpool(3, stride=2, pad=[0, 0, 1, 1]) -> avgpool(2, stride=1, pad=[0, 0, 1, 1], count_include_pad=false)
    b: deconv(2, 3x3, 2, pad=[1, 0, 0, 1])
    output y
  }`,
};

describe("a written PyTorch module", () => {
  test.each(Object.entries(models))("is as on file: %s", (name, text) => {
    const file = join(here, `${name}.py.txt`);
    const python = written(graphFrom(text));
    if (process.env.UPDATE_GOLDEN === "1") writeFileSync(file, python);
    expect(python).toBe(readFileSync(file, "utf8"));
  });

  test.each(exampleModels)("has the parameter paths of $name's $model", ({ file, model }) => {
    const source = { kind: "file", path: file } as const;
    const { graph } = elaborateSource(source, { model }, new Report());
    expect(statePaths(written(graph)).sort()).toEqual(Object.keys(parametersOf(graph)).sort());
  });

  test("returns several outputs in the model's order", () => {
    const x = image(3, 4);
    const python = written(returns(relu(x), maxPool(x, { kernel: 2 })));
    expect(python).toMatch(/return F\.relu\(x\), |return x\d?, x\d?\n/);
  });

  test("does not overwrite a value that is read later", () => {
    const x = image(3, 4);
    const first = relu(x);
    const sum = build("binary", { left: relu(first), right: first }, { fn: "sub" });
    expect(written(returns(sum))).toContain("x2 = F.relu(x)\n        return F.relu(x2) - x2");
  });
});

describe("names and labels from a model", () => {
  const parameter = (path: string): Value =>
    build("parameter", {}, { path, role: "parameter", shape: [3, 4, 4] }, { name: path });
  const adding = (path: string, input = "x"): Graph => {
    const x = build("input", {}, { name: input, type: { element: "f32", shape: [1, 3, 4, 4] } });
    const sum = build("binary", { left: x, right: parameter(path) }, { fn: "add" });
    return graphOf({
      name: `M"""\nimport os`,
      inputs: [{ name: input, value: x }],
      outputs: [{ name: `"""\nimport os\n\\`, value: sum }],
      grants: [],
    });
  };

  test.each([
    'a"];import os;b=["',
    "class.forward.weight",
    "type",
    "a\nimport os",
    "self",
    "__init__.x",
    "0.1",
    "x\\",
    "é",
  ])("inject no code and keep their paths: %j", (path) => {
    const python = written(adding(path, 'x"):\n  import os\n#'));
    expect(python).not.toMatch(/^\s*import os/m);
    expect(statePaths(python)).toEqual([path]);
  });

  test.each(["lambda", "print", "self", "torch", "F", "nn", "None"])(
    "hide no name of Python: %s",
    (name) => {
      expect(written(adding("w", name))).toContain(`def forward(self, ${name}_)`);
    },
  );

  test("that no module can have are reported, all of them", () => {
    const x = image(3, 4);
    const paths = ["a..b", "c", "c.d"];
    const sum = paths.reduce(
      (left, path) => build("binary", { left, right: parameter(path) }, { fn: "add" }),
      x,
    );
    const report = new Report();
    expect(writePytorch(returns(sum), report)).toBeUndefined();
    expect(report.diagnostics[0]?.message).toContain("2 of its nodes");
  });
});
