import path from "node:path";
import { expect, test } from "vitest";
import { compileFile } from "../../src/index.js";
import { costOf } from "../../src/ir/cost.js";
import { testArchitecture } from "../../test/support/architecture.js";

const set = { size: 64, width: 0.25, classes: 10 };

testArchitecture("repvgg_a0", set);

test("every layer is compiled as one 3x3 convolution with its relu", async () => {
  const file = path.join(import.meta.dirname, "repvgg_a0.cnn");
  const compiled = await compileFile(file, { set, init: { kind: "he", seed: 1 } });
  const nodes = compiled.graph.nodes.filter(({ op }) => op !== "constant");
  expect(nodes.map(({ op }) => op)).toEqual([
    "input",
    ...Array.from({ length: 22 }, () => "conv2d"),
    "reduce",
    "reshape",
    "linear",
  ]);
  for (const node of nodes) {
    if (node.op !== "conv2d") continue;
    expect(node.operands.weight.type.shape.slice(2)).toEqual([3, 3]);
    expect(node.attrs.epilogue).toEqual([{ kind: "unary", fn: { kind: "relu" } }]);
  }
  expect(nodes[1]!.name).toBe("stage0");
  const [written, merged] = [costOf(compiled.written), costOf(compiled.graph)];
  expect(merged.macs / written.macs).toBeCloseTo(0.9, 2);
});
