import type { OpName } from "./ops/index.js";

/** Operators that are places rather than work: leaves, and other views of what is there. */
export const viewOperators: ReadonlySet<OpName> = new Set([
  "input",
  "parameter",
  "constant",
  "dropout",
  "reshape",
  "transpose",
  "slice",
  "split",
  "concat",
]);
