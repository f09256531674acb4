import type { Plan } from "../codegen/plan/index.js";
import { printDuration } from "../codegen/plan/predict-cost.js";
import { costOf } from "../ir/cost.js";
import { type Graph, type Node, operandsOf } from "../ir/graph.js";
import { printType, sizeOf } from "../ir/types.js";
import { printBytes, printCount, printMillions } from "./numbers.js";
import { printTable } from "./table.js";

/** One line of the summary. */
export interface SummaryLayer {
  readonly name: string;
  readonly op: string;
  readonly shape: readonly number[];
  readonly params: number;
  readonly macs: number;
  readonly kernel: string;
  /** Milliseconds that the kernel takes: predicted, or measured by `cnnc tune`; 0 for views. */
  readonly ms: number;
  readonly isMeasured: boolean;
  /** Bytes of packed constants, and of the result in the arena. */
  readonly weightBytes: number;
  readonly arenaBytes: number;
  readonly rejected: Plan["layers"][number]["rejected"];
}

/** What a model is and takes. */
export interface Summary {
  readonly name: string;
  readonly target: string;
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  readonly layers: readonly SummaryLayer[];
  readonly params: number;
  readonly macs: number;
  readonly macsAsWritten: number;
  readonly weightBytes: number;
  readonly arenaBytes: number;
}

/** Trained numbers that a node reads. */
const paramsOf = (node: Node): number =>
  operandsOf(node)
    .map((value) => value.node)
    .filter((operand) => operand.op === "constant" && operand.attrs.role !== "literal")
    .reduce((sum, operand) => sum + sizeOf(operand.results[0]!.type.shape), 0);

/** The summary of a planned model. */
export function summaryOf(written: Graph, plan: Plan): Summary {
  const { graph } = plan;
  const port = ({ name, value }: Graph["outputs"][number]) => `${name} ${printType(value.type)}`;
  const layers = plan.layers.map((layer) => {
    const { node, algorithm: kernel, macs, weightBytes, arenaBytes } = layer;
    const shape = node.results[0]?.type.shape ?? [];
    const params = paramsOf(node);
    return {
      name: node.name,
      op: node.op,
      shape,
      params,
      macs,
      kernel,
      weightBytes,
      arenaBytes,
      ms: layer.ms,
      isMeasured: layer.isMeasured,
      rejected: layer.rejected,
    };
  });
  const { macs, params } = costOf(written);
  return {
    name: graph.name,
    target: plan.target.name,
    inputs: graph.inputs.map(port),
    outputs: graph.outputs.map(port),
    layers,
    params,
    macs: costOf(graph).macs,
    macsAsWritten: macs,
    weightBytes: plan.weightBytes,
    arenaBytes: plan.arenaBytes,
  };
}

const columns = [
  { title: "layer" },
  { title: "op", spare: 1 },
  { title: "shape" },
  { title: "params", right: true },
  { title: "MACs", right: true },
  { title: "kernel", spare: 2 },
  { title: "expected", right: true, spare: 5 },
  { title: "weights", right: true, spare: 3 },
  { title: "result", right: true, spare: 4 },
];

const orDot = (value: number, print: (value: number) => string): string =>
  value === 0 ? "·" : print(value);

/** The summary as people read it, at most `width` characters wide where that is enough. */
export function printSummaryTable(summary: Summary, width?: number): string[] {
  const { layers, params, macs, macsAsWritten, weightBytes, arenaBytes } = summary;
  const expected = layers.reduce((sum, layer) => sum + layer.ms, 0);
  const kept = layers.reduce((sum, layer) => sum + layer.params, 0);
  const rows = layers.map((layer) => [
    layer.name || "·",
    layer.op,
    layer.shape.join("×"),
    orDot(layer.params, printCount),
    orDot(layer.macs, printMillions),
    layer.kernel,
    orDot(layer.ms, printDuration),
    orDot(layer.weightBytes, printBytes),
    orDot(layer.arenaBytes, printBytes),
  ]);
  const totals = [
    "total",
    "",
    "",
    printCount(kept),
    printMillions(macs),
    "",
    printDuration(expected),
    printBytes(weightBytes),
    "",
  ];
  const written = macs === macsAsWritten ? "" : ` (${printCount(macsAsWritten)} as written)`;
  const folded = kept === params ? "" : ` (${printCount(kept)} after all passes)`;
  return [
    `${summary.name}: ${summary.inputs.join(", ")} -> ${summary.outputs.join(", ")}`,
    "",
    ...printTable(columns, [...rows, undefined, totals], width),
    "",
    `${printCount(params)} parameters${folded}`,
    `${printCount(macs)} multiply-accumulates a run${written}`,
    `${printBytes(weightBytes)} of weights, ${printBytes(arenaBytes)} of working memory (${summary.target})`,
  ];
}
