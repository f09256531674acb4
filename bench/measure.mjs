// One network on a number of threads: first every engine in fresh processes that start cold, outputs compared,
// then rounds of fresh processes that take turns.
import { differenceOf, largestDifference, sameBits } from "./outputs.mjs";
import { clockScript, runScript } from "./processes.mjs";
import { median } from "./statistics.mjs";

const medians = (runs, keys) =>
  Object.fromEntries(keys.map((key) => [key, median(runs.map((run) => run[key]))]));

/** Cold starts of engines that take turns: medians, or why an engine cannot run. */
async function startCold(engines, job, times) {
  const runs = new Map(engines.map((engine) => [engine, []]));
  for (let turn = 0; turn < times; turn++) {
    for (const engine of engines) {
      if (runs.get(engine).some(({ error, reason }) => error ?? reason)) continue;
      runs.get(engine).push(await clockScript("cold.mjs", { ...job, engine }));
    }
  }
  return new Map(
    [...runs].map(([engine, list]) => {
      const problem = list.map(({ error, reason }) => error ?? reason).find(Boolean);
      if (problem) return [engine, { problem }];
      return [engine, medians(list, ["cold", "load", "first", "memory"])];
    }),
  );
}

/** Marks engines whose outputs are not ours. */
function compareOutputs(starts, { folder, threads }) {
  if (starts.get("cnnc").problem) return;
  for (const [engine, start] of starts) {
    if (engine === "cnnc" || start.problem) continue;
    const apart = differenceOf(folder, ["cnnc", threads], [engine, threads]);
    start.difference = apart;
    if (apart > largestDifference) {
      start.problem = `outputs differ from ours by ${apart.toExponential(1)} of the largest`;
      start.wrong = true;
    }
  }
}

/** Timed processes of the engines in turns; the order is turned round each time. */
function takeTurns(engines, job, rounds) {
  const runs = new Map(engines.map((engine) => [engine, []]));
  for (let round = 0; round < rounds; round++) {
    for (const engine of round % 2 ? engines.toReversed() : engines) {
      const peak = engine === "cnnc" && job.threads === 1;
      runs.get(engine).push(runScript("timed.mjs", { ...job, engine, peak }));
    }
  }
  return runs;
}

const isWhole = (runs) => runs?.every(({ error }) => error === undefined);

/** Our time by theirs: the median of the rounds' pairs. */
const ratioOf = (ours, theirs) =>
  isWhole(ours) ? median(ours.map(({ ms }, round) => ms / theirs[round].ms)) : undefined;

/** What an engine's timed runs say, beside ours of the same rounds. */
function figuresOf(runs, { ours, wide }, macs) {
  if (!isWhole(runs)) return { problem: runs.find(({ error }) => error).error };
  const gflops = ({ ms }) => (2 * macs) / (1e6 * ms);
  const ms = median(runs.map((run) => run.ms));
  const figures = { ms, gflops: gflops({ ms }) };
  if (runs[0].peak !== undefined) {
    const share = median(runs.map((run) => gflops(run) / run.peak));
    return { ...figures, peak: median(runs.map(({ peak }) => peak)), share };
  }
  if (runs === ours || runs === wide) return figures;
  return { ...figures, ratio: ratioOf(ours, runs), wideRatio: ratioOf(wide, runs) };
}

/**
 * The figures of each engine by name: `cold`, `load`, `first`, `memory`, `ms`, `gflops`, `ratio` (ours by theirs) and
 * `wideRatio` (our wide mode by theirs); of ours on one thread also `peak` and `share`, on several `sameBits`.
 * `problem` instead of times where it could not be compared, `wrong` where its outputs are not ours.
 */
export async function measure(engines, job, { macs, rounds, coldStarts }) {
  const starts = await startCold(engines, job, coldStarts);
  compareOutputs(starts, job);
  const running = engines.filter((engine) => !starts.get(engine).problem);
  const runs = running.includes("cnnc") ? takeTurns(running, job, rounds) : new Map();
  const own = { ours: runs.get("cnnc"), wide: runs.get("cnnc-wide") };
  const figures = {};
  for (const [engine, start] of starts) {
    const timed = runs.get(engine);
    figures[engine] = { ...start, ...(timed && figuresOf(timed, own, macs)) };
  }
  if (job.threads > 1 && runs.has("cnnc")) {
    figures.cnnc.sameBits = sameBits(job.folder, job.threads);
  }
  return figures;
}
