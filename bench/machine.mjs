// What the figures were measured on and with.
import { readFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";

const packages = {
  "onnxruntime-web": "node_modules/onnxruntime-web",
  "onnxruntime-node": "native/node_modules/onnxruntime-node",
  tfjs: "node_modules/@tensorflow/tfjs-backend-wasm",
};

/** Name and version of an engine's package. */
function versionOf(engine) {
  const file = path.join(import.meta.dirname, packages[engine], "package.json");
  const { name, version } = JSON.parse(readFileSync(file, "utf8"));
  return `${name} ${version}`;
}

export const machine = {
  cpu: `${os.cpus()[0].model.trim()}, ${os.cpus().length} cores`,
  node: `Node ${process.versions.node} (V8 ${process.versions.v8})`,
};

/** The versions of those engines that are packages. */
export const versionsOf = (engines) => engines.filter((engine) => packages[engine]).map(versionOf);
