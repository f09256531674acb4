import type { Node } from "../../ir/graph.js";

/** How people are told which node it is: an input's name, else the layer's path and operator. */
export const layerLabel = (node: Node): string =>
  node.op === "input" ? node.attrs.name : `${node.name} ${node.op}`.trim();
