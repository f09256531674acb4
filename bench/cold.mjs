// A fresh process from its start to the first result of one engine, and what it took. Says so when the result
// is there (whoever started it stops the clock), then writes the outputs and prints JSON.
//   node cold.mjs JSON of { engine, folder, threads }
import { writeFileSync, writeSync } from "node:fs";
import path from "node:path";
import { readFeeds } from "./feeds.mjs";
import { peakMemory } from "./memory.mjs";

const { engine, folder, threads } = JSON.parse(process.argv[2]);
const given = readFeeds(folder);
const { load } = await import(`./engines/${engine}.mjs`);
const start = performance.now();
const model = await load(folder, { threads });
const loading = performance.now() - start;
const feeds = model.arrange?.(given) ?? given;
const loaded = performance.now();
const outputs = await model.run(feeds);
const first = performance.now() - loaded;
writeSync(1, "first result\n");

for (let i = 0; i < 10; i++) await model.run(feeds);
const memory = peakMemory();
const arrays = Object.values(model.restore?.(outputs) ?? outputs);
const flat = Float32Array.from(arrays.flatMap((array) => [...array]));
writeFileSync(path.join(folder, `${engine}-${threads}.outputs`), flat);
const { reason } = model;
writeSync(1, `${JSON.stringify({ load: loading, first, memory, reason })}\n`);
process.exit(0);
