import type { Plan } from "../codegen/plan/index.js";
import { printDuration } from "../codegen/plan/predict-cost.js";
import type { Node, Value } from "../ir/graph.js";
import { printType } from "../ir/types.js";

/** A plan as text: every layer's kernel and why not another, where values and constants lie, totals. */
export function printPlan(plan: Plan): string {
  const { graph, target, weightBytes, arenaBytes, arenaBound } = plan;
  return [
    `plan of ${graph.name} for ${target.name}`,
    "",
    "layers",
    ...plan.layers.flatMap(layerLines),
    "",
    "values",
    ...[...plan.placements].map(([value, { layout, bytes }]) => {
      const { top, left, bottom, right } = layout.halo;
      const halo = [top, left, bottom, right].some((n) => n > 0)
        ? ` halo ${top},${left},${bottom},${right}`
        : "";
      const strides = `strides ${layout.strides.join(",")}`;
      return `  @${bytes}  ${valueName(value)} ${printType(value.type)} ${strides}${halo}`;
    }),
    "",
    "constants",
    ...plan.weights.map(
      ({ address, data, label }) => `  @${address}  ${label} ${data.byteLength} bytes`,
    ),
    "",
    ...plan.inputs.map(({ name, bytes }) => `input ${JSON.stringify(name)} @${bytes}`),
    ...plan.outputs.map(({ name, bytes }) => `output ${JSON.stringify(name)} @${bytes}`),
    `${weightBytes} bytes of constants, ${arenaBytes} of arena (at least ${arenaBound})`,
    `${plan.module.functions.length} kernels, ${plan.module.schedule.length} calls`,
  ].join("\n");
}

function layerLines(layer: Plan["layers"][number]): string[] {
  const { node, algorithm, rejected, macs, weightBytes, arenaBytes, ms, isMeasured } = layer;
  const time = `${isMeasured ? "measured" : "predicted"} ${printDuration(ms)}`;
  const work = `${macs} MACs, ${weightBytes} bytes read, ${arenaBytes} written`;
  const costs = ms > 0 ? `${time}, ${work}` : work;
  return [
    `  ${nodeName(node)}: ${algorithm}, ${costs}`,
    ...rejected.map((other) => `    not ${other.algorithm}: ${other.reason}`),
  ];
}

const nodeName = (node: Node): string => (node.name === "" ? node.op : `${node.name} ${node.op}`);

const valueName = ({ node, index }: Value): string =>
  node.results.length > 1 ? `${nodeName(node)}.${index}` : nodeName(node);
