import { error } from "./entry.js";

/** One layer or node of a list of those that cannot be compiled. */
export interface ListedPart {
  readonly name: string;
  readonly op: string;
  readonly why: string;
}

/** The most layers and nodes that are told one by one. */
const mostListed = 200;

const short = (name: string): string => JSON.stringify(name.slice(0, 120));

function list(parts: readonly ListedPart[]): string {
  const lines = parts
    .slice(0, mostListed)
    .map(({ name, op, why }) => `\n  ${op.slice(0, 60)} ${short(name)}: ${why}`);
  const left = parts.length - lines.length;
  return lines.join("") + (left > 0 ? `\n  and ${left} more` : "");
}

/** CNN55x: TF.js models. */
export const tfjs = {
  "tfjs-malformed": error<{ file: string; place: string; problem: string }>(
    "CNN550",
    ({ file, place, problem }) =>
      `${file}: not a valid TF.js model: ${place === "" ? "" : `${place.slice(0, 200)}: `}${problem}`,
    () => "save or convert the model again",
  ),
  "tfjs-weights-size": error<{ file: string; tensors: number; wanted: number; has: number }>(
    "CNN551",
    ({ file, tensors, wanted, has }) =>
      `${file}: ${tensors} tensor${tensors === 1 ? " takes" : "s take"} ${wanted} bytes, the file has ${has}`,
    () => "copy or download the file again",
  ),
  "tfjs-unsupported": error<{ file: string; nodes: readonly ListedPart[] }>(
    "CNN552",
    ({ file, nodes }) =>
      `${file}: ${nodes.length} part${nodes.length === 1 ? "" : "s"} of the model cannot be compiled:${list(nodes)}`,
  ),
  "tfjs-open-shape": error<{ input: string; shape: string }>(
    "CNN553",
    ({ input, shape }) =>
      `input ${short(input)} has the shape ${shape}: the model leaves sizes open`,
    ({ input }) => `tell them when compiling: --shape ${input}=1,224,224,3`,
  ),
  "tfjs-batch-fixed": error<{ input: string; shape: string; batch: number }>(
    "CNN554",
    ({ input, shape, batch }) =>
      `input ${short(input)} has the shape ${shape}: the model is not made for batches of ${batch}`,
  ),
  "tfjs-too-large": error<{ file: string; limit: number }>(
    "CNN555",
    ({ file, limit }) =>
      `${file}: the model has more than ${limit} layers or nodes, the most there can be`,
  ),
};
