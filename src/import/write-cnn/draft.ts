import { InternalError } from "../../diagnostics/report.js";
import type { Graph, Node, Value } from "../../ir/graph.js";
import { count } from "./arguments.js";
import { Regions } from "./regions.js";
import type { CallStage, Line, MergeStage, Pipe, Stage } from "./sketch.js";
import { type Written, writtenAs } from "./stages-of-node.js";

/** A node that the language has no words for. */
export interface Unwritable {
  readonly node: Node;
  readonly reason: string;
}

/** A name for each value that needs one. */
export type NameValue = (value: Value) => string;

const isLeaf = ({ node }: Value): boolean => node.op === "parameter" || node.op === "constant";

/** A tensor of its own as a stage; its sizes are those behind the batch of what it is put together with. */
function tensorStage(value: Value, rank: number): CallStage {
  const { shape } = value.type;
  const behind = shape.length === rank ? shape.slice(1) : shape;
  const sizes = [...Array<number>(Math.max(0, rank - 1 - behind.length)).fill(1), ...behind];
  const { node } = value;
  const owned = [{ name: "value", value, shape: sizes }];
  const given = sizes.map((n) => count("shape", n));
  return { kind: "call", callee: "parameter", given, owned, name: node.name };
}

/** Why a constant operand cannot stand beside tensors of a rank. */
const cannotStand = ({ type: { shape } }: Value, rank: number): boolean =>
  shape.length > rank || (shape.length === rank && shape[0] !== 1) || rank < 2;

/** Other operands than the trunk's with more stages than this get a name. */
const mostBeside = 4;

/** Puts a graph into statements: what reads well nested is nested, all else has names. */
export class Drafter {
  readonly lines: Line[] = [];
  readonly unwritable: Unwritable[] = [];
  readonly #regions: Regions;
  readonly #written = new Map<Node, Written>();
  readonly #names = new Map<Value, string>();
  #current: Value | undefined;

  constructor(
    readonly graph: Graph,
    readonly nameValue: NameValue,
  ) {
    this.#regions = new Regions(graph);
    for (const { value } of graph.inputs) this.#names.set(value, nameValue(value));
    this.#current = graph.inputs[0]?.value;
    for (const node of graph.nodes) this.#write(node);
  }

  /** What an input, or another value that has a name, is called. */
  nameOf(value: Value): string {
    const name = this.#names.get(value);
    if (name === undefined) throw new InternalError("a value without a name is asked for it");
    return name;
  }

  /** All statements; none of the lines counts where something is unwritable. */
  draft(): void {
    if (this.unwritable.length > 0) return;
    for (const node of this.graph.nodes) this.#chooseNames(node);
    for (const node of this.graph.nodes) {
      const written = this.#written.get(node);
      if (written?.kind === "parts") this.#addParts(node, written.stage, written.input);
      else for (const value of node.results) if (this.#names.has(value)) this.#addNamed(value);
    }
    for (const { name, value } of this.graph.outputs) this.#addOutput(name, value);
  }

  #write(node: Node): void {
    if (node.op === "input" || node.op === "parameter" || node.op === "constant") return;
    const written = writtenAs(node);
    const reason = written.kind === "unwritable" ? written.reason : this.#misfit(node, written);
    if (reason !== undefined) this.unwritable.push({ node, reason });
    this.#written.set(node, written);
  }

  /** What is wrong with the operands of a node that has words. */
  #misfit(node: Node, written: Written): string | undefined {
    const rank = node.results[0]?.type.shape.length ?? 0;
    if (written.kind === "merge") {
      const tensors = written.operands.filter((operand) => typeof operand !== "number");
      if (tensors.every(isLeaf)) return "nothing that it reads is computed";
      const misfit = tensors.some((operand) => isLeaf(operand) && cannotStand(operand, rank));
      return misfit ? "a constant that it reads has a size along the batch" : undefined;
    }
    return written.kind !== "unwritable" && isLeaf(written.input)
      ? "what it reads is constant"
      : undefined;
  }

  #chooseNames(node: Node): void {
    const written = this.#written.get(node);
    if (!written) return;
    const reads = this.#regions.readsOf(node);
    const isSplit = written.kind === "parts";
    if (isSplit || (reads > 1 && !this.#regions.joinOf(node))) this.#nameAll(node);
    const isNested = this.#regions.forkOf(node) || this.#regions.isInside(node);
    if (written.kind === "merge" && !isNested) this.#nameLong(written.operands);
  }

  #nameAll(node: Node): void {
    for (const value of node.results) this.#name(value);
  }

  #name(value: Value): void {
    if (!this.#names.has(value)) this.#names.set(value, this.nameValue(value));
  }

  /** Names all long operands of a merge but the longest. */
  #nameLong(operands: readonly (Value | number)[]): void {
    const open = operands.filter(
      (operand): operand is Value => typeof operand !== "number" && this.#isOpen(operand),
    );
    const lengths = open.map((operand) => this.#lengthOf(operand));
    const longest = lengths.indexOf(Math.max(...lengths));
    open.forEach((operand, i) => {
      if (i !== longest && lengths[i]! > mostBeside) this.#name(operand);
    });
  }

  /** Whether a value is computed where it is read. */
  #isOpen = (value: Value): boolean => !isLeaf(value) && !this.#names.has(value);

  /** Stages from the nearest named value to this one, counted along the longest operand so far. */
  #lengthOf(value: Value): number {
    let length = 0;
    for (let at = value; this.#isOpen(at) && length <= mostBeside; length++) {
      const written = this.#written.get(at.node);
      if (written?.kind === "stages") at = written.input;
      else return mostBeside + 1;
    }
    return length;
  }

  #addParts(node: Node, stage: CallStage, input: Value): void {
    const { from, stages } = this.#climb(input);
    const names = node.results.map((value) => this.#names.get(value)!);
    this.lines.push({ kind: "let", names, pipe: { from, stages: [...stages, stage] } });
  }

  #addNamed(value: Value): void {
    if (value.node.op === "input") return;
    const pipe = this.#climb(value, true);
    const names = [this.#names.get(value)!];
    if (pipe.from !== undefined) this.lines.push({ kind: "let", names, pipe });
    else {
      this.lines.push({ kind: "stages", pipe });
      this.#current = value;
      this.lines.push({ kind: "let", names, pipe: { from: undefined, stages: [] } });
    }
  }

  #addOutput(name: string, value: Value): void {
    const pipe = this.#climb(value);
    if (pipe.from === undefined && pipe.stages.length > 0) {
      this.lines.push({ kind: "stages", pipe });
      this.#current = value;
      this.lines.push({ kind: "output", name, pipe: { from: undefined, stages: [] } });
    } else this.lines.push({ kind: "output", name, pipe });
  }

  /** The stages from the nearest named value to this one; `from` is undefined where that is current. */
  #climb(to: Value, isNamed = false): Pipe {
    const groups: (readonly Stage[])[] = [];
    let at = to;
    while (!this.#names.has(at) || (isNamed && at === to)) {
      const { stages, from } = this.#step(at);
      groups.push(stages);
      at = from;
    }
    const stages = groups.toReversed().flat();
    return { from: at === this.#current ? undefined : this.#names.get(at), stages };
  }

  /** One node as stages, and the value that arrives at them. */
  #step(value: Value): { readonly stages: readonly Stage[]; readonly from: Value } {
    const written = this.#written.get(value.node)!;
    if (written.kind === "stages") return { stages: written.stages, from: written.input };
    if (written.kind !== "merge") throw new InternalError("a part of a list has no name");
    const fork = this.#regions.forkOf(value.node);
    return fork ? this.#nested(value, written, fork.results[0]!) : this.#trunk(value, written);
  }

  #nested(value: Value, written: Written & { readonly kind: "merge" }, fork: Value) {
    const rank = value.type.shape.length;
    const operands = written.operands.map((operand): Pipe | number => {
      if (typeof operand === "number") return operand;
      if (isLeaf(operand)) return { from: undefined, stages: [tensorStage(operand, rank)] };
      return { from: undefined, stages: this.#inside(operand, fork) };
    });
    return { stages: [this.#merge(written, operands)], from: fork };
  }

  /** The stages from a fork to a value in its region. */
  #inside(to: Value, fork: Value): readonly Stage[] {
    const groups: (readonly Stage[])[] = [];
    for (let at = to; at !== fork; ) {
      const written = this.#written.get(at.node)!;
      const isOwn = written.kind === "merge" && !this.#regions.forkOf(at.node);
      const { stages, from } = isOwn ? this.#nested(at, written, fork) : this.#step(at);
      groups.push(stages);
      at = from;
    }
    return groups.toReversed().flat();
  }

  /** A merge on the way: one operand arrives, the others are named or short. */
  #trunk(value: Value, written: Written & { readonly kind: "merge" }) {
    const tensors = written.operands.filter((operand) => typeof operand !== "number");
    const computed = tensors.filter((operand) => !isLeaf(operand));
    const trunk =
      computed.find((operand) => this.#isOpen(operand) && this.#lengthOf(operand) > mostBeside) ??
      computed.find(this.#isOpen) ??
      computed[0]!;
    let isTaken = false;
    const operands = written.operands.map((operand): Pipe | number => {
      if (typeof operand === "number") return operand;
      if (isLeaf(operand)) {
        return { from: undefined, stages: [tensorStage(operand, value.type.shape.length)] };
      }
      if (operand === trunk && (!isTaken || !this.#isOpen(operand))) {
        isTaken = true;
        return { from: undefined, stages: [] };
      }
      return this.#beside(operand);
    });
    return { stages: [this.#merge(written, operands)], from: trunk };
  }

  /** An operand beside the trunk: always from a name, for what arrives is the trunk's. */
  #beside(operand: Value): Pipe {
    const groups: (readonly Stage[])[] = [];
    let at = operand;
    while (!this.#names.has(at)) {
      const { stages, from } = this.#step(at);
      groups.push(stages);
      at = from;
    }
    return { from: this.#names.get(at)!, stages: groups.toReversed().flat() };
  }

  /** `residual` where a sum of two is what arrives, or a short way, plus a body. */
  #merge(
    written: Written & { readonly kind: "merge" },
    operands: readonly (Pipe | number)[],
  ): Stage {
    const { callee, given } = written;
    const merge: MergeStage = { kind: "merge", callee, given, operands };
    const [a, b, more] = operands;
    if (callee !== "add" || more !== undefined || typeof a !== "object" || typeof b !== "object") {
      return merge;
    }
    if (a.from !== undefined || b.from !== undefined) return merge;
    const [shortcut, body] = a.stages.length <= b.stages.length ? [a, b] : [b, a];
    if (body.stages.length < 2 || shortcut.stages.length > 2) return merge;
    return { kind: "residual", shortcut: shortcut.stages, body: body.stages };
  }
}
