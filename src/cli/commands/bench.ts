import { instantiate } from "../../instantiate.js";
import { sizeOf } from "../../ir/types.js";
import type { LoadedModel } from "../../runtime/model.js";
import { generator } from "../../weights/initialise.js";
import type { Command } from "../command.js";
import { compileFlags } from "../flags.js";
import { exit, UsageError } from "../io.js";
import { compileModel } from "../model.js";
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
    const { flags, printer } = invocation;
    for (const flag of ["vs", "per-layer"] as const) {
      if (flags.has(flag)) throw new UsageError(`--${flag} is not available yet`);
    }
    const threads = flags.whole("threads", 1);
    const options = readOptions(flags);
    const compiled = await compileModel(invocation, options);
    const start = performance.now();
    const model = await instantiate(compiled, { threads });
    const load = performance.now() - start;
    if (model.threadsReason) printer.note(`one thread is used: ${model.threadsReason}`);
    printer.status("measuring");
    const times = measure(model);
    const target = options.target ?? "wasm";
    const latencies = latenciesOf(model, target, load, times);
    if (flags.has("json")) printer.json(latencies);
    else for (const line of printLatencies(latencies)) printer.line(line);
    return exit.fine;
  },
};

/** The first run's time, then those of many more after a warm-up. */
function measure(model: LoadedModel): { first: number; others: number[] } {
  const feeds = noiseFor(model);
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

/** Seeded noise for every input. */
function noiseFor(model: LoadedModel): Readonly<Record<string, Float32Array | Uint8Array>> {
  const entries = model.inputNames.map((name) => {
    const { shape, dtype } = model.inputs[name]!;
    const next = generator(1, name);
    const size = sizeOf(shape);
    const noise =
      dtype === "uint8"
        ? Uint8Array.from({ length: size }, () => 256 * next())
        : Float32Array.from({ length: size }, () => 2 * next() - 1);
    return [name, noise] as const;
  });
  return Object.fromEntries(entries);
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
