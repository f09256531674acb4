// Times one engine on one network in a process of its own and prints JSON: the median of one inference, array in
// and array out, in milliseconds; for the compiled module on one thread also what the machine can do at most.
//   node timed.mjs JSON of { engine, folder, threads, seconds, peak }
import Benchmark from "benchmark";
import { readFeeds } from "./feeds.mjs";
import { median } from "./statistics.mjs";

const { engine, folder, threads, seconds, peak } = JSON.parse(process.argv[2]);
const given = readFeeds(folder);
const { load } = await import(`./engines/${engine}.mjs`);
const { run, sync, arrange } = await load(folder, { threads });
const feeds = arrange?.(given) ?? given;

/** Whole runs one after another; only engines that answer later are awaited. */
const body = sync
  ? { fn: () => run(feeds) }
  : { defer: true, fn: (deferred) => run(feeds).then(() => deferred.resolve()) };

const until = performance.now() + 150 + 250 * seconds;
while (performance.now() < until) await run(feeds);
const samples = await new Promise((resolve, reject) => {
  new Benchmark({
    ...body,
    maxTime: seconds,
    minSamples: 10,
    onComplete: ({ target }) =>
      target.error ? reject(target.error) : resolve(target.stats.sample),
  }).run({ async: true });
});
const ms = 1000 * median(samples);
const { measurePeak } = peak ? await import("../dist/measure/probe.js") : {};
console.log(JSON.stringify({ ms, peak: measurePeak && (await measurePeak()) }));
process.exit(0);
