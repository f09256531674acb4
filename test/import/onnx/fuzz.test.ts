import fc from "fast-check";
import { expect, test } from "vitest";
import { CompileError } from "../../../src/diagnostics/report.js";
import { verify } from "../../../src/ir/verify.js";
import { noise } from "../../support/noise.js";
import { floats, ints, node, onnxModel, valueInfo } from "../../support/onnx-model.js";
import { readBytes } from "./read.js";

/** A small network with shape arithmetic in it. */
const whole = onnxModel({
  nodes: [
    node("Conv", ["x", "conv.weight", "conv.bias"], ["c"], { auto_pad: "SAME_UPPER" }),
    node("Clip", ["c", "", "six"], ["r"]),
    node("MaxPool", ["r"], ["p"], { kernel_shape: [2, 2], strides: [2, 2] }),
    node("Resize", ["p", "", "scales"], ["u"], { mode: "linear" }),
    node("Concat", ["u", "r"], ["j"], { axis: 1 }),
    node("Shape", ["j"], ["s"]),
    node("Slice", ["s", "zero", "one"], ["n"]),
    node("Concat", ["n", "minus"], ["t"], { axis: 0 }),
    node("Reshape", ["j", "t"], ["f"]),
    node("Gemm", ["f", "fc.weight"], ["g"], { transB: 1, alpha: { float: 0.5 } }),
    node("Softmax", ["g"], ["y"]),
  ],
  inputs: [valueInfo("x", [1, 2, 4, 4])],
  outputs: ["y"],
  initializers: [
    floats("conv.weight", [4, 2, 3, 3], noise(72, 1)),
    floats("conv.bias", [4], noise(4, 2)),
    floats("six", [], [6]),
    floats("scales", [4], [1, 1, 2, 2]),
    ints("zero", [0]),
    ints("one", [1]),
    ints("minus", [-1]),
    floats("fc.weight", [3, 128], noise(384, 3)),
  ],
});

/** A network that holds together and whose tensors can be read, or what is wrong with the model. */
function readWhatever(bytes: Uint8Array): "read" | "refused" {
  try {
    const { graph, tensors } = readBytes(bytes);
    verify(graph);
    for (const tensor of tensors.values()) tensor.read();
    return "read";
  } catch (error) {
    if (error instanceof CompileError) return "refused";
    throw error;
  }
}

const flips = fc.array(
  fc.tuple(fc.integer({ min: 0, max: whole.length - 1 }), fc.integer({ min: 1, max: 255 })),
  { minLength: 1, maxLength: 4 },
);

test("a model with any bytes changed is read, or refused with a diagnostic", () => {
  const ends = { read: 0, refused: 0 };
  fc.assert(
    fc.property(flips, (changes) => {
      const bytes = Uint8Array.from(whole);
      for (const [at, by] of changes) bytes[at]! ^= by;
      ends[readWhatever(bytes)]++;
    }),
    { seed: 20, numRuns: 600 },
  );
  expect(ends.read).toBeGreaterThan(50);
  expect(ends.refused).toBeGreaterThan(50);
});

test("a model that is cut off anywhere is refused with a diagnostic", () => {
  for (let length = 0; length < whole.length - 1; length += 13) {
    expect(readWhatever(whole.subarray(0, length)), `${length} bytes`).toBe("refused");
  }
});
