import {
  advance,
  eq,
  type FunctionBuilder,
  load,
  min,
  mul,
  type Operand,
  sub,
  type Variable,
  type Vectors,
  vectorsOf,
} from "../loops/build.js";
import type { Expr } from "../loops/types.js";
import type { KernelTarget } from "../target.js";
import type { Nest } from "./nest.js";

/** The units of a call's range: the first, and the one after the last. */
export interface Range {
  readonly start: Variable;
  readonly end: Variable;
}

/** One element (or vector) of the result; `read(k)` gives operand `k`'s, 0 being the result itself. */
type Body = (read: (operand: number) => Expr, v: Vectors) => Expr;

/** The operands' addresses, each at the first element of a part of the nest. */
type Pointers = readonly Expr[];

/** Elements of a unit where a nest is one long axis; whole vectors. */
const blockSize = 4096;

/** How many units a range over a nest has: indices of its outermost axis, or blocks of its only one. */
export function unitsOf(nest: Nest): number {
  const [outer = 1] = nest.extents;
  return nest.extents.length > 1 ? outer : Math.ceil(outer / blockSize);
}

const scalars = vectorsOf({ lanes: 1 });

/** Vectors when the innermost axis is contiguous in the result and in what moves along it. */
function vectorsFor(nest: Nest, addresses: Pointers, target: KernelTarget): Vectors {
  const axis = nest.extents.length - 1;
  if (axis < 0) return scalars;
  const [result, ...others] = nest.operands.map(({ strides }) => strides[axis]!);
  const contiguous = result === 1 && others.every((stride) => stride === 0 || stride === 1);
  const floats = addresses.every(({ type }) => type === "floats");
  return contiguous && floats ? vectorsOf(target) : scalars;
}

/** Writes the loops of one nest whose axes are in order. */
class NestWriter {
  readonly #innermost: number;

  constructor(
    readonly f: FunctionBuilder,
    readonly nest: Nest,
    readonly v: Vectors,
    readonly body: Body,
  ) {
    this.#innermost = nest.extents.length - 1;
  }

  /** All axes from `axis` inwards. */
  write(axis: number, at: Pointers): void {
    const extent = this.nest.extents[axis] ?? 1;
    if (axis < this.#innermost) this.#walk(axis, at, extent, 1, (p) => this.write(axis + 1, p));
    else this.#inner(at, extent);
  }

  /** The outermost axis from `start` to `end`. */
  writeRange({ start, end }: Range, pointers: Pointers): void {
    if (this.#innermost < 1) {
      this.#blocks({ start, end }, pointers);
      return;
    }
    const at = pointers.map((p, k) => advance(p, start, this.#stride(k, 0)));
    this.#walk(0, at, sub(end, start), 1, (p) => this.write(1, p));
  }

  /** Blocks `start` to `end` of the only axis; what is left of the last vector belongs to the last. */
  #blocks({ start, end }: Range, pointers: Pointers): void {
    const [extent = 1] = this.nest.extents;
    const tail = extent % this.v.lanes;
    const whole = extent - tail;
    const still = this.#still(pointers);
    const from = this.f.let("begin", mul(start, blockSize));
    const size = sub(min(mul(end, blockSize), whole), from);
    const at = pointers.map((p, k) => advance(p, from, this.#stride(k, 0)));
    this.#walk(0, at, size, this.v.lanes, (p) => this.#element(p, 0, this.v.lanes, still));
    if (tail === 0) return;
    this.f.if(eq(end, unitsOf(this.nest)), () => this.#element(pointers, whole, tail, still));
  }

  #inner(at: Pointers, extent: number): void {
    const { lanes } = this.v;
    const tail = extent % lanes;
    const whole = extent - tail;
    const still = this.#still(at);
    const element = (p: Pointers): void => this.#element(p, 0, lanes, still);
    if (whole === lanes) element(at);
    else if (whole > 0) this.#walk(this.#innermost, at, whole, lanes, element);
    if (tail > 0) this.#element(at, whole, tail, still);
  }

  /** A loop over `size` elements of an axis: over the result's address, the others move along. */
  #walk(
    axis: number,
    at: Pointers,
    size: Operand,
    step: number,
    body: (p: Pointers) => void,
  ): void {
    const { f } = this;
    const strides = at.map((_, operand) => this.#stride(operand, axis));
    const [stride = 1] = strides;
    const moving = at.map((p, k) => (k > 0 && strides[k] !== 0 ? f.let("p", p) : undefined));
    const from = f.let("from", at[0]!);
    f.for("y", from, advance(from, size, stride), step * stride, (y) => {
      body(at.map((p, k) => (k === 0 ? y : (moving[k] ?? p))));
      for (const [k, p] of moving.entries()) if (p) f.set(p, advance(p, step * strides[k]!));
    });
  }

  #stride(operand: number, axis: number): number {
    return this.nest.operands[operand]!.strides[axis] ?? 0;
  }

  /** Operands that stand still along the innermost axis, read once. */
  #still(at: Pointers): readonly (Expr | undefined)[] {
    return at.map((p, operand) => {
      const still = operand > 0 && this.#stride(operand, this.#innermost) === 0;
      return still && p.type === "floats" ? this.f.let("s", this.v.loadSplat(p)) : undefined;
    });
  }

  /** The `count` lanes that lie `distance` elements further along the innermost axis. */
  #element(
    at: Pointers,
    distance: number,
    count: number,
    still: readonly (Expr | undefined)[],
  ): void {
    const offset = (operand: number): number => distance * this.#stride(operand, this.#innermost);
    const read = (operand: number): Expr => {
      const p = at[operand]!;
      if (p.type === "bytes") return load("i32", p, offset(operand));
      return still[operand] ?? this.v.load(p, offset(operand));
    };
    this.f.store(at[0]!, offset(0), this.body(read, this.v), count);
  }
}

/**
 * Writes `result[i] = body(operands[i])` for every index `i` of a nest that `simplify` made, or for a
 * range of its `unitsOf`. Vectors where the innermost axis allows, with the last one stored lane by lane,
 * so that nothing beside the result's elements is written. Reads may touch up to three floats behind
 * an operand. The result may lie where an operand of the same strides does.
 */
export function writeStrided(
  f: FunctionBuilder,
  target: KernelTarget,
  nest: Nest,
  addresses: Pointers,
  body: Body,
  range?: Range,
): void {
  const writer = new NestWriter(f, nest, vectorsFor(nest, addresses, target), body);
  const at = addresses.map((p, k) => advance(p, nest.operands[k]!.offset));
  if (range) writer.writeRange(range, at);
  else writer.write(0, at);
}
