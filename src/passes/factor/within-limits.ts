import { ShapeError } from "../../ir/ops/operator.js";

/** What is made; undefined where a tensor of it would be larger than any may be. */
export function withinLimits<T>(make: () => T): T | undefined {
  try {
    return make();
  } catch (problem) {
    if (problem instanceof ShapeError && problem.code === "tensor-too-large") return undefined;
    throw problem;
  }
}
