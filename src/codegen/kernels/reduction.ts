import {
  add,
  advance,
  binary,
  type FunctionBuilder,
  lt,
  select,
  type Variable,
  type Vectors,
  vectorsOf,
} from "../loops/build.js";
import type { Expr } from "../loops/types.js";
import type { Nest } from "./nest.js";

/** What elements are folded into. */
export interface Reduction {
  readonly op: "add" | "max" | "min";
  /** What is folded instead of the element itself; `part` counts the vectors beside each other. */
  readonly term?: (x: Expr, part: number, v: Vectors) => Expr;
}

const initials = {
  add: 0,
  max: Number.NEGATIVE_INFINITY,
  min: Number.POSITIVE_INFINITY,
} as const;

/** Elements that are summed into one partial sum before it is added to the total: keeps rounding small. */
const runLength = 256;

/** Elements one distance apart. */
interface Run {
  readonly count: number;
  readonly stride: number;
}

/** The axes of a nest of one operand as runs; a nest without axes is a run of one. */
function runsOf({ extents, operands }: Nest): readonly Run[] {
  const strides = operands[0]!.strides;
  const runs = extents.map((count, axis) => ({ count, stride: strides[axis]! }));
  return runs.length > 0 ? runs : [{ count: 1, stride: 1 }];
}

/** Loops over all runs but the last, whose address `body` gets. */
function overRuns(
  f: FunctionBuilder,
  runs: readonly Run[],
  at: Expr,
  body: (at: Expr, last: Run) => void,
): void {
  const [run, ...inner] = runs as readonly [Run, ...Run[]];
  if (inner.length === 0) {
    body(at, run);
    return;
  }
  f.for("i", 0, run.count, 1, (i) => {
    overRuns(f, inner, f.let("q", advance(at, i, run.stride)), body);
  });
}

/** `body` for pieces of a run that are short enough for one partial sum: their ends in memory. */
function overPieces(
  f: FunctionBuilder,
  { count, stride }: Run,
  at: Expr,
  body: (from: Expr, to: Expr) => void,
): void {
  const end = advance(at, count * stride);
  if (count <= runLength) {
    body(at, end);
    return;
  }
  const last = f.let("last", end);
  f.for("piece", at, last, runLength * stride, (piece) => {
    const next = f.let("next", advance(piece, runLength * stride));
    body(piece, f.let("stop", select(lt(next, last), next, last)));
  });
}

/** `total = total op partial` for each. */
function gather(
  f: FunctionBuilder,
  op: Reduction["op"],
  totals: readonly Variable[],
  parts: readonly Expr[],
): void {
  for (const [k, total] of totals.entries()) f.set(total, binary(op, total, parts[k]!));
}

/**
 * Folds every lane of `count` vectors that lie beside each other (from `at` on) over all axes of a nest:
 * one result a vector. Sums are made of partial sums.
 */
export function reduceLanes(
  f: FunctionBuilder,
  v: Vectors,
  count: number,
  nest: Nest,
  at: Expr,
  { op, term = (x) => x }: Reduction,
): readonly Variable[] {
  const parts = [...Array(count).keys()];
  const fresh = (name: string): Variable[] =>
    parts.map(() => f.let(name, v.constant(initials[op])));
  const totals = fresh("total");
  const runs = runsOf(nest);
  const partial = op === "add" && (runs.length > 1 || runs[0]!.count > runLength);
  overRuns(f, runs, at, (start, run) => {
    overPieces(f, run, start, (from, to) => {
      const sums = partial ? fresh("sum") : totals;
      f.for("x", from, to, run.stride, (x) => {
        gather(
          f,
          op,
          sums,
          parts.map((part) => term(v.load(x, part * v.lanes), part, v)),
        );
      });
      if (partial) gather(f, op, totals, sums);
    });
  });
  return totals;
}

const scalars = vectorsOf({ lanes: 1 });

/**
 * Folds all elements of a nest into one f32: vector by vector where its last axis is contiguous, what is
 * left of each run one by one.
 */
export function reduceAll(
  f: FunctionBuilder,
  v: Vectors,
  nest: Nest,
  at: Expr,
  reduction: Reduction,
): Variable {
  const runs = runsOf(nest);
  const { count, stride } = runs[runs.length - 1]!;
  const rest = count % v.lanes;
  const whole = count - rest;
  if (v.lanes === 1 || stride !== 1 || whole === 0) {
    return reduceLanes(f, scalars, 1, nest, at, reduction)[0]!;
  }
  const { op, term = (x) => x } = reduction;
  const total = f.let("total", v.constant(initials[op]));
  const single = f.let("single", scalars.constant(initials[op]));
  overRuns(f, runs, at, (start) => {
    overPieces(f, { count: whole, stride }, start, (from, to) => {
      const sum = op === "add" ? f.let("sum", v.constant(0)) : total;
      f.for("x", from, to, v.lanes, (x) => {
        f.set(sum, binary(op, sum, term(v.load(x), 0, v)));
      });
      if (op === "add") f.set(total, add(total, sum));
    });
    if (rest === 0) return;
    f.for("x", advance(start, whole), advance(start, count), 1, (x) => {
      f.set(single, binary(op, single, term(scalars.load(x), 0, scalars)));
    });
  });
  return f.let("all", binary(op, v.fold(op, total), single));
}
