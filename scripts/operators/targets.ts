import type { Algorithm } from "../../src/codegen/kernels/algorithm.js";
import { algorithms } from "../../src/codegen/kernels/index.js";
import { typescriptTarget, wasmTarget } from "../../src/codegen/target.js";
import { OnnxEmitter } from "../../src/export/onnx/emitter.js";
import { writeNode } from "../../src/export/onnx/write-onnx.js";
import { type Node, operandsOf } from "../../src/ir/graph.js";
import type { OpName } from "../../src/ir/ops/index.js";

const targets = [wasmTarget, typescriptTarget];

/** The algorithms of an operator. The cast: a table by name meets one name. */
const algorithmsOf = (op: OpName): readonly Algorithm<OpName>[] =>
  (algorithms[op] ?? []) as unknown as readonly Algorithm<OpName>[];

/** Names of an operator's algorithms, best first; none where results are views. */
export const kernelsOf = (op: OpName): readonly string[] =>
  algorithmsOf(op).map(({ name }) => name);

/** The targets that compute an operator: those that refuse none of the nodes which another takes. */
export function targetsOf(op: OpName, nodes: readonly Node[]): readonly string[] {
  const answers = targets.map((target) =>
    nodes.flatMap((node) => algorithmsOf(op).map((algorithm) => !algorithm.refuse(node, target))),
  );
  const isTaken = (at: number): boolean => answers.some((answer) => answer[at]);
  return targets.flatMap(({ name }, index) =>
    answers[index]!.every((taken, at) => taken || !isTaken(at)) ? [name] : [],
  );
}

/** The operators of ONNX that nodes are written as. */
export function writtenAs(nodes: readonly Node[]): ReadonlySet<string> {
  const types = nodes.flatMap((node) => {
    const out = new OnnxEmitter();
    for (const value of operandsOf(node)) out.bind(value, out.uniqueName("x"));
    writeNode(out, node);
    return out.nodes.map(({ opType }) => opType);
  });
  return new Set(types);
}
