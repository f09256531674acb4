// Times cnnc, onnxruntime-web and TF.js on the very same networks, one thread: seeded weights, input array in,
// output array out, every engine in fresh processes that take turns. Outputs are compared before any figure is printed.
//   node run.mjs [--only NAME] [--quick] [--rounds N]
import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { parseArgs } from "node:util";
import { compileFile, writeOnnx } from "../dist/index.js";
import { writeGraph } from "./graph-file.mjs";
import { networks } from "./networks.mjs";

const here = import.meta.dirname ?? path.dirname(new URL(import.meta.url).pathname);
const engines = ["cnnc", "onnxruntime-web", "tfjs"];
const { values: flags } = parseArgs({
  options: { only: { type: "string" }, quick: { type: "boolean" }, rounds: { type: "string" } },
});
const rounds = Number(flags.rounds ?? (flags.quick ? 1 : 3));
const seconds = flags.quick ? 0.5 : 2;

const median = (list) => {
  const sorted = [...list].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
};

/** Compiles a network and lays out what each engine reads: the module, the ONNX file, the optimised graph. */
async function prepare(network, folder) {
  const compiled = await compileFile(path.join(here, "..", network.file), {
    init: { kind: "he", seed: 1 },
    ...(network.set ? { set: network.set } : {}),
  });
  mkdirSync(folder, { recursive: true });
  await compiled.write(path.join(folder, "cnnc"));
  for (const [file, bytes] of compiled.files) {
    const { ext } = path.parse(file);
    if (ext === ".js") writeFileSync(path.join(folder, "cnnc", "network.js"), bytes);
  }
  writeFileSync(path.join(folder, "network.onnx"), writeOnnx(compiled.written));
  writeGraph(compiled.graph, path.join(folder, "graph"));
  const inputs = Object.entries(compiled.inputs).map(([name, { shape }]) => ({ name, shape }));
  writeFileSync(path.join(folder, "network.json"), JSON.stringify({ inputs }));
  return compiled;
}

function measure(engine, folder) {
  const run = spawnSync(
    process.execPath,
    [path.join(here, "worker.mjs"), engine, folder, String(seconds)],
    {
      encoding: "utf8",
      cwd: here,
    },
  );
  if (run.status !== 0) {
    const lines = run.stderr.split("\n");
    return { error: lines.find((line) => /Error/.test(line)) ?? `exit code ${run.status}` };
  }
  return JSON.parse(run.stdout.trim().split("\n").pop());
}

/** The largest difference from cnnc's outputs, relative to the largest output. */
function difference(folder, engine) {
  const read = (name) => {
    const bytes = Uint8Array.from(readFileSync(path.join(folder, `${name}.out.bin`)));
    return new Float32Array(bytes.buffer);
  };
  const [ours, theirs] = [read("cnnc"), read(engine)];
  if (ours.length !== theirs.length) return Number.POSITIVE_INFINITY;
  const largest = theirs.reduce((most, x) => Math.max(most, Math.abs(x)), 1e-6);
  return ours.reduce((most, x, i) => Math.max(most, Math.abs(x - theirs[i])), 0) / largest;
}

function benchmark(network, folder, macs) {
  const medians = new Map(engines.map((engine) => [engine, []]));
  const firsts = new Map(engines.map((engine) => [engine, []]));
  const notes = [];
  for (let round = 0; round < rounds; round++) {
    for (const engine of engines) {
      const result = measure(engine, folder);
      if (result.error) {
        if (round === 0) notes.push(`${engine}: ${result.error}`);
        continue;
      }
      medians.get(engine).push(median(result.samples));
      firsts.get(engine).push(result.first);
    }
  }
  for (const engine of engines.slice(1)) {
    if (medians.get(engine).length === 0) continue;
    const apart = difference(folder, engine);
    if (!(apart < 1e-3)) notes.push(`${engine}: outputs differ by ${apart.toExponential(1)}`);
  }
  const ms = (engine) => (medians.get(engine).length ? median(medians.get(engine)) : undefined);
  const ratio = (engine) => {
    const pairs = medians.get(engine).map((theirs, i) => theirs / medians.get("cnnc")[i]);
    return pairs.length ? median(pairs) : undefined;
  };
  const show = (x, digits = 2) => (x === undefined ? "-" : x.toFixed(digits));
  console.log(
    [
      network.name.padEnd(20),
      show(macs / 1e6, 0).padStart(6),
      ...engines.map((engine) => show(ms(engine)).padStart(9)),
      show((2 * macs) / 1e6 / ms("cnnc"), 1).padStart(9),
      show(ratio("onnxruntime-web")).padStart(8),
      show(ratio("tfjs")).padStart(8),
      show(median(firsts.get("cnnc")), 1).padStart(9),
    ].join(" "),
  );
  for (const note of notes) console.log(`  ${note}`);
}

console.log(
  `${os.cpus()[0].model}, ${os.cpus().length} cores, Node ${process.version}, one thread, median ms`,
);
console.log(
  "network                MMAC      cnnc  ort-web      tfjs  GFLOP/s  ort/cnnc tfjs/cnnc first ms",
);
const root = mkdtempSync(path.join(os.tmpdir(), "cnnc-bench-"));
try {
  for (const network of networks) {
    if (flags.only && !network.name.includes(flags.only)) continue;
    const folder = path.join(root, network.name);
    const compiled = await prepare(network, folder);
    benchmark(network, folder, compiled.report.macsAsWritten);
  }
} finally {
  rmSync(root, { recursive: true, force: true });
}
