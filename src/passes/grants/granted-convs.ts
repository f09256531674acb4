import type { Grant, Graph, NodeOf } from "../../ir/graph.js";
import { isWithin } from "../../ir/paths.js";
import type { GrantedKind } from "./family.js";

/** A convolution that grants hold for: for each kind the one that decides. */
export interface GrantedConv {
  readonly conv: NodeOf<"conv2d">;
  readonly grants: ReadonlyMap<GrantedKind, Grant>;
}

/** The kind of a grant that lets layers be rewritten; undefined for all others. */
export const rewritingKind = ({ kind }: Grant): GrantedKind | undefined =>
  kind === "separate" || kind === "stack" || kind === "prune" ? kind : undefined;

/** Whether grants let any layer be rewritten. */
export const letRewrite = (grants: readonly Grant[]): boolean =>
  grants.some((grant) => rewritingKind(grant) !== undefined);

/**
 * The convolutions that are granted something, in the order of the graph. Where several grants of a kind hold
 * for one, the innermost path decides, and of equal ones the last.
 */
export function grantedConvs({ nodes, grants }: Graph): GrantedConv[] {
  return nodes.flatMap((node) => {
    if (node.op !== "conv2d") return [];
    const deciding = new Map<GrantedKind, Grant>();
    for (const grant of grants) {
      const kind = rewritingKind(grant);
      if (!kind || !isWithin(node.name, grant.path)) continue;
      const before = deciding.get(kind);
      if (!before || grant.path.length >= before.path.length) deciding.set(kind, grant);
    }
    return deciding.size > 0 ? [{ conv: node, grants: deciding }] : [];
  });
}
