import { printType } from "../../ir/types.js";
import { FunctionBuilder } from "../loops/build.js";
import type { LoopFunction } from "../loops/types.js";
import type { Layout } from "../plan/layout.js";
import type { KernelTarget } from "../target.js";
import { addressOf, copyOf } from "./copy.js";

/**
 * Copies a value from one strided layout to another of the same type: parameters `from` and `to`, the
 * addresses of element 0. Halos are neither read nor written.
 */
export function relayout(from: Layout, to: Layout, target: KernelTarget): LoopFunction {
  const { element, shape } = from.type;
  const strides = (layout: Layout): string => layout.strides.join(",");
  const f = new FunctionBuilder(
    `relayout_${shape.join("x")}`,
    `${printType(from.type)} from strides ${strides(from)} to ${strides(to)}`,
  );
  const operand = f.param("from", addressOf(element));
  const result = f.param("to", addressOf(element));
  const operands = [to, from].map((layout) => ({ offset: 0, strides: layout.strides }));
  copyOf({ extents: shape, operands }, element, target).write(f, result, operand);
  return f.done();
}
