import { InternalError } from "../../diagnostics/report.js";
import { type Graph, type Node, type NodeOf, operandsOf, type Value } from "../../ir/graph.js";
import { printType, sizeOf } from "../../ir/types.js";
import type { KernelArgument, Site } from "../kernels/algorithm.js";
import { haloFill } from "../kernels/halo-fill.js";
import { relayout } from "../kernels/relayout.js";
import type { LoopFunction } from "../loops/types.js";
import type { KernelTarget } from "../target.js";
import type { Choice } from "./choose-algorithm.js";
import { layOut } from "./constant-data.js";
import { type Home, layoutOf, type Root, rootHome, slicedHome } from "./home.js";
import { layerLabel } from "./layer-label.js";
import type { Layout } from "./layout.js";
import { outputNeed, type Readings } from "./readings.js";
import { asOrdered, axisOrder, denseLayout, denseStart, isHaloed } from "./strides.js";

/** An argument of a step: memory of a root, packed data or a form of them, memory for one call, or the range's ends. */
export type StepArgument =
  | { readonly kind: "root"; readonly root: Root; readonly offset: number }
  | {
      readonly kind: "data";
      readonly label: string;
      readonly data: Float32Array;
      readonly offset: number;
    }
  | Extract<KernelArgument, { readonly kind: "derived" }>
  | { readonly kind: "scratch"; readonly floats: number }
  | { readonly kind: "rangeStart" }
  | { readonly kind: "rangeEnd" };

/** One kernel applied to memory. */
export interface Step {
  /** The layer's path, operator and result, or what is copied. */
  readonly comment: string;
  readonly node: Node | undefined;
  readonly function: LoopFunction;
  readonly arguments: readonly StepArgument[];
  readonly units: number;
  /** Elements that a copy moves; absent in other steps. */
  readonly copied?: number;
}

/** Elements of the smallest copy that takes a range. */
const leastShared = 16_384;

/** The layer's path, operator and result. */
function stepComment(node: Node): string {
  const result = node.results[0];
  return result ? `${layerLabel(node)}, ${printType(result.type)}` : layerLabel(node);
}

const at = (home: Home): StepArgument => ({
  kind: "root",
  root: home.root,
  offset: home.locate().offset,
});

/** Lists what one inference does: the nodes' kernels, and copies and halo fills where they are needed. */
export class StepList {
  readonly steps: Step[] = [];
  readonly #copied = new Set<Root>();
  readonly #filled = new Set<Root>();

  constructor(
    readonly readings: Readings,
    readonly choices: ReadonlyMap<Node, Choice>,
    readonly target: KernelTarget,
  ) {}

  /** Steps of the whole graph, in its order, then the copies of outputs. */
  addGraph(graph: Graph): readonly Step[] {
    for (const node of graph.nodes) this.#addNode(node);
    for (const { value } of graph.outputs) {
      const copy = this.readings.copyFor(value, outputNeed);
      if (copy) this.#copyOnce(value, copy);
    }
    return this.steps;
  }

  #addNode(node: Node): void {
    const choice = this.choices.get(node);
    if (choice) this.#addKernel(node, choice);
    else if (node.op === "concat") this.#addConcat(node);
    else if (node.op === "reshape") this.#addReshape(node);
    else if (node.op === "slice") this.#addSlice(node);
  }

  /** Copies where the elements do not lie as the result's must. */
  #addReshape(node: NodeOf<"reshape">): void {
    const { homes } = this.readings;
    const source = homes.of(node.operands.input);
    const home = homes.of(node.results[0]!);
    if (home.root === source.root) return;
    this.#copy(source, homes.beforeReshape(node), stepComment(node), node);
  }

  /** Copies where a step is negative. */
  #addSlice(node: NodeOf<"slice">): void {
    const { homes } = this.readings;
    const source = homes.of(node.operands.input);
    const home = homes.of(node.results[0]!);
    if (home.root === source.root) return;
    this.#copy(slicedHome(source, node), home, stepComment(node), node);
  }

  /** Copies those operands that were not made in their places. */
  #addConcat(node: NodeOf<"concat">): void {
    const { homes } = this.readings;
    const { inputs } = node.operands;
    inputs.forEach((value, index) => {
      const source = homes.of(value);
      const part = homes.partAt(node.results[0]!, inputs, node.attrs.axis, index);
      const isThere =
        source.root === part.root &&
        source.locate().offset === part.locate().offset &&
        String(source.locate().strides) === String(part.locate().strides);
      if (!isThere) this.#copy(source, part, `${layerLabel(node)}, part ${index}`, node);
    });
  }

  #copy(from: Home, to: Home, comment: string, node?: Node): void {
    this.#fillHalo(to.root);
    const source = layoutOf(from);
    const copied = sizeOf(source.type.shape);
    const copy = relayout(source, layoutOf(to), this.target, copied >= leastShared);
    const range = [{ kind: "rangeStart" }, { kind: "rangeEnd" }] as const;
    this.steps.push({
      comment,
      node,
      function: copy.function,
      arguments: [at(from), at(to), ...(copy.units > 1 ? range : [])],
      units: copy.units,
      copied,
    });
  }

  #copyOnce(value: Value, copy: Root): void {
    if (this.#copied.has(copy)) return;
    this.#copied.add(copy);
    this.#copy(this.readings.homes.of(value), rootHome(copy), copy.label);
  }

  /** Zeros around a root's images, before anything else is written to it. */
  #fillHalo(root: Root): void {
    const { memory, layout } = root;
    if (this.#filled.has(memory) || root.kind !== "arena") return;
    this.#filled.add(memory);
    if (!isHaloed(layout.halo)) return;
    this.steps.push({
      comment: `zeros around ${root.label}`,
      node: undefined,
      function: haloFill(layout, this.target),
      arguments: [{ kind: "root", root, offset: 0 }],
      units: 1,
    });
  }

  #addKernel(node: Node, choice: Choice): void {
    const site: Site = {
      target: this.target,
      layoutOf: (value) => this.#layoutFor(node, choice, value),
    };
    const kernel = choice.build(site);
    const kernels = [...(kernel.before ?? []), kernel];
    const steps = kernels.map((own) => ({
      comment: stepComment(node),
      node,
      function: own.function,
      arguments: own.arguments.map((argument) => this.#argument(node, choice, argument)),
      units: own.units,
    }));
    for (const result of node.results) this.#fillHalo(this.readings.homes.of(result).root);
    this.steps.push(...steps);
  }

  #layoutFor(node: Node, choice: Choice, value: Value): Layout {
    if (value.node === node)
      return asOrdered(layoutOf(this.readings.homes.of(value)), choice.result);
    const need = choice.needs(value);
    if (value.node.op === "constant") {
      return denseLayout(value.type, axisOrder(value.type.shape.length, need.order), need.halo);
    }
    return asOrdered(layoutOf(this.readings.of(value, need)), need.order);
  }

  #argument(node: Node, choice: Choice, argument: KernelArgument): StepArgument {
    switch (argument.kind) {
      case "operand": {
        const { value } = argument;
        if (value.node.op === "constant") {
          const layout = this.#layoutFor(node, choice, value);
          const label = value.node.name || "constant";
          const data = layOut(value.node.attrs.data, layout);
          return { kind: "data", label, data, offset: denseStart(layout) };
        }
        const need = choice.needs(value);
        const copy = this.readings.copyFor(value, need);
        if (copy) this.#copyOnce(value, copy);
        return at(this.readings.of(value, need));
      }
      case "result": {
        const result = node.results[argument.index];
        if (!result) throw new InternalError(`${node.op} has no result ${argument.index}`);
        return at(this.readings.homes.of(result));
      }
      case "packed":
        return { kind: "data", label: argument.label, data: argument.data, offset: 0 };
      default:
        return argument;
    }
  }
}

/** Elements that a step writes or, where those are more, sums up: a measure of its time. */
export function elementsOf(node: Node): number {
  const sizes = (values: readonly Value[]): number =>
    values.reduce((size, { type }) => size + sizeOf(type.shape), 0);
  const read = operandsOf(node).filter((operand) => operand.node.op !== "constant");
  return Math.max(sizes(node.results), sizes(read));
}
