// One engine on one network in a process of its own. Prints one line of JSON: milliseconds of the first
// inference, of every sample, and where the outputs were written.
//   node worker.mjs ENGINE FOLDER SECONDS
import { readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import Benchmark from "benchmark";
import { noise } from "./noise.mjs";

const [engine, folder, seconds] = process.argv.slice(2);
const { inputs } = JSON.parse(readFileSync(path.join(folder, "network.json"), "utf8"));
const feeds = Object.fromEntries(
  inputs.map(({ name, shape }, i) => [
    name,
    noise(
      shape.reduce((a, b) => a * b, 1),
      i + 1,
    ),
  ]),
);

const { load } = await import(`./engines/${engine}.mjs`);
const started = performance.now();
const run = await load(folder);
const loaded = performance.now();
const outputs = await run(feeds);
const first = performance.now() - loaded;
const flat = Object.values(outputs).flatMap((output) => [...output]);
writeFileSync(path.join(folder, `${engine}.out.bin`), Float32Array.from(flat));

for (let i = 0; i < 5; i++) await run(feeds);
const samples = await new Promise((resolve, reject) => {
  new Benchmark({
    defer: true,
    maxTime: Number(seconds),
    minSamples: 10,
    async fn(deferred) {
      await run(feeds);
      deferred.resolve();
    },
    onComplete: (event) => resolve(event.target.stats.sample.map((s) => s * 1000)),
    onError: (event) => reject(event.target.error),
  }).run({ async: true });
});
console.log(JSON.stringify({ load: loaded - started, first, samples }));
process.exit(0);
