import type { LayerTime, LayerTimes } from "../measure/layer-times.js";
import { printMs } from "./numbers.js";
import { printTable, type Rows } from "./table.js";

const columns = [
  { title: "layer" },
  { title: "op", spare: 2 },
  { title: "kernel" },
  { title: "shape", spare: 1 },
  { title: "time", right: true },
  { title: "share", right: true, spare: 3 },
  { title: "GFLOP/s", right: true },
  { title: "of peak", right: true },
];

const percent = (share: number): string => `${(100 * share).toFixed(1)} %`;

function rowOf({ name, layer, ms, gflops, ofPeak }: LayerTime, all: number): readonly string[] {
  const time = [printMs(ms), percent(ms / all)];
  if (!layer) return [name, "·", "·", "·", ...time, "·", "·"];
  const { node, algorithm, macs } = layer;
  const speed = macs === 0 ? ["·", "·"] : [gflops.toFixed(1), percent(ofPeak)];
  const shape = node.results[0]?.type.shape.join("×") ?? "";
  return [node.name || "·", node.op, algorithm, shape, ...time, ...speed];
}

/** The time of each layer as a table, at most `width` characters wide where that is enough. */
export function printLayerTimes(model: string, times: LayerTimes, width?: number): string[] {
  const { layers, ms, peak, runs } = times;
  const macs = layers.reduce((sum, { layer }) => sum + (layer?.macs ?? 0), 0);
  const gflops = (2 * macs) / (ms * 1e6);
  const beside = layers.filter(({ layer }) => !layer).reduce((sum, line) => sum + line.ms, 0);
  const total = ["total", "", "", "", printMs(ms), "", gflops.toFixed(1), percent(gflops / peak)];
  const rows: Rows = [...layers.map((line) => rowOf(line, ms)), undefined, total];
  return [
    `${model}, the median of ${runs} runs in the network's order, one thread`,
    "",
    ...printTable(columns, rows, width),
    "",
    `${printMs(beside)} of it for halos and copies.`,
    `The peak is ${peak.toFixed(1)} GFLOP/s: the plain register tile in this process. An algorithm that needs`,
    "fewer multiplications than the operator has can be over it.",
  ];
}

/** The time of each layer for programs. */
export const layerTimesJson = (model: string, { layers, ms, peak, runs }: LayerTimes) => ({
  model,
  runs,
  ms,
  peak,
  layers: layers.map((line) => ({
    name: line.layer ? line.layer.node.name : line.name,
    op: line.layer?.node.op ?? null,
    kernel: line.layer?.algorithm ?? null,
    shape: line.layer?.node.results[0]?.type.shape ?? null,
    macs: line.layer?.macs ?? 0,
    ms: line.ms,
    gflops: line.gflops,
    ofPeak: line.ofPeak,
  })),
});
