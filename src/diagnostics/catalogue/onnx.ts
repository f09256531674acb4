import { error } from "./entry.js";

/** One node of a list of nodes that cannot be compiled. */
export interface ListedNode {
  readonly name: string;
  readonly op: string;
  readonly opset: string;
  /** The shapes of its operands. */
  readonly of: string;
  readonly why: string;
}

/** The most nodes and problems that are told one by one. */
const mostListed = 200;

const list = (lines: readonly string[]): string => {
  const shown = lines.slice(0, mostListed).map((line) => `\n  ${line}`);
  const left = lines.length - shown.length;
  return shown.join("") + (left > 0 ? `\n  and ${left} more` : "");
};

const short = (name: string): string => JSON.stringify(name.slice(0, 120));

/** CNN51x: ONNX models. */
export const onnx = {
  "onnx-malformed": error<{ file: string; problem: string }>(
    "CNN510",
    ({ file, problem }) => `${file}: not a valid ONNX model: ${problem}`,
    () => "copy or export the file again",
  ),
  "onnx-tensor-malformed": error<{ file: string; tensor: string; problem: string }>(
    "CNN511",
    ({ file, tensor, problem }) => `${file}: tensor ${short(tensor)}: ${problem}`,
  ),
  "onnx-graph-malformed": error<{ file: string; problems: readonly string[] }>(
    "CNN512",
    ({ file, problems }) => `${file}: the graph does not hold together:${list(problems)}`,
  ),
  "onnx-unsupported": error<{ file: string; nodes: readonly ListedNode[] }>(
    "CNN513",
    ({ file, nodes }) =>
      `${file}: ${nodes.length} node${nodes.length === 1 ? "" : "s"} cannot be compiled:${list(
        nodes.map(
          ({ name, op, opset, of, why }) =>
            `${short(name)} ${op} (opset ${opset}) of ${of}: ${why}`,
        ),
      )}`,
  ),
  "onnx-input-type": error<{ file: string; input: string; type: string }>(
    "CNN514",
    ({ file, input, type }) =>
      `${file}: input ${short(input)} is ${type}: a network takes floats or bytes`,
    ({ input }) => `fix its value when compiling: constants: { ${short(input)}: … }`,
  ),
  "onnx-open-shape": error<{ file: string; input: string; shape: string }>(
    "CNN515",
    ({ file, input, shape }) =>
      `${file}: input ${short(input)} has the shape ${shape}: the model leaves sizes open`,
    ({ input }) => `tell them when compiling: shapes: { ${short(input)}: […] }`,
  ),
  "onnx-too-many-nodes": error<{ file: string; count: number; limit: number }>(
    "CNN517",
    ({ file, count, limit }) =>
      `${file}: the graph has ${count} nodes, more than the ${limit} that a model may have`,
  ),
  "onnx-batch-fixed": error<{ input: string; shape: string; batch: number }>(
    "CNN516",
    ({ input, shape, batch }) =>
      `input ${short(input)} has the shape ${shape}: the model is not made for batches of ${batch}`,
    () => "export the model with an open first axis",
  ),
};
