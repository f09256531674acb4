import { buildNode } from "../../ir/build.js";
import type { Value } from "../../ir/graph.js";
import { checkResult } from "../../ir/ops/check.js";
import {
  type AttributesOf,
  anyOperator,
  type OperandsOf,
  type OpName,
} from "../../ir/ops/index.js";
import type { Dense, OperandsAs, OperandTable } from "../../ir/ops/operator.js";
import { sizeOf, type TensorType } from "../../ir/types.js";
import type { DataType } from "../../weights/store.js";
import { computed, type Item, type Known, knownNumbers } from "./item.js";
import { Refusal } from "./refusal.js";

/** An operator's operands as items, under the operands' names. */
export type ItemsOf<K extends OpName> = OperandsAs<OperandsOf<K>, Item>;

/** Where an operator is applied: what its nodes are called, and how known operands become values. */
export interface Site {
  readonly label: string;
  valueOf(name: string, known: Known): Value;
}

/** Largest tensor that is computed while reading, when its operands are smaller. */
export const largestResult = 2 ** 22;

type Listed<T> = T | readonly T[] | undefined;

/** Something about each operand, under the operands' names. The cast: entries by name meet a table by name. */
function mapItems<T>(
  items: object,
  fn: (item: Item, name: string) => T,
): OperandsAs<OperandTable, T> {
  const entries = Object.entries<Listed<Item>>({ ...items }).map(([name, operand]) => {
    if (operand === undefined) return [name, undefined];
    return [name, "kind" in operand ? fn(operand, name) : operand.map((item) => fn(item, name))];
  });
  return Object.fromEntries(entries) as OperandsAs<OperandTable, T>;
}

const listOf = (items: object): Item[] =>
  Object.values<Listed<Item>>({ ...items }).flatMap((operand) => operand ?? []);

/** Refuses results that are far larger than what they are made of. */
export function checkFolded(sizes: readonly number[], operands: readonly Item[]): void {
  const given = operands.reduce((sum, { shape }) => sum + sizeOf(shape), 0);
  const made = sizes.reduce((sum, size) => sum + size, 0);
  if (made <= Math.max(largestResult, 4 * given)) return;
  throw new Refusal(`it makes ${made} elements of ${given} while the model is read`);
}

/** Computes an operator whose operands are all known, by its reference meaning. */
function fold(op: OpName, items: object, attrs: object, dtype: DataType): Known[] {
  const operator = anyOperator(op);
  const types = mapItems(items, ({ shape }): TensorType => ({ element: "f32", shape }));
  const results = operator.infer(types, attrs);
  for (const type of results) checkResult("constant", type);
  checkFolded(
    results.map(({ shape }) => sizeOf(shape)),
    listOf(items),
  );
  const operands = mapItems(items, (item): Dense => {
    if (item.kind === "known") return item.dense();
    throw new Refusal("an operand is not known");
  });
  const values = operator.evaluate(operands, attrs, results);
  return values.map(({ shape, data }) => knownNumbers(dtype, shape, data));
}

/**
 * An operator of the graph applied to items. Where all are known the results are computed at once, by the
 * reference meaning, else known operands become parameters or constants and a node is built. The results'
 * element type is the first operand's unless told.
 */
export function applyAll<K extends OpName>(
  site: Site,
  op: K,
  items: ItemsOf<K>,
  attrs: AttributesOf<K>,
  dtype: DataType = listOf(items)[0]?.dtype ?? "float32",
): Item[] {
  if (listOf(items).every(({ kind }) => kind === "known")) return fold(op, items, attrs, dtype);
  const operands = mapItems(items, (item, name) =>
    item.kind === "known" ? site.valueOf(name, item) : item.value,
  );
  const node = buildNode(op, operands as OperandsOf<K>, attrs, { name: site.label });
  return node.results.map((value) => computed(value, dtype));
}
