import { macsOf } from "../ir/cost.js";
import type { Node } from "../ir/graph.js";
import { sizeOf } from "../ir/types.js";
import type { StructureChange } from "./structure-change.js";

/** A change of structure in numbers, as it is reported. */
export interface StructureRecord extends Omit<StructureChange, "before" | "after"> {
  readonly macsBefore: number;
  readonly macsAfter: number;
  /** Numbers in constants. */
  readonly paramsBefore: number;
  readonly paramsAfter: number;
  /** Predicted, the nodes one after the other. */
  readonly msBefore: number;
  readonly msAfter: number;
}

/** The numbers of a change; the nodes themselves are left behind. */
export function structureRecord(
  { before, after, ...rest }: StructureChange,
  predictMs: (node: Node) => number,
): StructureRecord {
  return {
    ...rest,
    macsBefore: sum(before, macsOf),
    macsAfter: sum(after, macsOf),
    paramsBefore: sum(before, numbersIn),
    paramsAfter: sum(after, numbersIn),
    msBefore: sum(before, predictMs),
    msAfter: sum(after, predictMs),
  };
}

const sum = (nodes: readonly Node[], amount: (node: Node) => number): number =>
  nodes.reduce((total, node) => total + amount(node), 0);

const numbersIn = (node: Node): number => (node.op === "constant" ? sizeOf(node.attrs.shape) : 0);
