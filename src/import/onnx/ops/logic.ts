import { broadcastShape, broadcastTo } from "../../../ir/ops/broadcast.js";
import type { Dense } from "../../../ir/ops/operator.js";
import { sizeOf } from "../../../ir/types.js";
import type { DataType } from "../../../weights/store.js";
import { checkFolded } from "../apply.js";
import { type Item, isFloat, type Known, knownNumbers } from "../item.js";
import type { NodeReader } from "../node-reader.js";
import type { OpReader, OpReaders } from "./reader.js";

/** A function of known tensors that broadcast to each other. */
function combineKnown(
  node: NodeReader,
  items: readonly Item[],
  dtype: DataType,
  fn: (...numbers: number[]) => number,
): Known {
  const knowns = items.map((item) => node.asKnown(item, "operand"));
  const shape = knowns.reduce<readonly number[]>((joined, item) => {
    const both = broadcastShape(joined, item.shape);
    return both ?? node.refuse(`its operands are ${items.map((one) => `[${one.shape}]`).join()}`);
  }, []);
  checkFolded([sizeOf(shape)], items);
  const spread = knowns.map((item): Dense => broadcastTo(item.dense(), shape));
  const numbers = new Float64Array(sizeOf(shape)).map((_, at) =>
    fn(...spread.map(({ data }) => data[at]!)),
  );
  return knownNumbers(dtype, shape, numbers);
}

const comparison =
  (holds: (a: number, b: number) => boolean): OpReader =>
  (node) => {
    node.ignore("axis", "broadcast");
    return combineKnown(node, node.all(), "bool", (a = 0, b = 0) => (holds(a, b) ? 1 : 0));
  };

/** `a − b · floor(a / b)`, or truncated where asked (`fmod`) as for floats. */
const modulo: OpReader = (node) => {
  const truncates = node.flag("fmod", false);
  const { dtype } = node.input(0);
  return combineKnown(node, node.all(), dtype, (a = 0, b = 1) =>
    truncates || isFloat(dtype) ? a % b : a - b * Math.floor(a / b),
  );
};

export const logicReaders: OpReaders = {
  Equal: comparison((a, b) => a === b),
  Less: comparison((a, b) => a < b),
  LessOrEqual: comparison((a, b) => a <= b),
  Greater: comparison((a, b) => a > b),
  GreaterOrEqual: comparison((a, b) => a >= b),
  And: comparison((a, b) => a !== 0 && b !== 0),
  Or: comparison((a, b) => a !== 0 || b !== 0),
  Xor: comparison((a, b) => (a !== 0) !== (b !== 0)),
  Not: (node) => combineKnown(node, node.all(), "bool", (a = 0) => (a === 0 ? 1 : 0)),
  Mod: modulo,
  Where: (node) => {
    const { dtype } = node.input(1);
    return combineKnown(node, node.all(), dtype, (c = 0, a = 0, b = 0) => (c !== 0 ? a : b));
  },
};
