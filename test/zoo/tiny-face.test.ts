import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, expect, test } from "vitest";
import { readManifest } from "../../examples/tiny_face/manifest.js";
import { tinyFaceWeights } from "../../examples/tiny_face/weights.js";
import { difference, farthest } from "../../scripts/round-trip/difference.js";
import { computeFile } from "../../scripts/round-trip/outputs.js";
import { picture } from "../../scripts/round-trip/picture.js";
import { computeExported } from "../../scripts/round-trip/trips.js";
import { writeSafetensors } from "../../src/weights/safetensors.js";
import { packageFile } from "./networks.js";
import { runInOnnxruntime } from "./onnxruntime.js";
import { runTinyFace } from "./tfjs.js";

const size = 160;
const model = path.join(import.meta.dirname, "../../examples/tiny_face/tiny_face.cnn");
const manifest = packageFile(
  "@vladmandic/face-api/model/tiny_face_detector_model-weights_manifest.json",
);
const folder = mkdtempSync(path.join(tmpdir(), "cnnc-tiny-face-"));
const weights = path.join(folder, "tiny_face.safetensors");
writeFileSync(weights, writeSafetensors(tinyFaceWeights(readManifest(manifest))));
afterAll(() => rmSync(folder, { recursive: true }));

const photo = picture([size, size, 3], 1, 0, 255);
const means = [117.001, 114.697, 97.404];

/** The photo as the network takes it: a plane a channel, less the means. */
const planes = Float32Array.from(photo, (_, at) => {
  const [channel, pixel] = [Math.floor(at / size ** 2), at % size ** 2];
  return (photo[3 * pixel + channel]! - means[channel]!) / 255;
});
const fill = () => planes;
const options = { weights, set: { size } };

test.each(["wasm", "ts"] as const)("%s computes what TF.js computes", async (target) => {
  const { outputs } = await computeFile(model, { ...options, target }, fill);
  const expected = await runTinyFace(manifest, {
    name: "photo",
    shape: [size, size, 3],
    data: photo,
  });
  expect(expected.shape).toEqual([1, 5, 5, 25]);
  expect(difference(outputs[0]!, expected)).toBeLessThanOrEqual(1e-4);
});

test("exported to ONNX it computes the same in onnxruntime", async () => {
  const here = await computeFile(model, options, fill);
  const there = await computeExported(here, runInOnnxruntime);
  expect(farthest(there, here.outputs).apart).toBeLessThanOrEqual(1e-5);
});
