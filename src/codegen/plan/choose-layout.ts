import { InternalError } from "../../diagnostics/report.js";
import type { Graph, Node, NodeOf, Value } from "../../ir/graph.js";
import type { Choice } from "./choose-algorithm.js";
import {
  type Home,
  partOf,
  Root,
  reshapedHome,
  rootHome,
  slicedHome,
  transposedHome,
} from "./home.js";
import { layerLabel } from "./layer-label.js";
import { axisOrder } from "./strides.js";

/** Where an operand of a concatenation lies: in the result's memory. */
interface Part {
  readonly concat: NodeOf<"concat">;
  readonly start: number;
}

/** Elements along the axis in front of each operand. */
function startsOf(values: readonly Value[], axis: number): number[] {
  let start = 0;
  return values.map((value) => {
    const own = start;
    start += value.type.shape[axis]!;
    return own;
  });
}

/** Whether the value's maker can write it with gaps between its pixels. */
function canBePart(value: Value, choices: ReadonlyMap<Node, Choice>): boolean {
  if (value.node.op === "concat") return true;
  const choice = choices.get(value.node);
  return choice !== undefined && choice.result !== "rowMajor";
}

/**
 * Operands that are made straight into a concatenation's memory: that of the last one which reads
 * them, into which others copy them. An operand that nothing here makes, or that is a view itself,
 * stays where it is and is copied.
 */
function choosePart(graph: Graph, choices: ReadonlyMap<Node, Choice>): Map<Value, Part> {
  const parts = new Map<Value, Part>();
  for (const node of graph.nodes.toReversed()) {
    if (node.op !== "concat") continue;
    const { inputs } = node.operands;
    const starts = startsOf(inputs, node.attrs.axis);
    inputs.forEach((value, index) => {
      if (parts.has(value) || !canBePart(value, choices)) return;
      parts.set(value, { concat: node, start: starts[index]! });
    });
  }
  return parts;
}

/** Decides where every value lies; halos and addresses come later. */
export class Homes {
  readonly #homes = new Map<Value, Home>();
  readonly #parts: ReadonlyMap<Value, Part>;

  constructor(
    graph: Graph,
    readonly choices: ReadonlyMap<Node, Choice>,
  ) {
    this.#parts = choosePart(graph, choices);
    for (const node of graph.nodes) for (const value of node.results) this.of(value);
  }

  of(value: Value): Home {
    const known = this.#homes.get(value);
    if (known) return known;
    const home = this.#find(value);
    this.#homes.set(value, home);
    return home;
  }

  /** The place of operand `index` of a concatenation, or result `index` of a split, in the whole. */
  partAt(whole: Value, values: readonly Value[], axis: number, index: number): Home {
    const start = startsOf(values, axis)[index]!;
    return partOf(this.of(whole), values[index]!.type, axis, start);
  }

  /** The memory of a reshape's result under the shape of its operand: what a copy is written to. */
  beforeReshape({ operands, results }: NodeOf<"reshape">): Home {
    const home = reshapedHome(this.of(results[0]!), operands.input.type);
    if (!home) throw new InternalError("the copy of a reshape does not lie as its operand");
    return home;
  }

  #find(value: Value): Home {
    const part = this.#parts.get(value);
    if (part) {
      const { attrs, results } = part.concat;
      return partOf(this.of(results[0]!), value.type, attrs.axis, part.start);
    }
    return this.#findView(value) ?? rootHome(this.#newRoot(value));
  }

  /** A view where the value is one; a reshape or backward slice that cannot be one gets a root. */
  #findView(value: Value): Home | undefined {
    const { node } = value;
    switch (node.op) {
      case "dropout":
        return this.of(node.operands.input);
      case "transpose":
        return transposedHome(this.of(node.operands.input), node);
      case "split":
        return this.partAt(node.operands.input, node.results, node.attrs.axis, value.index);
      case "slice":
        if (node.attrs.steps.some((step) => step < 0)) return undefined;
        return slicedHome(this.of(node.operands.input), node);
      case "reshape":
        return reshapedHome(this.of(node.operands.input), value.type);
      default:
        return undefined;
    }
  }

  #newRoot(value: Value): Root {
    const { node, type } = value;
    const rank = type.shape.length;
    if (node.op === "constant") {
      return new Root(
        node.name || node.op,
        "constant",
        type,
        axisOrder(rank, "rowMajor"),
        node.attrs.data,
      );
    }
    if (node.op === "input") {
      return new Root(node.attrs.name, "input", type, axisOrder(rank, "rowMajor"));
    }
    if (node.op === "parameter") {
      throw new InternalError(`parameter ${node.attrs.path} has no value`);
    }
    const inOrder = (order: "rowMajor" | "nhwc"): Root =>
      new Root(layerLabel(node), "arena", type, axisOrder(rank, order));
    if (this.choices.get(node)?.result === "rowMajor") return inOrder("rowMajor");
    const root = inOrder("nhwc");
    const isCopiedInto =
      node.op !== "reshape" || reshapedHome(rootHome(root), node.operands.input.type);
    return isCopiedInto ? root : inOrder("rowMajor");
  }
}
