/**
 * Writes the weights of face-api's tiny face detector as safetensors:
 * npx tsx examples/tiny_face/convert.ts tiny_face_detector_model-weights_manifest.json tiny_face.safetensors
 */
import { writeFileSync } from "node:fs";
import { writeSafetensors } from "../../src/weights/safetensors.js";
import { readManifest } from "./manifest.js";
import { tinyFaceWeights } from "./weights.js";

const [manifest, target] = process.argv.slice(2);
if (manifest === undefined || target === undefined) {
  console.error("usage: convert.ts MANIFEST.json OUT.safetensors");
  process.exit(2);
}
writeFileSync(target, writeSafetensors(tinyFaceWeights(readManifest(manifest))));
