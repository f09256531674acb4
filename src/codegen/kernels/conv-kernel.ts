import type { NodeOf, Value } from "../../ir/graph.js";
import type { Epilogue } from "../../ir/ops/arithmetic.js";
import type { ConvOperands } from "../../ir/ops/conv.js";
import { sameShape } from "../../ir/types.js";
import { FunctionBuilder } from "../loops/build.js";
import { wasmTarget } from "../target.js";
import type { Kernel, KernelArgument, Site } from "./algorithm.js";
import { type ConvPass, unitsOf, writeConv } from "./conv-loops.js";
import { splitEpilogue } from "./finish-pixels.js";
import { type ChannelSteps, stepsUnder } from "./space.js";

/** The operators that a convolution kernel computes. */
type ConvNode = NodeOf<"conv2d"> | NodeOf<"deconv2d"> | NodeOf<"linear">;

/** The weight and bias of a node, where both are known at compile time. */
export function constantWeights({
  weight,
  bias,
}: ConvOperands):
  | { readonly weight: Float32Array; readonly bias: Float32Array | undefined }
  | undefined {
  if (weight.node.op !== "constant") return undefined;
  if (bias === undefined) return { weight: weight.node.attrs.data, bias: undefined };
  if (bias.node.op !== "constant") return undefined;
  return { weight: weight.node.attrs.data, bias: bias.node.attrs.data };
}

/** The reason why weights cannot be packed, if there is one. */
export const refuseWeights = (node: ConvNode): string | undefined =>
  constantWeights(node.operands) ? undefined : "its weights are not known at compile time";

/**
 * Whether an operand is read by the epilogue only, element for element with the result, and before sums
 * are written.
 */
export function isResidual(node: ConvNode, operand: Value): boolean {
  const { input, extras } = node.operands;
  const [result] = node.results;
  const { later } = splitEpilogue(node.attrs.epilogue, wasmTarget);
  const isReadLater = later.some(
    (step) => step.kind === "binary" && extras[step.extra] === operand,
  );
  return (
    operand !== input &&
    extras.includes(operand) &&
    !isReadLater &&
    result !== undefined &&
    sameShape(operand.type.shape, result.type.shape)
  );
}

/** The extras' places under a result. */
export const extraSteps = (node: ConvNode, site: Site): ChannelSteps[] =>
  node.operands.extras.map((extra) =>
    stepsUnder(site.layoutOf(extra), node.results[0]!.type.shape),
  );

/** Steps of an epilogue in words: `, add, relu`. */
export const epilogueWords = (epilogue: Epilogue): string =>
  epilogue.map((step) => `, ${step.kind === "unary" ? step.fn.kind : step.fn}`).join("");

/** What `convKernel` puts together. */
interface ConvParts {
  readonly name: string;
  readonly comment: string;
  readonly packed: Float32Array;
  readonly passes: readonly ConvPass[];
}

/** A kernel of one or more passes over one input, one packed weight and one result. */
export function convKernel(node: ConvNode, site: Site, parts: ConvParts): Kernel {
  const { input, extras } = node.operands;
  const f = new FunctionBuilder(parts.name, parts.comment);
  const units = Math.max(...parts.passes.map(unitsOf));
  const addresses = {
    input: f.param("input", "floats"),
    weights: f.param("weights", "floats"),
    extras: extras.map((_, index) => f.param(`extra${index}_base`, "floats")),
    output: f.param("output", "floats"),
    start: f.param("start", "i32"),
    end: f.param("end", "i32"),
  };
  for (const pass of parts.passes) writeConv(f, site.target, pass, addresses, units);
  const operands: KernelArgument[] = extras.map((value) => ({ kind: "operand", value }));
  return {
    function: f.done(),
    arguments: [
      { kind: "operand", value: input },
      { kind: "packed", label: `${node.name || node.op} weights`, data: parts.packed },
      ...operands,
      { kind: "result", index: 0 },
      { kind: "rangeStart" },
      { kind: "rangeEnd" },
    ],
    units,
  };
}
