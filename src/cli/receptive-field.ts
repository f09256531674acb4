import { macsOf } from "../ir/cost.js";
import { type Graph, type NodeOf, operandsOf } from "../ir/graph.js";
import { isWithin } from "../ir/paths.js";
import { sizeOf } from "../ir/types.js";

/** What one layer of a network takes. */
export interface LayerCosts {
  /** Height and width of what one of its results sees of its input. */
  readonly field: readonly [number, number];
  readonly params: number;
  readonly macs: number;
}

/**
 * What the convolutions of a layer, which stand one behind the other, take. The receptive field grows by
 * `(k − 1) · d` times the strides before each of them.
 */
export function layerCosts(graph: Graph, path: string): LayerCosts {
  const own = graph.nodes.filter(({ name }) => isWithin(name, path));
  const convs = own.filter((node): node is NodeOf<"conv2d"> => node.op === "conv2d");
  const parameters = new Set(own.flatMap(operandsOf).map(({ node }) => node));
  const params = [...parameters].reduce(
    (sum, node) =>
      node.op === "parameter" && node.attrs.role === "parameter"
        ? sum + sizeOf(node.attrs.shape)
        : sum,
    0,
  );
  const macs = convs.reduce((sum, node) => sum + macsOf(node), 0);
  return { field: [fieldOf(convs, 0), fieldOf(convs, 1)], params, macs };
}

function fieldOf(convs: readonly NodeOf<"conv2d">[], axis: 0 | 1): number {
  let [field, step] = [1, 1];
  for (const { attrs, operands } of convs) {
    const kernel = operands.weight.type.shape[axis + 2]!;
    field += (kernel - 1) * attrs.dilation[axis] * step;
    step *= attrs.stride[axis];
  }
  return field;
}
