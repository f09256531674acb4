import { decodeHalves } from "../kernels/decode-halves.js";
import type { Call } from "../loops/types.js";
import { aligned } from "./pack-weights.js";
import type { Plan } from "./plan.js";

/** The least bytes of weights a call and the most calls: between them an engine changes to faster code. */
const leastBytes = 1 << 18;
const mostCalls = 32;

/**
 * The plan with a weights file of IEEE halves, half as large. It is loaded into the second half of the
 * weights' own place, from where the first calls of `prepare` decode it; no memory is needed beyond.
 */
export function storeHalves(plan: Plan): Plan {
  const { module, weightBytes, target } = plan;
  if (weightBytes === 0) return plan;
  const bytes = weightBytes / 2;
  const decoder = decodeHalves(target);
  const decoding: Call[] = [];
  const bytesPerCall = Math.max(leastBytes, aligned(weightBytes / mostCalls));
  for (let to = 0; to < weightBytes; to += bytesPerCall) {
    const ends = [bytes + to / 2, to, Math.min(to + bytesPerCall, weightBytes)];
    decoding.push({
      function: decoder.name,
      arguments: ends.map((end) => ({ kind: "address", bytes: end })),
      comment: "weights from the file's halves",
    });
  }
  return {
    ...plan,
    module: {
      ...module,
      functions: [...module.functions, decoder],
      prepare: [...decoding, ...module.prepare],
    },
    weightsFile: { precision: "f16", bytes, address: bytes },
  };
}
