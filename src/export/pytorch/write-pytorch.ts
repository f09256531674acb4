import type { Report } from "../../diagnostics/report.js";
import type { Graph, Node, NodeOf, Value } from "../../ir/graph.js";
import { printType, sizeOf } from "../../ir/types.js";
import { Arrangement } from "./arrange.js";
import { type Attribute, ClassList, type Draft, printClass } from "./classes.js";
import { at, by, type Construct, construct } from "./form.js";
import { ForwardWriter } from "./forward.js";
import { layOut } from "./layout.js";
import { tensorOf } from "./operators.js";
import {
  escapeText,
  freeName,
  isAttribute,
  isFreeName,
  numberOf,
  safeName,
  stringOf,
  tupleOf,
} from "./python.js";
import { weighText } from "./resample.js";
import { sequenceOf } from "./sequence.js";
import { lastOf } from "./tree.js";

/** Elements of a constant that are written out as numbers at most. */
const mostNumbers = 100_000;

/** Numbers that a tensor has until weights are loaded: scales are 1, weights as He et al. have them. */
function initialOf({ attrs: { path, shape } }: NodeOf<"parameter">): string {
  const size = shape.length === 0 ? "()" : tupleOf(shape);
  const name = lastOf(path);
  if (shape.length < 2) {
    return name === "weight" || name === "running_var"
      ? `torch.ones(${size})`
      : `torch.zeros(${size})`;
  }
  const fanIn = Math.max(1, sizeOf(shape.slice(1)));
  return `torch.randn(${size}) * ${Math.sqrt(2 / fanIn).toPrecision(3)}`;
}

/** A tensor that is no part of a module of PyTorch. */
function tensorAttribute(node: NodeOf<"parameter">): Attribute {
  const name = lastOf(node.attrs.path);
  const isStatistic = node.attrs.role === "statistic";
  const text = initialOf(node);
  if (isStatistic && isAttribute(name)) {
    const given = [at("name", stringOf(name)), at("tensor", text)];
    return { target: "", construct: construct("self.register_buffer", ...given) };
  }
  const made = isStatistic
    ? construct("torch.clone", at("tensor", text))
    : construct("nn.Parameter", at("data", text));
  const table = isStatistic ? "_buffers" : "_parameters";
  return {
    target: isAttribute(name) ? `self.${name} = ` : `self.${table}[${stringOf(name)}] = `,
    construct: made,
  };
}

/** Writes the classes of a graph, the innermost first. */
class FileWriter {
  readonly #layout: ReturnType<typeof layOut>;
  readonly #arrangement: Arrangement;
  readonly #made = new Map<string, Construct>();
  readonly #classes: ClassList;

  constructor(
    readonly graph: Graph,
    readonly name: string,
    layout: ReturnType<typeof layOut>,
  ) {
    this.#layout = layout;
    this.#arrangement = new Arrangement(graph, layout);
    this.#classes = new ClassList([name]);
  }

  write(): readonly string[] {
    const heights = new Map<string, number>();
    const { tree, leaves } = this.#layout;
    const scopes = tree.scopes.filter((path) => !leaves.has(path));
    const deepest = [...scopes].sort((a, b) => b.split(".").length - a.split(".").length);
    for (const path of deepest) {
      const below = tree.childrenOf(path).map((child) => heights.get(child) ?? 0);
      heights.set(
        path,
        path === "" ? Number.POSITIVE_INFINITY : below.reduce((a, b) => Math.max(a, b), 0) + 1,
      );
    }
    const levels = [...new Set(heights.values())].sort((a, b) => a - b);
    for (const level of levels.filter(Number.isFinite)) {
      const drafts = scopes
        .filter((path) => heights.get(path) === level)
        .flatMap((path) => this.#draft(path) ?? []);
      for (const [path, made] of this.#classes.add(drafts)) this.#made.set(path, made);
    }
    const root = this.#classDraft(
      "",
      this.graph.inputs.map(({ name }) => name),
    );
    return [
      ...this.#classes.texts,
      printClass(this.name, root, [], new Map(), documentationOf(this.graph)),
    ];
  }

  /** A module as a class to be; undefined where it is a sequence. */
  #draft(path: string): Draft | undefined {
    const { tree, leaves } = this.#layout;
    const children = tree.childrenOf(path);
    const known = new Map([
      ...this.#made,
      ...children.flatMap((child) => {
        const leaf = leaves.get(child);
        return leaf ? [[child, leaf] as const] : [];
      }),
    ]);
    const sequence = sequenceOf(this.#arrangement.of(path), children, known);
    if (!sequence) return this.#classDraft(path, []);
    this.#made.set(path, sequence);
    return undefined;
  }

  #classDraft(path: string, inputNames: readonly string[]): Draft {
    const { tree, leaves } = this.#layout;
    const children = tree.childrenOf(path);
    const attributes = children.map((child): Attribute => {
      const tensor = tree.tensors.get(child);
      if (tensor) return tensorAttribute(tensor);
      const name = lastOf(child);
      const target = isAttribute(name) ? `self.${name} = ` : `self._modules[${stringOf(name)}] = `;
      return {
        target,
        construct: leaves.get(child) ?? this.#made.get(child) ?? construct("nn.Module"),
      };
    });
    const isRoot = path === "";
    const arranged = this.#arrangement.of(path);
    if (!isRoot && arranged.items.length === 0) return { path, attributes };
    const { constants, nameOf } = constantNames(new Set(children.map(lastOf)));
    const { inputs, outputs } = this.graph;
    const values = isRoot ? outputs.map(({ value }) => value) : arranged.results;
    const reads = isRoot ? inputs.map(({ value }) => value) : arranged.reads;
    const border = { items: arranged.items, reads, results: values };
    const writer = new ForwardWriter(path, border, nameOf, inputNames);
    const results = values.map((value) => writer.read(value)).join(", ");
    const lines = [...writer.lines, `return ${values.length === 0 ? "()" : results}`];
    const forward = { parameters: writer.parameters, lines };
    return { path, attributes: [...attributes, ...constants.values()], forward };
  }
}

/** Names for tensors of known numbers; they are no part of `state_dict()`. */
function constantNames(taken: ReadonlySet<string>) {
  const constants = new Map<Value, Attribute>();
  const names = new Map<Value, string>();
  const nameOf = (value: Value): string => {
    const { node } = value;
    const known = names.get(value);
    if (known !== undefined || node.op !== "constant") return `self.${known ?? ""}`;
    const used = new Set([...taken, ...names.values()]);
    const name = freeName("constant", (wish) => used.has(wish));
    names.set(value, name);
    const given = [
      at("name", stringOf(name)),
      at("tensor", tensorOf(value.type.shape, node.attrs.data)),
      by("persistent", "False"),
    ];
    constants.set(value, { target: "", construct: construct("self.register_buffer", ...given) });
    return `self.${name}`;
  };
  return { constants, nameOf };
}

/** What goes in and out. */
function documentationOf({ inputs, outputs }: Graph): string {
  const line = ({ name, value }: { readonly name: string; readonly value: Value }): string =>
    `    ${escapeText(name)}: ${printType(value.type)}`;
  const many = outputs.length > 1 ? ", a tuple" : "";
  return [`"""Takes`, ...inputs.map(line), `and returns${many}`, ...outputs.map(line), `"""`].join(
    "\n",
  );
}

const heading = (classes: string): string => {
  const uses = (word: string): boolean => classes.includes(word);
  return [
    ...(uses("OrderedDict(") ? ["from collections import OrderedDict", ""] : []),
    "import torch",
    ...(uses("F.") ? ["import torch.nn.functional as F"] : []),
    "from torch import nn",
    ...(uses("weigh(") ? ["", "", weighText] : []),
  ].join("\n");
};

/**
 * Writes a graph as Python: an `nn.Module` whose `state_dict()` has the graph's parameter paths (batch
 * norms count their training steps beside them). Parts of the paths are nested modules; weights are not
 * looked at. Nodes that cannot be written are all reported; then the result is undefined.
 */
export function writePytorch(graph: Graph, report: Report): string | undefined {
  const refused: string[] = [];
  const refuse = (node: Node, why: string): void => {
    const name = node.op === "parameter" ? node.attrs.path : node.name;
    refused.push(`${node.op}${name === "" ? "" : ` ${JSON.stringify(name)}`}: ${why}`);
  };
  for (const node of graph.nodes) {
    if (node.op === "constant" && node.attrs.data.length > mostNumbers) {
      refuse(node, `its ${numberOf(node.attrs.data.length)} numbers have no path`);
    }
  }
  const layout = layOut(graph, refuse);
  if (refused.length > 0) {
    report.add("cannot-write-pytorch", {
      model: graph.name,
      count: refused.length,
      nodes: refused,
    });
    return undefined;
  }
  const wish = safeName(graph.name, "Model");
  const name = isFreeName(wish) ? wish : "Model";
  const classes = new FileWriter(graph, name, layout).write().join("\n\n\n");
  return `${heading(classes)}\n\n\n${classes}\n`;
}
