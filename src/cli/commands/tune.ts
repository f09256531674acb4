import { basename, dirname } from "node:path";
import type { Plan } from "../../codegen/plan/index.js";
import { planGraph } from "../../codegen/plan/index.js";
import { layerKey } from "../../codegen/plan/layer-key.js";
import { printDuration } from "../../codegen/plan/predict-cost.js";
import { printTuned, type TunedTimes, tunedFor } from "../../codegen/plan/tuned-times.js";
import { typescriptTarget, wasmTarget } from "../../codegen/target.js";
import { writeAll } from "../../files.js";
import { tuneGraph } from "../../measure/tune.js";
import { mayRoundMore, tuneFileOf } from "../../pipeline.js";
import type { Command } from "../command.js";
import { compileFlags } from "../flags.js";
import { exit, widthOf } from "../io.js";
import { compileModel } from "../model.js";
import { shortPath } from "../printer.js";
import { readOptions } from "../read-options.js";
import { printTable } from "../table.js";

/** One kind of layer: how often it is there, what its algorithms took, and which is taken. */
interface TunedLayer {
  readonly layer: string;
  readonly name: string;
  readonly count: number;
  readonly shape: readonly number[];
  readonly ms: Readonly<Record<string, number>>;
  readonly chosen: string;
}

/** Times the algorithms of a model's layers on this machine, for later builds. */
export const tune: Command = {
  name: "tune",
  usage: "MODEL [-o FILE]",
  summary: "time each layer's algorithms on this machine, for later builds",
  least: 1,
  most: 1,
  flags: ["out", ...compileFlags.filter((flag) => flag !== "tune"), "json"],
  async run(invocation) {
    const { flags, positionals, printer, io } = invocation;
    const file = flags.text("out") ?? tuneFileOf(positionals[0]!.text);
    const options = { ...readOptions(flags), tune: false } as const;
    const { graph } = await compileModel(invocation, options);
    const target = options.target === "ts" ? typescriptTarget : wasmTarget;
    const preferences = { roundMore: mayRoundMore(graph, options) };
    printer.status("measuring");
    const times = await tuneGraph(graph, target, preferences);
    const measured = (node: Parameters<typeof tunedFor>[1]) => tunedFor(times, node);
    const layers = layersOf(planGraph(graph, target, { ...preferences, measured }), times);
    const text = new TextEncoder().encode(printTuned(times));
    const [path = file] = await writeAll(dirname(file), new Map([[basename(file), text]]));
    if (flags.has("json")) printer.json({ file: path, machine: times.machine, layers });
    else {
      for (const line of printLayers(layers, widthOf(io))) printer.line(line);
      printer.line(shortPath(path));
    }
    return exit.fine;
  },
};

function layersOf(plan: Plan, times: TunedTimes): TunedLayer[] {
  const found = new Map<string, TunedLayer>();
  for (const { node, algorithm } of plan.layers) {
    const measured = tunedFor(times, node);
    if (!measured) continue;
    const layer = layerKey(node);
    const known = found.get(layer);
    const own: TunedLayer = {
      layer,
      name: node.name || node.op,
      count: 0,
      shape: node.results[0]?.type.shape ?? [],
      ms: Object.fromEntries([...measured].sort(([, a], [, b]) => a - b)),
      chosen: algorithm,
    };
    found.set(layer, { ...(known ?? own), count: (known?.count ?? 0) + 1 });
  }
  return [...found.values()];
}

const columns = [
  { title: "layer" },
  { title: "times", right: true },
  { title: "shape", spare: 1 },
  { title: "chosen" },
  { title: "measured" },
];

function printLayers(layers: readonly TunedLayer[], width?: number): string[] {
  if (layers.length === 0) return ["No layer has more than one algorithm: nothing was measured."];
  const rows = layers.map(({ name, count, shape, chosen, ms }) => [
    name,
    `${count}`,
    shape.join("×"),
    chosen,
    Object.entries(ms)
      .map(([algorithm, time]) => `${algorithm} ${printDuration(time)}`)
      .join(", "),
  ]);
  return [...printTable(columns, rows, width), ""];
}
