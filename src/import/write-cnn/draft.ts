import { InternalError } from "../../diagnostics/report.js";
import type { Graph, Node, Value } from "../../ir/graph.js";
import { sizeOf } from "../../ir/types.js";
import { batchOf, count } from "./arguments.js";
import { isLeaf, leafOf } from "./leaf.js";
import { Regions } from "./regions.js";
import type { CallStage, Line, MergeStage, Pipe, Stage } from "./sketch.js";
import { writtenAs } from "./stages-of-node.js";
import { reshapeArguments } from "./stages-of-shape.js";
import { stageOf, type Written } from "./written.js";

/** A node that the language has no words for. */
export interface Unwritable {
  readonly node: Node;
  readonly reason: string;
}

/** A name for each value that needs one. */
export type NameValue = (value: Value) => string;

/** A tensor of its own as a stage, beside tensors of a rank. */
function tensorStage(value: Value, rank: number): CallStage {
  const leaf = leafOf(value);
  if (!leaf) throw new InternalError("a computed value is no tensor of its own");
  const { shape } = value.type;
  const whole = [...Array<number>(Math.max(0, rank - shape.length)).fill(1), ...shape];
  const isOne = whole[0] === 1;
  const behind = whole.slice(1);
  const given = behind.map((n) => count("shape", n));
  const owned = [{ name: "value", value: leaf, shape: isOne ? behind : whole }];
  return stageOf(leaf.node, "parameter", isOne ? given : [...given, batchOf(whole)], owned);
}

/** What makes an operand of a merge as many axes as the result has: tensors of different ranks do not meet. */
function aligned(
  operand: Value,
  { type, node }: Value,
  { callee }: Written & { readonly kind: "merge" },
): CallStage[] {
  const from = operand.type.shape;
  const rank = type.shape.length;
  if (callee === "concat" || from.length === rank) return [];
  const to = [...Array<number>(rank - from.length).fill(1), ...from];
  return [stageOf(node, "reshape", reshapeArguments(from, to))];
}

/** Why a node's words do not serve, if they do not. */
function reasonAgainst(written: Written): string | undefined {
  if (written.kind === "unwritable") return written.reason;
  const stages = written.kind === "stages" ? written.stages : [];
  const given = stages.flatMap((stage) => stage.given);
  const isKnown = given.every(
    ({ value }) => value.kind !== "number" || Number.isFinite(value.value),
  );
  return isKnown ? undefined : "one of its attributes is infinite or no number";
}

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
    this.#checkPorts();
  }

  /** Reports what goes in and comes out without elements, and outputs of a model without inputs. */
  #checkPorts(): void {
    const { inputs, outputs } = this.graph;
    const ports = new Set([...inputs, ...outputs].map(({ value }) => value));
    for (const value of ports) {
      if (sizeOf(value.type.shape) > 0 && inputs.length > 0) continue;
      const reason = inputs.length > 0 ? "it has no elements" : "nothing goes into the model";
      this.unwritable.push({ node: value.node, reason });
    }
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
    if (node.op === "input" || node.results.every(isLeaf)) return;
    const written = writtenAs(node);
    const reason = reasonAgainst(written);
    if (reason !== undefined) this.unwritable.push({ node, reason });
    this.#written.set(node, written);
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
    if (isLeaf(value)) {
      return { stages: [tensorStage(value, value.type.shape.length)], from: this.#anchor() };
    }
    const written = this.#written.get(value.node)!;
    if (written.kind === "stages") return { stages: written.stages, from: written.input };
    if (written.kind !== "merge") throw new InternalError("a part of a list has no name");
    const fork = this.#regions.forkOf(value.node);
    return fork ? this.#nested(value, written, fork.results[0]!) : this.#trunk(value, written);
  }

  /** A named value behind which tensors of their own can stand: it does not matter what arrives there. */
  #anchor(): Value {
    const [first] = this.graph.inputs;
    if (!first) throw new InternalError("a model without inputs is not written");
    return first.value;
  }

  #nested(value: Value, written: Written & { readonly kind: "merge" }, fork: Value) {
    const rank = value.type.shape.length;
    const operands = written.operands.map((operand): Pipe | number => {
      if (typeof operand === "number") return operand;
      if (isLeaf(operand)) return { from: undefined, stages: [tensorStage(operand, rank)] };
      const stages = [...this.#inside(operand, fork), ...aligned(operand, value, written)];
      return { from: undefined, stages };
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
      computed[0];
    let isTaken = false;
    const operands = written.operands.map((operand): Pipe | number => {
      if (typeof operand === "number") return operand;
      if (isLeaf(operand)) {
        return { from: undefined, stages: [tensorStage(operand, value.type.shape.length)] };
      }
      if (operand === trunk && (!isTaken || !this.#isOpen(operand))) {
        isTaken = true;
        return { from: undefined, stages: aligned(operand, value, written) };
      }
      const { from, stages } = this.#beside(operand);
      return { from, stages: [...stages, ...aligned(operand, value, written)] };
    });
    return { stages: [this.#merge(written, operands)], from: trunk ?? this.#anchor() };
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
