import type { CompileOptions } from "../../compile-options.js";
import type { Compiled } from "../../compiled.js";
import { Report } from "../../diagnostics/report.js";
import { instantiate } from "../../instantiate.js";
import { timeLayers } from "../../measure/layer-times.js";
import { planModel } from "../../pipeline.js";
import type { LoadedModel } from "../../runtime/model.js";
import { benchAgainst } from "../bench-against.js";
import { layerTimesJson, printLayerTimes } from "../bench-layers.js";
import type { Command, Invocation } from "../command.js";
import { compileFlags } from "../flags.js";
import { exit, UsageError, widthOf } from "../io.js";
import { compileToRun } from "../model.js";
import { noiseFeeds } from "../noise-feeds.js";
import { printCount, printMs } from "../numbers.js";
import { readOptions } from "../read-options.js";
import { printTable } from "../table.js";

/** How long and how often is measured. */
const budget = { ms: 1500, least: 10, most: 5000, warmUp: 3 } as const;

/** Latencies in milliseconds; GFLOP/s of the median, two operations a multiply-accumulate. */
interface Latencies {
  readonly model: string;
  readonly target: string;
  readonly runs: number;
  readonly load: number;
  readonly first: number;
  readonly p50: number;
  readonly p90: number;
  readonly p99: number;
  readonly gflops: number;
}

/** Times a model on seeded noise. */
export const bench: Command = {
  name: "bench",
  usage: "MODEL",
  summary: "time a model: first run, latency, GFLOP/s",
  least: 1,
  most: 1,
  flags: [...compileFlags, "threads", "vs", "per-layer", "json"],
  async run(invocation) {
    const { flags } = invocation;
    const runtime = flags.choice("vs", ["onnxruntime-web"]);
    if (runtime !== undefined && flags.has("per-layer")) {
      throw new UsageError("--vs and --per-layer cannot be given together");
    }
    const threads = flags.whole("threads", 1);
    if (flags.has("per-layer") && (threads ?? 1) > 1) {
      throw new UsageError("--per-layer times one thread", "leave out --threads");
    }
    const options = readOptions(flags);
    const compiled = await compileToRun(invocation, options);
    if (flags.has("per-layer")) await benchLayers(invocation, compiled, options);
    else if (runtime !== undefined) return benchAgainst(invocation, compiled, threads);
    else await benchModel(invocation, compiled, options, threads);
    return exit.fine;
  },
};

/** Times whole runs. */
async function benchModel(
  { flags, printer }: Invocation,
  compiled: Compiled,
  options: CompileOptions,
  threads: number | undefined,
): Promise<void> {
  const start = performance.now();
  const model = await instantiate(compiled, { threads });
  const load = performance.now() - start;
  printer.threads(model);
  printer.status("measuring");
  const times = measure(model);
  const target = options.target ?? "wasm";
  const latencies = latenciesOf(model, target, load, times);
  if (flags.has("json")) printer.json(latencies);
  else for (const line of printLatencies(latencies)) printer.line(line);
}

/** Times each step of a run. */
async function benchLayers(
  { flags, positionals, printer, io }: Invocation,
  compiled: Compiled,
  options: CompileOptions,
): Promise<void> {
  printer.status("measuring");
  const source = { kind: "file", path: positionals[0]!.text } as const;
  const plain = { ...options, weightsPrecision: undefined };
  const plan = planModel(compiled.graph, plain, new Report(), source);
  const times = await timeLayers(plan);
  if (flags.has("json")) printer.json(layerTimesJson(compiled.name, times));
  else for (const line of printLayerTimes(compiled.name, times, widthOf(io))) printer.line(line);
}

/** The first run's time, then those of many more after a warm-up. */
function measure(model: LoadedModel): { first: number; others: number[] } {
  const feeds = noiseFeeds(model);
  let outputs: ReturnType<LoadedModel["run"]> | undefined;
  const time = (): number => {
    const start = performance.now();
    outputs = model.run(feeds, outputs);
    return performance.now() - start;
  };
  const first = time();
  for (let i = 0; i < budget.warmUp; i++) time();
  const others: number[] = [];
  for (let spent = 0; others.length < budget.most; spent += others.at(-1) ?? 0) {
    if (others.length >= budget.least && spent > budget.ms) break;
    others.push(time());
  }
  return { first, others };
}

function latenciesOf(
  model: LoadedModel,
  target: string,
  load: number,
  { first, others }: { first: number; others: number[] },
): Latencies {
  const sorted = others.toSorted((a, b) => a - b);
  const percentile = (share: number): number =>
    sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? first;
  const p50 = percentile(0.5);
  const gflops = (2 * model.macs) / (p50 * 1e6);
  const [p90, p99] = [percentile(0.9), percentile(0.99)];
  return { model: model.name, target, runs: sorted.length, load, first, p50, p90, p99, gflops };
}

const columns = [
  { title: "load", right: true },
  { title: "first run", right: true },
  { title: "p50", right: true },
  { title: "p90", right: true },
  { title: "p99", right: true },
  { title: "GFLOP/s", right: true },
];

function printLatencies(latencies: Latencies): string[] {
  const { model, target, runs, load, first, p50, p90, p99, gflops } = latencies;
  const times = [load, first, p50, p90, p99].map(printMs);
  return [
    `${model} (${target}), ${printCount(runs)} runs after the first on seeded noise`,
    "",
    ...printTable(columns, [[...times, gflops.toFixed(1)]]),
    "",
    "GFLOP/s are those of p50, two operations a multiply-accumulate.",
  ];
}
