import { expect, test } from "vitest";
import { node, onnxModel, valueInfo } from "../../support/onnx-model.js";
import { readBytes } from "./read.js";

test.each(["Max", "Min", "Sum", "Mean", "Concat"])("%s of nothing is refused", (op) => {
  const nodes = [node(op, [], ["y"], op === "Concat" ? { axis: 0 } : {})];
  const bytes = onnxModel({ nodes, inputs: [valueInfo("x", [1])], outputs: ["y"] });
  expect(() => readBytes(bytes)).toThrow(new RegExp(`CNN513[^]*"y_${op}" ${op} `));
});
