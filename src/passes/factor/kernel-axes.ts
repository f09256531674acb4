import type { NodeOf } from "../../ir/graph.js";

/** The operators whose kernels are taken apart. */
export type KernelNode = NodeOf<"conv2d"> | NodeOf<"deconv2d">;

/** What the elements of a kernel are told apart by; outputs and inputs are counted within a group. */
export type Axis = "group" | "output" | "input" | "row" | "column";

export type AxisSizes = { readonly [A in Axis]: number };

/** The number of places along each axis of a node's kernel. */
export function axisSizes({ op, attrs, operands }: KernelNode): AxisSizes {
  const [first = 1, second = 1, row = 1, column = 1] = operands.weight.type.shape;
  const outer = first / attrs.groups;
  const [output, input] = op === "conv2d" ? [outer, second] : [second, outer];
  return { group: attrs.groups, output, input, row, column };
}

/** The order in which a weight holds its axes, the slowest first. */
const orders: { readonly [K in KernelNode["op"]]: readonly Axis[] } = {
  conv2d: ["group", "output", "input", "row", "column"],
  deconv2d: ["group", "input", "output", "row", "column"],
};

/** Places in a node's weight of all combinations along some axes, the last axis running fastest. */
export function placesAlong(node: KernelNode, axes: readonly Axis[]): Int32Array {
  const sizes = axisSizes(node);
  const order = orders[node.op];
  let places = Int32Array.of(0);
  for (const axis of axes) {
    const inner = order.slice(order.indexOf(axis) + 1);
    const step = inner.reduce((product, other) => product * sizes[other], 1);
    const next = new Int32Array(places.length * sizes[axis]);
    places.forEach((place, at) => {
      for (let i = 0; i < sizes[axis]; i++) next[at * sizes[axis] + i] = place + i * step;
    });
    places = next;
  }
  return places;
}

/** The number of combinations along some axes. */
export const countAlong = (sizes: AxisSizes, axes: readonly Axis[]): number =>
  axes.reduce((product, axis) => product * sizes[axis], 1);
