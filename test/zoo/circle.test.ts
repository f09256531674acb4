import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, expect, test } from "vitest";
import { farthest } from "../../scripts/round-trip/difference.js";
import { computeFile } from "../../scripts/round-trip/outputs.js";
import { picture } from "../../scripts/round-trip/picture.js";
import { computeImported } from "../../scripts/round-trip/trips.js";
import { writeOnnx } from "../../src/export/onnx/write-onnx.js";

const examples = path.join(import.meta.dirname, "..", "..", "examples");
const folder = mkdtempSync(path.join(tmpdir(), "cnnc-circle-"));
afterAll(() => rmSync(folder, { recursive: true }));

const init = { kind: "he", seed: 1 } as const;
const reduced = { size: 64, width: 0.25, classes: 10 };

// ONNX holds attributes as float32 and has one operator for all ways to resize: equal but for rounding.
test.each([
  ["digits", {}],
  ["tiny_face", { init, set: { size: 64 } }],
  ["mobilenet_v3_small", { init, set: reduced }],
  ["shufflenet_v2_x1_0", { init, set: reduced }],
  ["densenet121", { init, set: reduced }],
  ["unet", { init, set: reduced }],
])("%s, exported to ONNX and imported as .cnn, is what it was", async (name, options) => {
  const fill = (shape: readonly number[]) => picture(shape, 1, -1, 1);
  const here = await computeFile(path.join(examples, name, `${name}.cnn`), options, fill);
  const onnx = path.join(folder, `${name}.onnx`);
  writeFileSync(onnx, writeOnnx(here.compiled.written));
  const back = await computeImported(onnx, {}, fill);
  expect(farthest(back.outputs, here.outputs).apart).toBeLessThanOrEqual(1e-5);
});
