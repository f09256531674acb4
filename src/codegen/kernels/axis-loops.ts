import { advance, type FunctionBuilder } from "../loops/build.js";
import type { Expr } from "../loops/types.js";
import type { Nest } from "./nest.js";
import type { Range } from "./strided-loops.js";

/**
 * Loops over all axes of a nest, the first outermost; `body` gets each operand's address. A range
 * counts indices of the first axis.
 */
export function overAxes(
  f: FunctionBuilder,
  nest: Nest,
  addresses: readonly Expr[],
  range: Range | undefined,
  body: (at: readonly Expr[]) => void,
): void {
  const visit = (axis: number, at: readonly Expr[]): void => {
    const extent = nest.extents[axis];
    if (extent === undefined) {
      body(at.map((p) => (p.kind === "get" ? p : f.let("p", p))));
      return;
    }
    const bounds = range && axis === 0 ? range : { start: 0, end: extent };
    f.for("i", bounds.start, bounds.end, 1, (i) => {
      const strides = nest.operands.map((operand) => operand.strides[axis]!);
      visit(
        axis + 1,
        at.map((p, k) => advance(p, i, strides[k]!)),
      );
    });
  };
  visit(
    0,
    addresses.map((p, k) => advance(p, nest.operands[k]!.offset)),
  );
}
