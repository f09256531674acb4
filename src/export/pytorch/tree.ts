import type { Graph, Node, NodeOf } from "../../ir/graph.js";

/** A path without its last part; empty for a path of one. */
export const parentOf = (path: string): string => path.slice(0, Math.max(path.lastIndexOf("."), 0));

/** The last part of a path. */
export const lastOf = (path: string): string => path.slice(path.lastIndexOf(".") + 1);

/** Parts of a path that are nested at most. */
const mostParts = 64;

/** The modules and tensors that parameter paths make; the root's path is empty. */
export class ModuleTree {
  readonly tensors = new Map<string, NodeOf<"parameter">>();
  readonly #children = new Map<string, string[]>();

  /** Paths that no module can have are given to `refused`. */
  constructor(graph: Graph, refused: (node: Node, why: string) => void) {
    this.#children.set("", []);
    for (const node of graph.nodes) {
      if (node.op !== "parameter" || this.tensors.has(node.attrs.path)) continue;
      const parts = node.attrs.path.split(".");
      if (parts.length > mostParts || parts.includes("")) {
        refused(node, "its path has empty parts or too many");
      } else this.#add(node);
    }
    for (const [path, node] of this.tensors) {
      if (this.#children.has(path)) refused(node, "its path is also that of a module");
    }
  }

  #add(node: NodeOf<"parameter">): void {
    let path = node.attrs.path;
    this.tensors.set(path, node);
    for (;;) {
      const parent = parentOf(path);
      const siblings = this.#children.get(parent);
      if (siblings) {
        siblings.push(path);
        return;
      }
      this.#children.set(parent, [path]);
      path = parent;
    }
  }

  /** The paths right below, in the order of the graph. */
  childrenOf(path: string): readonly string[] {
    return this.#children.get(path) ?? [];
  }

  /** Every path that has others below; the root first. */
  get scopes(): readonly string[] {
    return [...this.#children.keys()];
  }
}
