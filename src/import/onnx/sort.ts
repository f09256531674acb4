import type { GraphMessage, NodeMessage } from "../../onnx/messages.js";

/** The nodes that the outputs need, operands before readers, and what is wrong with the order. */
export interface Sorted {
  readonly nodes: readonly NodeMessage[];
  readonly problems: readonly string[];
}

const quote = (name: string): string => JSON.stringify(name.slice(0, 80));

/** The node that makes each value; names that two nodes make are problems. */
function makersOf(
  graph: GraphMessage,
  given: ReadonlySet<string>,
  problems: string[],
): Map<string, NodeMessage> {
  const makers = new Map<string, NodeMessage>();
  for (const node of graph.nodes) {
    for (const output of node.outputs) {
      if (output === "") continue;
      if (makers.has(output) || given.has(output)) problems.push(`${quote(output)} is made twice`);
      makers.set(output, node);
    }
  }
  return makers;
}

/** Where the walk stands: a node, and the next of its operands. */
interface Visit {
  readonly node: NodeMessage;
  next: number;
}

/** Walks from the outputs down. A value that nothing makes, or that needs itself, is a problem. */
class Walk {
  readonly nodes: NodeMessage[] = [];
  readonly #state = new Map<NodeMessage, "open" | "done">();
  readonly #stack: Visit[] = [];

  constructor(
    readonly makers: ReadonlyMap<string, NodeMessage>,
    readonly given: ReadonlySet<string>,
    readonly problems: string[],
  ) {}

  from(name: string): void {
    this.#enter(name, "an output");
    for (let top = this.#stack.at(-1); top; top = this.#stack.at(-1)) {
      const operand = top.node.inputs[top.next++];
      if (operand !== undefined) {
        this.#enter(operand, `a node ${quote(top.node.name)} of ${quote(top.node.opType)}`);
        continue;
      }
      this.#stack.pop();
      this.#state.set(top.node, "done");
      this.nodes.push(top.node);
    }
  }

  #enter(name: string, reader: string): void {
    if (name === "" || this.given.has(name)) return;
    const node = this.makers.get(name);
    if (!node) {
      this.problems.push(`${reader} reads ${quote(name)}, which nothing makes`);
      return;
    }
    const state = this.#state.get(node);
    if (state === "open") this.problems.push(`${quote(name)} needs itself: the graph has a cycle`);
    if (state) return;
    this.#state.set(node, "open");
    this.#stack.push({ node, next: 0 });
  }
}

/** Sorts a graph whose inputs and initializers are `given`. Models may list nodes in any order. */
export function sortNodes(graph: GraphMessage, given: ReadonlySet<string>): Sorted {
  const problems: string[] = [];
  const walk = new Walk(makersOf(graph, given, problems), given, problems);
  if (graph.outputs.length === 0) problems.push("it has no output");
  for (const { name } of graph.outputs) {
    if (name === "") problems.push("an output has no name");
    walk.from(name);
  }
  return { nodes: walk.nodes, problems };
}
