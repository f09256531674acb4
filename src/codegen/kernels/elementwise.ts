import { operandsOf, type Value } from "../../ir/graph.js";
import type { ElementwiseStep, Epilogue } from "../../ir/ops/arithmetic.js";
import { printType, sameShape, sizeOf } from "../../ir/types.js";
import { applyBinary, applySteps, applyUnary } from "./activations.js";
import type { Algorithm, Kernel, Site } from "./algorithm.js";
import { isLongStep } from "./long-step.js";
import { anyLayout, NestKernel } from "./nest-kernel.js";
import type { Work } from "./work.js";

/** A step in words. */
const stepName = (step: ElementwiseStep): string =>
  step.kind === "unary" ? step.fn.kind : step.fn;

/** A pass over the elements that are read and written, and the long formulas computed of them. */
function mapWork(result: Value, operands: readonly Value[], steps: Epilogue): Work {
  const size = sizeOf(result.type.shape);
  const long = steps.filter(isLongStep).length;
  const read = operands.reduce((sum, { type }) => sum + sizeOf(type.shape), 0);
  return { elements: size + read, ...(long > 0 ? { longFunctions: long * size } : {}) };
}

const hasShapeOf = (operand: Value, [result]: readonly Value[]): boolean =>
  result !== undefined && sameShape(operand.type.shape, result.type.shape);

function chain(
  site: Site,
  result: Value,
  input: Value,
  extras: readonly Value[],
  steps: Epilogue,
): Kernel {
  const comment = `${steps.map(stepName).join(", ")} of ${printType(input.type)}`;
  const kernel = new NestKernel("elementwise", comment, site, result);
  const x = kernel.operand("x", input);
  const others = extras.map((extra) => kernel.operand("extra", extra));
  return kernel.done((f, read, v) =>
    applySteps(f, steps, x(read, v), (extra) => others[extra]!(read, v)),
  );
}

/** A fused chain of element-wise functions in one pass over memory. */
export const elementwiseChain: Algorithm<"elementwise"> = {
  ...anyLayout,
  op: "elementwise",
  overwrites: (node, operand) => hasShapeOf(operand, node.results),
  work: (node) => mapWork(node.results[0]!, operandsOf(node), node.attrs.steps),
  build: (node, site) =>
    chain(site, node.results[0]!, node.operands.input, node.operands.extras, node.attrs.steps),
};

/** A function of each element. */
export const unaryMap: Algorithm<"unary"> = {
  ...anyLayout,
  op: "unary",
  overwrites: () => true,
  work: ({ attrs, operands, results }) =>
    mapWork(results[0]!, [operands.input], [{ kind: "unary", fn: attrs.fn }]),
  build: (node, site) => {
    const { input } = node.operands;
    const comment = `${node.attrs.fn.kind} of ${printType(input.type)}`;
    const kernel = new NestKernel(node.attrs.fn.kind, comment, site, node.results[0]!);
    const x = kernel.operand("x", input);
    return kernel.done((f, read, v) => applyUnary(f, node.attrs.fn, x(read, v)));
  },
};

/** A function of each pair of elements, operands broadcast. */
export const binaryMap: Algorithm<"binary"> = {
  ...anyLayout,
  op: "binary",
  overwrites: (node, operand) => hasShapeOf(operand, node.results),
  work: ({ attrs, operands, results }) =>
    mapWork(
      results[0]!,
      [operands.left, operands.right],
      [{ kind: "binary", fn: attrs.fn, extra: 0, side: "right" }],
    ),
  build: (node, site) => {
    const { left, right } = node.operands;
    const { fn } = node.attrs;
    const comment = `${fn} of ${printType(left.type)} and ${printType(right.type)}`;
    const kernel = new NestKernel(fn, comment, site, node.results[0]!);
    const [a, b] = [kernel.operand("a", left), kernel.operand("b", right)];
    return kernel.done((f, read, v) => applyBinary(f, fn, a(read, v), b(read, v)));
  },
};
