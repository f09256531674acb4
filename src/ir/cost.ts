import type { Graph, Node } from "./graph.js";
import { typesOf } from "./operands.js";
import { anyOperator, type OpName } from "./ops/index.js";
import type { OperandTable } from "./ops/operator.js";
import { sizeOf } from "./types.js";

/** What a graph takes to run and to store. */
export interface Cost {
  /** Multiply-accumulates of one run, padded taps counted. */
  readonly macs: number;
  /** Trained numbers: those with the role `parameter`, bound or not. */
  readonly params: number;
  /** Bytes of all weights and constants as float32. */
  readonly bytes: number;
  readonly macsByOp: ReadonlyMap<OpName, number>;
}

/** Multiply-accumulates of one node. */
export function macsOf(node: Node): number {
  const results = node.results.map((value) => value.type);
  return anyOperator(node.op).macs(typesOf<OperandTable>(node.operands), node.attrs, results);
}

/** Sums over a graph's nodes, each counted once however many read it. */
export function costOf(graph: Graph): Cost {
  let [macs, params, bytes] = [0, 0, 0];
  const macsByOp = new Map<OpName, number>();
  for (const node of graph.nodes) {
    const own = macsOf(node);
    macs += own;
    if (own > 0) macsByOp.set(node.op, (macsByOp.get(node.op) ?? 0) + own);
    if (node.op !== "constant" && node.op !== "parameter") continue;
    const size = sizeOf(node.attrs.shape);
    bytes += 4 * size;
    if (node.attrs.role === "parameter") params += size;
  }
  return { macs, params, bytes, macsByOp };
}
