// Compiles one network and lays out what each engine reads: the module, the ONNX file, the optimised graph.
// Prints what is known of it as JSON. In a process of its own, so that the one that starts the others stays small.
//   node prepare.mjs JSON of { network, folder }
import { mkdirSync, renameSync, writeFileSync } from "node:fs";
import path from "node:path";
import { compileFile, writeOnnx } from "../dist/index.js";
import { writeGraph } from "./graph-file.mjs";

const { network, folder } = JSON.parse(process.argv[2]);

/** Compiles for a target and writes the module as `FOLDER/PART/network.js`. */
async function compileTo(part, options) {
  const file = path.join(import.meta.dirname, "..", network.file);
  const init = { kind: "he", seed: 1 };
  const compiled = await compileFile(file, { init, set: network.set, ...options });
  const target = path.join(folder, part);
  await compiled.write(target);
  renameSync(path.join(target, `${compiled.name}.js`), path.join(target, "network.js"));
  return compiled;
}

mkdirSync(folder, { recursive: true });
const compiled = await compileTo("cnnc", {});
if (network.typescript) await compileTo("typescript", { target: "ts" });
writeFileSync(path.join(folder, "network.onnx"), writeOnnx(compiled.written));
writeGraph(compiled.graph, path.join(folder, "graph"));
const inputs = Object.entries(compiled.inputs).map(([name, { shape }]) => ({ name, shape }));
writeFileSync(path.join(folder, "network.json"), JSON.stringify({ inputs }));
const { macsAsWritten, weightBytes, arenaBytes } = compiled.report;
console.log(JSON.stringify({ macs: macsAsWritten, weightBytes, arenaBytes }));
