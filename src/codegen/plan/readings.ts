import { type Graph, type Node, operandsOf, type Value } from "../../ir/graph.js";
import type { OperandNeed } from "../kernels/algorithm.js";
import type { Choice } from "./choose-algorithm.js";
import type { Homes } from "./choose-layout.js";
import { type Home, layoutOf, Root, rootHome } from "./home.js";
import { layerLabel } from "./layer-label.js";
import { axisOrder, meets } from "./strides.js";

/** What an output must be: the caller's own order. */
export const outputNeed: OperandNeed = { order: "rowMajor" };

/**
 * Where each reader finds an operand: at its home, or in a copy in the order it asks for. Readers that
 * ask for the same order share a copy, whose halo serves them all.
 */
export class Readings {
  readonly #copies = new Map<Value, Map<OperandNeed["order"], Root>>();

  constructor(
    graph: Graph,
    readonly homes: Homes,
    choices: ReadonlyMap<Node, Choice>,
  ) {
    for (const node of graph.nodes) {
      const choice = choices.get(node);
      if (!choice) continue;
      for (const operand of operandsOf(node)) {
        if (operand.node.op !== "constant") this.#require(operand, choice.needs(operand));
      }
    }
    for (const { value } of graph.outputs) this.#require(value, outputNeed);
  }

  /** The copy that serves a need which the value's home does not meet. */
  copyFor(value: Value, need: OperandNeed): Root | undefined {
    if (meets(layoutOf(this.homes.of(value)), need)) return undefined;
    return this.#copies.get(value)?.get(need.order);
  }

  of(value: Value, need: OperandNeed): Home {
    const copy = this.copyFor(value, need);
    return copy ? rootHome(copy) : this.homes.of(value);
  }

  #require(value: Value, need: OperandNeed): void {
    if (meets(layoutOf(this.homes.of(value)), need)) return;
    const copies = this.#copies.get(value) ?? new Map<OperandNeed["order"], Root>();
    this.#copies.set(value, copies);
    const order = axisOrder(value.type.shape.length, need.order === "any" ? "nhwc" : need.order);
    const label = `${layerLabel(value.node)} in ${need.order} order`;
    const copy = copies.get(need.order) ?? new Root(label, "arena", value.type, order);
    if (need.halo) copy.widen(need.halo);
    copies.set(need.order, copy);
  }
}
