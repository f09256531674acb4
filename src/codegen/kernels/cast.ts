import { printType } from "../../ir/types.js";
import { convert } from "../loops/build.js";
import type { Algorithm } from "./algorithm.js";
import { anyLayout, NestKernel } from "./nest-kernel.js";

/** Bytes become the floats of the same numbers. */
export const castElements: Algorithm<"cast"> = {
  ...anyLayout,
  op: "cast",
  overwrites: (_, operand) => operand.type.element === "f32",
  build: (node, site) => {
    const { input } = node.operands;
    const comment = `${printType(input.type)} as ${node.attrs.to}`;
    const kernel = new NestKernel("cast", comment, site, node.results[0]!);
    const x = kernel.operand("x", input);
    return kernel.done((_, read, v) => {
      const element = x(read, v);
      return element.type === "i32" ? convert("convert", "f32", element) : element;
    });
  },
};
