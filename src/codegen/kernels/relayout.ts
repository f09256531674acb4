import { printType } from "../../ir/types.js";
import { FunctionBuilder } from "../loops/build.js";
import type { LoopFunction } from "../loops/types.js";
import type { Layout } from "../plan/layout.js";
import type { KernelTarget } from "../target.js";
import { addressOf, copyOf } from "./copy.js";

/** A copy, and the units of the range that its last two parameters bound; with one unit it has none. */
export interface Relayout {
  readonly function: LoopFunction;
  readonly units: number;
}

/**
 * Copies a value from one strided layout to another of the same type: parameters `from` and `to`, the
 * addresses of element 0, then, where it is to be shared, `start` and `end` of the units. Halos are neither
 * read nor written.
 */
export function relayout(
  from: Layout,
  to: Layout,
  target: KernelTarget,
  isShared: boolean,
): Relayout {
  const { element, shape } = from.type;
  const strides = (layout: Layout): string => layout.strides.join(",");
  const f = new FunctionBuilder(
    `relayout_${shape.join("x")}`,
    `${printType(from.type)} from strides ${strides(from)} to ${strides(to)}`,
  );
  const operand = f.param("from", addressOf(element));
  const result = f.param("to", addressOf(element));
  const operands = [to, from].map((layout) => ({ offset: 0, strides: layout.strides }));
  const copy = copyOf({ extents: shape, operands }, element, target);
  const units = isShared ? copy.units : 1;
  const range =
    units > 1 ? { start: f.param("start", "i32"), end: f.param("end", "i32") } : undefined;
  copy.write(f, result, operand, range);
  return { function: f.done(), units };
}
