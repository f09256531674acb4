// Times the kernel of one layer without what lies around it, and prints JSON: its algorithm, milliseconds, GFLOP/s
// and their share of the machine's peak.
//   node kernel.mjs JSON of { file, set, winograd }
import path from "node:path";
import { Report } from "../dist/diagnostics/report.js";
import { timeLayers } from "../dist/measure/layer-times.js";
import { bindModel, elaborateSource, optimise, planModel } from "../dist/pipeline.js";

const { file, set, winograd } = JSON.parse(process.argv[2]);
const options = { init: { kind: "he", seed: 1 }, set, winograd };
const source = { kind: "file", path: path.join(import.meta.dirname, "..", file) };
const report = new Report();
const written = bindModel(source, elaborateSource(source, options, report), options, report);
const plan = planModel(optimise(written, options, report).graph, options, report);
const { layers } = await timeLayers(plan);
const { layer, ms, gflops, ofPeak } = layers.find((line) => line.layer);
console.log(JSON.stringify({ algorithm: layer.algorithm, ms, gflops, ofPeak }));
process.exit(0);
