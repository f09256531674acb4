import type { Node, Value } from "../../ir/graph.js";
import type { Uses } from "../../ir/rewrite.js";
import { composeMaps, type NoMap } from "./compose-maps.js";
import type { WindowMap } from "./window-map.js";
import { windowMapOf } from "./window-map-of.js";

/** A value seen as a window map of another one, `map.input` unless there is no such map. */
export interface View {
  readonly base: Value;
  /** What stands between the two, the reader first. */
  readonly nodes: readonly Node[];
  readonly map: WindowMap | NoMap;
}

/** Most nodes that one map is made of. */
const longest = 8;

/**
 * A node's result as a map of its input, of its input's input, and so on while every value in between has one
 * reader. The last view may be one without a map, which says why there is none.
 */
export function viewsOf(node: Node, uses: Uses): View[] {
  const views: View[] = [];
  let last: View | undefined;
  for (let next: Node | undefined = node; next && views.length < longest; ) {
    const step = windowMapOf(next);
    if (!step) break;
    const nodes: readonly Node[] = [...(last?.nodes ?? []), next];
    if ("refused" in step) {
      views.push({ base: inputOf(next), nodes, map: step });
      break;
    }
    const map = last && !("refused" in last.map) ? composeMaps(last.map, step) : step;
    last = { base: step.input, nodes, map };
    views.push(last);
    next = "refused" in map || uses(step.input) > 1 ? undefined : step.input.node;
  }
  return views;
}

const inputOf = (node: Node): Value => {
  const [first] = "input" in node.operands ? [node.operands.input] : node.results;
  return first!;
};

/** Whether a map stands there, not a reason against it. */
export const hasMap = (view: View): view is View & { readonly map: WindowMap } =>
  !("refused" in view.map);
