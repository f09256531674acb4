import type { Value } from "../../ir/graph.js";
import { printType } from "../../ir/types.js";
import type { Kernel, Site } from "./algorithm.js";
import { copyOf } from "./copy.js";
import { KernelWriter } from "./kernel-writer.js";
import type { Nest } from "./nest.js";

/** A kernel that copies each element of an input to one or more places of a result, as a nest tells. */
export function copyKernel(
  name: string,
  comment: string,
  input: Value,
  nest: Nest,
  site: Site,
): Kernel {
  const writer = new KernelWriter(name, `${comment} of ${printType(input.type)}`);
  const result = writer.result("y");
  const operand = writer.operand("x", input);
  const copy = copyOf(nest, input.type.element, site.target);
  copy.write(writer.f, result, operand, writer.range(copy.units));
  return writer.done();
}
