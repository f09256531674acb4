import { type Graph, type Node, operandsOf, type Value } from "../../ir/graph.js";
import { isWithin } from "../../ir/paths.js";
import type { Construct, Form } from "./form.js";
import { writtenAs } from "./operators.js";
import { ModuleTree, parentOf } from "./tree.js";

/** One operator of the forward pass. */
export interface Step {
  readonly node: Node;
  readonly form: Form;
  /** Tensors that it reads, parameters included where they are no module's. */
  readonly reads: readonly Value[];
  /** The path of the module that it calls. */
  readonly module: string | undefined;
  /** The path of the module in whose `forward` it stands. */
  readonly scope: string;
}

/** Where everything of a graph goes. */
export interface Layout {
  readonly steps: readonly Step[];
  readonly tree: ModuleTree;
  /** Modules of PyTorch by path. */
  readonly leaves: ReadonlyMap<string, Construct>;
}

/** The path of the module whose tensors these are, all of them. */
function modulePath(form: Form, tree: ModuleTree): string | undefined {
  const owned = Object.entries(form.owned ?? {}).filter(([, value]) => value !== undefined);
  const paths = owned.map(([name, value]) => {
    const path = value?.node.op === "parameter" ? value.node.attrs.path : "";
    return path.endsWith(`.${name}`) ? path.slice(0, -name.length - 1) : "";
  });
  const [first = ""] = paths;
  const isWhole = first !== "" && tree.childrenOf(first).length === paths.length;
  return isWhole && paths.every((path) => path === first) ? first : undefined;
}

interface Formed {
  readonly node: Node;
  readonly form: Form;
}

/** Chooses for each node the module that it is, if it is one. */
function findModules(formed: readonly Formed[], tree: ModuleTree) {
  const leaves = new Map<string, Construct>();
  const modules = new Map<Node, string>();
  for (const { node, form } of formed) {
    const path = form.module && modulePath(form, tree);
    if (!form.module || path === undefined) continue;
    const known = leaves.get(path);
    if (known && JSON.stringify(known) !== JSON.stringify(form.module.construct)) continue;
    leaves.set(path, known ?? form.module.construct);
    modules.set(node, path);
  }
  return { leaves, modules };
}

/** The innermost scope that a path names or lies in. */
function scopeOf(path: string, scopes: ReadonlySet<string>): string {
  let scope = path;
  while (scope !== "" && !scopes.has(scope)) scope = parentOf(scope);
  return scope;
}

/** Every node as a step, in the graph's order; what cannot be written is given to `refused`. */
export function layOut(graph: Graph, refused: (node: Node, why: string) => void): Layout {
  const formed: Formed[] = [];
  for (const node of graph.nodes) {
    if (node.op === "input" || node.op === "parameter" || node.op === "constant") continue;
    const form = writtenAs(node);
    if ("refused" in form) refused(node, form.refused);
    else formed.push({ node, form });
  }
  const tree = new ModuleTree(graph, refused);
  const { leaves, modules } = findModules(formed, tree);
  const scopes = new Set(tree.scopes.filter((path) => !leaves.has(path)));
  const needed = new Set<Value>(graph.outputs.map(({ value }) => value));
  const steps: Step[] = [];
  for (const { node, form } of formed.toReversed()) {
    if (!node.results.some((value) => needed.has(value))) continue;
    const module = modules.get(node);
    const all = module !== undefined && form.module ? [form.module.input] : operandsOf(node);
    const reads = [...new Set(all.filter((value) => value.node.op !== "constant"))];
    for (const value of reads) needed.add(value);
    const scope = module === undefined ? scopeOf(node.name, scopes) : parentOf(module);
    steps.push({ node, form, reads, module, scope });
  }
  return { steps: gather(steps.toReversed(), scopes), tree, leaves };
}

/**
 * Steps without tensors that stand on a way from a scope back into it belong to it: models of other
 * formats often name them after nothing.
 */
function gather(steps: readonly Step[], scopes: ReadonlySet<string>): readonly Step[] {
  const placed = [...steps];
  const at = new Map(steps.map(({ node }, index) => [node, index]));
  const deepest = [...scopes].sort((a, b) => b.split(".").length - a.split(".").length);
  const spans = new Map<string, number[]>();
  steps.forEach(({ scope }, index) => {
    for (let path = scope; path !== ""; path = parentOf(path)) {
      spans.set(path, [...(spans.get(path) ?? []).slice(0, 1), index]);
    }
  });
  for (const scope of deepest) {
    const [first, last = first] = spans.get(scope) ?? [];
    if (first === undefined || last === undefined) continue;
    const between = betweenOf(placed, at, scope, first, last);
    const isFree = between.every((index) => {
      const step = placed[index]!;
      return step.module === undefined && isWithin(scope, step.scope);
    });
    if (isFree) for (const index of between) placed[index] = { ...placed[index]!, scope };
  }
  return placed;
}

/** Steps outside a scope that read what comes from it and are read on a way into it. */
function betweenOf(
  steps: readonly Step[],
  at: ReadonlyMap<Node, number>,
  scope: string,
  first: number,
  last: number,
): number[] {
  const after = new Set<number>();
  const before = new Set<number>();
  const sources = (index: number): number[] =>
    steps[index]!.reads.flatMap(({ node }) => at.get(node) ?? []);
  for (let index = first; index <= last; index++) {
    const follows = sources(index).some((from) => after.has(from));
    if (follows || isWithin(steps[index]!.scope, scope)) after.add(index);
  }
  for (let index = last; index >= first; index--) {
    if (!before.has(index) && !isWithin(steps[index]!.scope, scope)) continue;
    for (const from of sources(index)) before.add(from);
  }
  return [...after].filter((index) => before.has(index) && !isWithin(steps[index]!.scope, scope));
}
