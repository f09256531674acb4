import { error } from "./entry.js";

/** CNN3xx: types, arity and shapes. */
export const types = {
  "kernel-larger-than-input": error<{ op: string; kernel: string; input: string }>(
    "CNN320",
    ({ op, kernel, input }) =>
      `${op}: the kernel covers ${kernel}, but the padded input is only ${input}`,
    () => "use a smaller kernel or more padding",
  ),
};
