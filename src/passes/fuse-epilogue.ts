import { build } from "../ir/build.js";
import type { Graph, NodeOf, Value } from "../ir/graph.js";
import type { ElementwiseStep, Epilogue } from "../ir/ops/arithmetic.js";
import { defineRule, type Uses } from "../ir/rewrite.js";
import { sameShape } from "../ir/types.js";
import { isConvNode, withConvOperands } from "./conv-node.js";
import { applyRules, type Pass, type PassContext } from "./pass.js";

/**
 * The most steps that one kernel applies: code and the count of its operands stay small, and long chains
 * take time in proportion.
 */
const mostSteps = 32;

/** An element-wise node: a function of one running value, and of another value that it may read. */
type Pointwise = NodeOf<"unary"> | NodeOf<"binary">;

/** A way to see an element-wise node: what it does to which of its operands. */
interface Step {
  readonly running: Value;
  readonly extra: Value | undefined;
  step(extra: number): ElementwiseStep;
}

/**
 * Lets the kernel that makes a value also apply what follows it, element by element: activations,
 * residual sums, products along channels. First into convolutions and matrix products, then what is
 * left over into chains.
 *
 *   relu(add(conv(x), y))  =  conv(x) -> add(y) -> relu
 *
 * A value that has another reader, or that would have to grow to the shape of the other operand, stays
 * as it is. A value with one reader cannot be needed by the other operand, so no cycle arises.
 */
export const fuseEpilogue: Pass = {
  name: "fuse-epilogue",
  summary: "apply activations and residual sums in the kernel that makes the value",
  exactness: "bitwise",
  run(graph: Graph, context: PassContext): Graph {
    const fused = applyRules(graph, [intoConvolutions], context);
    return applyRules(fused, [intoChains, joinChains], context);
  },
};

const intoConvolutions = defineRule({
  name: "fuse-epilogue",
  op: ["unary", "binary"],
  exactness: "bitwise",
  apply(node, uses) {
    for (const { running, extra, step } of stepsOf(node)) {
      const conv = running.node;
      if (!isConvNode(conv) || uses(running) > 1) continue;
      if (conv.attrs.epilogue.length >= mostSteps) continue;
      const { extras, epilogue } = append(conv.operands.extras, conv.attrs.epilogue, extra, step);
      return withConvOperands(conv, { ...conv.operands, extras }, epilogue);
    }
    return undefined;
  },
});

const intoChains = defineRule({
  name: "fuse-epilogue",
  op: ["unary", "binary"],
  exactness: "bitwise",
  apply(node, uses) {
    for (const { running, extra, step } of stepsOf(node)) {
      const chain = chainOf(running, uses);
      if (!chain || chain.steps.length >= mostSteps) continue;
      const { extras, epilogue } = append(chain.extras, chain.steps, extra, step);
      return build("elementwise", { input: chain.input, extras }, { steps: epilogue }, node);
    }
    return undefined;
  },
});

const joinChains = defineRule({
  name: "fuse-epilogue",
  op: "elementwise",
  exactness: "bitwise",
  apply(node, uses) {
    const before = chainOf(node.operands.input, uses);
    if (!before || before.steps.length + node.attrs.steps.length > mostSteps) return undefined;
    let { extras, steps } = before;
    for (const step of node.attrs.steps) {
      const isUnary = step.kind === "unary";
      const extra = isUnary ? undefined : node.operands.extras[step.extra];
      const renumbered = (at: number) => (isUnary ? step : { ...step, extra: at });
      ({ extras, epilogue: steps } = append(extras, steps, extra, renumbered));
    }
    return build("elementwise", { input: before.input, extras }, { steps }, node);
  },
});

/**
 * The ways to apply a node to a running value of its result's shape. The right operand of a binary
 * comes first: where both have one reader it stands later in the graph, so the left one is there in
 * time.
 */
function stepsOf(node: Pointwise): Step[] {
  if (node.op === "unary") {
    const { fn } = node.attrs;
    return [
      { running: node.operands.input, extra: undefined, step: () => ({ kind: "unary", fn }) },
    ];
  }
  const { left, right } = node.operands;
  const { fn } = node.attrs;
  const ways: Step[] = [
    {
      running: right,
      extra: left,
      step: (extra) => ({ kind: "binary", fn, extra, side: "left" }),
    },
    {
      running: left,
      extra: right,
      step: (extra) => ({ kind: "binary", fn, extra, side: "right" }),
    },
  ];
  const { shape } = node.results[0]!.type;
  return ways.filter(({ running }) => sameShape(running.type.shape, shape));
}

/** The epilogue with one more step; an extra that is read already is not listed twice. */
function append(
  extras: readonly Value[],
  steps: Epilogue,
  extra: Value | undefined,
  step: Step["step"],
): { readonly extras: readonly Value[]; readonly epilogue: Epilogue } {
  const all = extra && !extras.includes(extra) ? [...extras, extra] : extras;
  return { extras: all, epilogue: [...steps, step(extra ? all.indexOf(extra) : 0)] };
}

interface Chain {
  readonly input: Value;
  readonly extras: readonly Value[];
  readonly steps: Epilogue;
}

/** What a value with one reader is a chain of; undefined when no element-wise node makes it. */
function chainOf(value: Value, uses: Uses): Chain | undefined {
  const { node } = value;
  if (uses(value) > 1) return undefined;
  if (node.op === "elementwise") return { ...node.operands, steps: node.attrs.steps };
  if (node.op !== "unary" && node.op !== "binary") return undefined;
  const first = stepsOf(node).at(-1);
  if (!first) return undefined;
  const { extras, epilogue } = append([], [], first.extra, first.step);
  return { input: first.running, extras, steps: epilogue };
}
