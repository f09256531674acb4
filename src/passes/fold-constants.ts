import { constantOf } from "../ir/build.js";
import { isConstant } from "../ir/constants.js";
import { macsOf } from "../ir/cost.js";
import { evaluate } from "../ir/evaluate.js";
import { type Graph, type Node, operandsOf, type Value } from "../ir/graph.js";
import type { Role } from "../ir/ops/leaf.js";
import { graphOf } from "../ir/order.js";
import { mapGraph } from "../ir/rewrite.js";
import { sizeOf } from "../ir/types.js";
import { type Pass, type PassContext, spend } from "./pass.js";

/** Largest constant that may come into being where its operands are smaller. */
const largestResult = 2 ** 16;
/** Most work that the slow evaluator is given for one node. */
const mostMacs = 2 ** 26;

/**
 * Computes what depends on constants alone, by the operators' reference meaning. Left alone when the
 * result would be large and larger than what it is made of, or when computing it would take long.
 */
export const foldConstants: Pass = {
  name: "fold-constants",
  summary: "compute what depends on constants alone",
  exactness: "rounding",
  run(graph: Graph, context: PassContext): Graph {
    return mapGraph(graph, (node) =>
      isFoldable(node) && spend(node, context) ? fold(node) : undefined,
    );
  },
};

function isFoldable(node: Node): boolean {
  const operands = operandsOf(node);
  if (operands.length === 0 || !operands.every(isConstant)) return false;
  const most = Math.max(largestResult, totalSize(operands));
  return totalSize(node.results) <= most && macsOf(node) <= mostMacs;
}

const totalSize = (values: readonly Value[]): number =>
  values.reduce((sum, { type }) => sum + sizeOf(type.shape), 0);

function fold(node: Node): Value[] {
  const outputs = node.results.map((value, index) => ({ name: String(index), value }));
  const values = evaluate(graphOf({ name: "", inputs: [], outputs, grants: [] }), new Map());
  const name = node.name || operandsOf(node)[0]!.node.name;
  return outputs.map((output) => {
    const { shape, data } = values.get(output.name)!;
    return constantOf(shape, Float32Array.from(data), roleOf(node), { name, span: node.span });
  });
}

/** Trained numbers stay trained numbers when they are scaled or moved. */
function roleOf(node: Node): Role {
  const roles = operandsOf(node).map((value) =>
    value.node.op === "constant" ? value.node.attrs.role : "literal",
  );
  return (["parameter", "statistic"] as const).find((role) => roles.includes(role)) ?? "literal";
}
