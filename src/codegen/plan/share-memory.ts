import { type Graph, type Node, operandsOf, type Value } from "../../ir/graph.js";
import type { Choice } from "./choose-algorithm.js";
import type { Homes } from "./choose-layout.js";
import { isWhole, layoutOf, type Root } from "./home.js";
import { meets } from "./strides.js";

/** Grows the halos of roots to what the readers of their values ask for. */
export function widenHalos(graph: Graph, homes: Homes, choices: ReadonlyMap<Node, Choice>): void {
  for (const node of graph.nodes) {
    const choice = choices.get(node);
    if (!choice) continue;
    for (const operand of operandsOf(node)) {
      if (operand.node.op === "constant") continue;
      const { halo } = choice.needs(operand);
      const { root, sharesHalo } = homes.of(operand);
      if (halo && sharesHalo && root.canHaveHalo) root.widen(halo);
    }
  }
}

/** For each root the position of the last node that reads a value in it; past the end for outputs. */
function lastReads(graph: Graph, homes: Homes): Map<Root, number> {
  const last = new Map<Root, number>();
  graph.nodes.forEach((node, position) => {
    for (const operand of operandsOf(node)) last.set(homes.of(operand).root, position);
  });
  for (const { value } of graph.outputs) last.set(homes.of(value).root, graph.nodes.length);
  return last;
}

/** A root, the one that it is written over, and so on. */
function takenBy(root: Root): Root[] {
  const chain: Root[] = [];
  for (let own: Root | undefined = root; own; own = own.takenFrom) chain.push(own);
  return chain;
}

/** Whether two roots can be one piece of memory: same elements in the same order, halos that can grow. */
const areAlike = (a: Root, b: Root): boolean =>
  a.kind === "arena" &&
  b.kind === "arena" &&
  String(a.type.shape) === String(b.type.shape) &&
  a.type.element === b.type.element &&
  String(a.order) === String(b.order) &&
  (String(Object.values(a.halo)) === String(Object.values(b.halo)) ||
    [...takenBy(a), b].every((root) => root.canHaveHalo));

/**
 * Lets results take over the memory of an operand that their algorithm may write over, where both are
 * whole roots, the operand is read as it lies, and nothing reads it later.
 */
export function takeOverDead(graph: Graph, homes: Homes, choices: ReadonlyMap<Node, Choice>): void {
  const last = lastReads(graph, homes);
  graph.nodes.forEach((node, position) => {
    const choice = choices.get(node);
    const result = node.results[0];
    if (!choice || !result || !isWhole(homes.of(result))) return;
    const root = homes.of(result).root;
    const isDead = (operand: Value): boolean => {
      const home = homes.of(operand);
      const others = operandsOf(node).filter((other) => other !== operand);
      return (
        choice.overwrites(operand) &&
        isWhole(home) &&
        last.get(home.root) === position &&
        others.every((other) => homes.of(other).root.memory !== home.root.memory) &&
        areAlike(home.root, root) &&
        meets(layoutOf(home), choice.needs(operand))
      );
    };
    const operand = operandsOf(node).find(isDead);
    if (!operand) return;
    const dead = homes.of(operand).root;
    root.widen(dead.halo);
    for (const own of takenBy(dead)) own.widen(root.halo);
    root.takeOver(dead);
  });
}
