import type { MessageName } from "../diagnostics/catalogue/index.js";
import type { Note, Span } from "../diagnostics/diagnostic.js";
import type { DetailsOf, Report } from "../diagnostics/report.js";
import { buildNode } from "../ir/build.js";
import type { Grant, GraphInput, GraphOutput, Node, NodeOf } from "../ir/graph.js";
import type { AttributesOf, OperandsOf, OpName } from "../ir/ops/index.js";
import { ShapeError } from "../ir/ops/operator.js";
import type { HandedTensors } from "./ast.js";
import type { OperatorTable } from "./operators/definition.js";
import { type PathScope, Stages } from "./paths.js";
import type { Block, Scope } from "./scope.js";
import { type Datum, printBatch, unknown } from "./values.js";

/** The most nodes a model may have. */
export const maxNodes = 100_000;
/** The most elements of a tensor. */
export const maxElements = 2 ** 31;
/** The most block calls inside one another. */
export const maxCalls = 64;
/** The most expressions and statements that one model may take; a loop's pass counts as
 * four, a block call as ten. */
export const maxSteps = 1_000_000;
/** The most expressions inside one another, blocks called on the way included. */
export const maxDepth = 400;

/** After so many mistakes, repeated ones counted, a model is given up. */
const maxFailures = 200;

/** What is known only of a complete model; undefined after errors. */
export interface Facts {
  readonly params: number;
  readonly macs: number;
}

/** Where an expression stands. Frames never change: a step further is another frame. */
export interface Frame {
  readonly scope: Scope;
  /** `it`: the value that arrives. */
  readonly current: Datum | undefined;
  /** `in`: what the enclosing block was given, or the model's first input. */
  readonly input: Datum | undefined;
  readonly path: PathScope;
  readonly place: "file" | "model" | "block";
  /** Set where stages cannot be made: what stands there instead. */
  readonly fixed?: string | undefined;
  /** Set in asserts; "unknown" when the model has errors. */
  readonly facts?: Facts | "unknown" | undefined;
  /** Inside `repeat`, for a hint. */
  readonly repeating: boolean;
}

/** One block call on the way to where the expansion is. */
interface Call {
  readonly block: Block;
  readonly span: Span;
}

/** A file named by a statement, resolved, and where. */
export interface FileName {
  readonly path: string;
  readonly span: Span;
}

const shownCalls = 6;

/** The block calls that led to a place, innermost first; of long chains the ends. */
function chainOf(calls: readonly Call[]): Note[] {
  const notes = [...calls].reverse().map(({ block, span }) => ({
    message: `in the block '${block.definition.name.text}', called here`,
    span,
  }));
  const left = notes.length - shownCalls - 1;
  if (left < 2) return notes;
  return [...notes.slice(0, shownCalls), { message: `… ${left} calls more …` }, ...notes.slice(-1)];
}

/** Thrown when a limit was reached, after it was reported; caught where the expansion began. */
export class ExpansionStopped extends Error {
  override readonly name = "ExpansionStopped";
}

/** Everything that grows while one model is expanded. */
export class Expansion {
  readonly stages = new Stages();
  readonly inputs: GraphInput[] = [];
  readonly outputs: GraphOutput[] = [];
  readonly grants: Grant[] = [];
  /** Nodes other than leaves, in the order made. */
  readonly nodes: Node[] = [];
  readonly ports = new Map<string, Span>();
  weights: FileName | undefined;
  /** Weights that were handed over in the place of a file. */
  tensors: HandedTensors | undefined;
  labels: FileName | readonly string[] | undefined;
  /** The model's first input, once there is one. */
  first: Datum | undefined;
  /** The scope of the model's own body. */
  top: Scope | undefined;
  failed = false;

  #calls: readonly Call[] = [];
  readonly #deferred: { run(facts: Facts | "unknown"): void; calls: readonly Call[] }[] = [];
  readonly #reported = new Set<string>();
  #failures = 0;
  #steps = 0;
  #count = 0;
  #depth = 0;

  constructor(
    readonly report: Report,
    readonly operators: OperatorTable,
    readonly batch: number,
    /** Resolves the path of a file named in a source file; undefined after an error. */
    readonly resolve: (path: string, span: Span) => string | undefined,
  ) {}

  get calls(): readonly Call[] {
    return this.#calls;
  }

  /** Reports an error once a place, with the chain of block calls; what is left is unknown. */
  fail<K extends MessageName>(
    name: K,
    details: DetailsOf<K>,
    span: Span,
    notes: readonly Note[] = [],
    hint?: string,
  ): Datum {
    this.failed = true;
    if (++this.#failures > maxFailures) throw new ExpansionStopped(name);
    const key = `${name}|${span.file}|${span.start}|${span.end}`;
    if (this.#reported.has(key)) return unknown;
    this.#reported.add(key);
    this.report.add(name, details, { span, notes: [...notes, ...chainOf(this.#calls)], hint });
    return unknown;
  }

  /** Reports a limit and ends the expansion. */
  stop<K extends MessageName>(name: K, details: DetailsOf<K>, span: Span): never {
    this.fail(name, details, span);
    throw new ExpansionStopped(name);
  }

  /** Some more steps; the work of a model is bounded even where it makes no nodes. */
  step(span: Span, cost = 1): void {
    this.#steps += cost;
    if (this.#steps > maxSteps) this.stop("expansion-too-long", { limit: maxSteps }, span);
  }

  /** One level deeper; every `enter` has its `leave` unless the expansion stops. */
  enter(span: Span): void {
    this.step(span);
    if (this.#depth >= maxDepth) this.stop("expansion-too-deep", { limit: maxDepth }, span);
    this.#depth++;
  }

  leave(): void {
    this.#depth--;
  }

  /** Runs `inner` inside a block call. */
  inside<T>(call: Call, inner: () => T): T {
    const outer = this.#calls;
    if (outer.length >= maxCalls) this.stop("calls-too-deep", { limit: maxCalls }, call.span);
    this.#calls = [...outer, call];
    try {
      return inner();
    } finally {
      this.#calls = outer;
    }
  }

  /** Leaves something for when the model is complete. */
  defer(run: (facts: Facts | "unknown") => void): void {
    this.#deferred.push({ run, calls: this.#calls });
  }

  /** Runs what was left, in the order written. */
  finish(facts: Facts | "unknown"): void {
    for (const { run, calls } of this.#deferred) {
      this.#calls = calls;
      run(facts);
    }
    this.#calls = [];
  }

  /** A node of this model. Throws ShapeError when the operands do not fit. */
  node<K extends OpName>(
    op: K,
    operands: OperandsOf<K>,
    attrs: AttributesOf<K>,
    origin: { name: string; span: Span },
  ): NodeOf<K> {
    if (++this.#count > maxNodes) this.stop("too-many-nodes", { limit: maxNodes }, origin.span);
    try {
      return buildNode(op, operands, attrs, origin);
    } catch (error) {
      throw error instanceof ShapeError ? withoutBatch(error) : error;
    }
  }
}

/** Shapes of the graph as the language shows them: `f32[1,3,8,8]` is `[3, 8, 8]`, of two images `2 x [3, 8, 8]`. */
function withoutBatch({ code, details, hint }: ShapeError): ShapeError {
  const shown = Object.entries(details).map(([name, value]) => {
    const isShape = name === "shape" || name === "input";
    const [, batch, axes] =
      (isShape && /^(?:f32|u8)?\[(\d+),([\d,-]+)\]$/.exec(String(value))) || [];
    if (batch === undefined || axes === undefined) return [name, value];
    const shape = `[${axes.replaceAll(",", ", ")}]`;
    return [name, printBatch(Number(batch), shape)];
  });
  return new ShapeError(code, { ...details, ...Object.fromEntries(shown) }, hint);
}
