import { withData } from "../../ir/constants.js";
import type { Value } from "../../ir/graph.js";
import { withConvOperands } from "../conv-node.js";
import { type Filters, tapsAt } from "./filters.js";
import { biasOf } from "./thin-filters.js";

/** What becomes of one filter. */
export type FilterEdit =
  /** It gives one number everywhere; that of its bias unless told. */
  | { readonly kind: "constant"; readonly channel: number; readonly value?: number | undefined }
  /** It gives what another one does, times this. */
  | {
      readonly kind: "copy";
      readonly channel: number;
      readonly of: number;
      readonly times: number;
    };

/** The same layer with other filters, as many as before. */
export function editFilters(filters: Filters, edits: readonly FilterEdit[]): Value {
  const { node, taps, inputsPerGroup } = filters;
  const weight = Float32Array.from(filters.weight);
  const bias = Float32Array.from(filters.bias);
  for (const edit of edits) {
    const { channel } = edit;
    for (let k = 0; k < inputsPerGroup; k++) {
      const to = tapsAt(filters, channel, k);
      const from = edit.kind === "copy" ? tapsAt(filters, edit.of, k) : 0;
      for (let tap = 0; tap < taps; tap++) {
        weight[to + tap] = edit.kind === "copy" ? filters.weight[from + tap]! * edit.times : 0;
      }
    }
    if (edit.kind === "copy") bias[channel] = filters.bias[edit.of]! * edit.times;
    else bias[channel] = edit.value ?? filters.bias[channel]!;
  }
  const operands = {
    ...node.operands,
    weight: withData(node.operands.weight, weight),
    bias: biasOf(node, bias),
  };
  return withConvOperands(node, operands);
}
