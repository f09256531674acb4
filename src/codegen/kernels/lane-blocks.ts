import { advance, eq, type FunctionBuilder, min, type Vectors, vectorsOf } from "../loops/build.js";
import type { Expr } from "../loops/types.js";
import type { KernelTarget } from "../target.js";
import { overAxes } from "./axis-loops.js";
import { type Nest, pickAxes } from "./nest.js";
import type { Range } from "./strided-loops.js";

/** Vectors beside each other along the innermost axis of a nest. */
export interface Block {
  readonly v: Vectors;
  readonly count: number;
  /** Lanes of the last vector that belong to the nest. */
  readonly lastLanes: number;
}

const scalars = vectorsOf({ lanes: 1 });

/** Whether all operands of an ordered nest are contiguous along its innermost axis. */
export function isContiguous({ extents, operands }: Nest): boolean {
  const innermost = extents.length - 1;
  return innermost >= 0 && operands.every(({ strides }) => strides[innermost] === 1);
}

/**
 * Units of a range over a nest that `overBlocks` walks in blocks of `most` vectors: indices of the
 * outermost axis, or blocks of the only one.
 */
export function outerUnits(nest: Nest, { lanes }: KernelTarget, most: number): number {
  const [outer = 1] = nest.extents;
  if (nest.extents.length > 1 || !isContiguous(nest)) return outer;
  return Math.ceil(outer / (most * lanes));
}

/** Blocks along one contiguous axis: as many as fit of `most` vectors, then a smaller one. */
function alongAxis(
  f: FunctionBuilder,
  v: Vectors,
  extent: number,
  most: number,
  at: readonly Expr[],
  range: Range | undefined,
  body: (at: readonly Expr[], block: Block) => void,
): void {
  const size = most * v.lanes;
  const rest = extent % size;
  const whole = extent - rest;
  const block = { v, count: most, lastLanes: v.lanes };
  const behind = (by: Expr | number, scale = 1): Expr[] =>
    at.map((p) => f.let("p", advance(p, by, scale)));
  const writeRest = (): void => {
    const lastLanes = rest % v.lanes || v.lanes;
    body(behind(whole), { v, count: Math.ceil(rest / v.lanes), lastLanes });
  };
  if (range) {
    const blocks = whole / size;
    const end = rest > 0 ? min(range.end, blocks) : range.end;
    f.for("block", range.start, end, 1, (i) => body(behind(i, size), block));
    if (rest > 0) f.if(eq(range.end, blocks + 1), writeRest);
    return;
  }
  if (whole === size) body(at, block);
  else if (whole > 0) f.for("c", 0, whole, size, (c) => body(behind(c), block));
  if (rest > 0) writeRest();
}

/**
 * Walks over a nest in blocks of up to `most` vectors where its operands are contiguous along the
 * innermost axis, else element by element. A range counts the nest's `outerUnits`.
 */
export function overBlocks(
  f: FunctionBuilder,
  target: KernelTarget,
  nest: Nest,
  addresses: readonly Expr[],
  most: number,
  range: Range | undefined,
  body: (at: readonly Expr[], block: Block) => void,
): void {
  if (!isContiguous(nest)) {
    overAxes(f, nest, addresses, range, (at) => {
      body(at, { v: scalars, count: 1, lastLanes: 1 });
    });
    return;
  }
  const innermost = nest.extents.length - 1;
  const outer = pickAxes(nest, [...Array(innermost).keys()]);
  const [outside, along] = innermost > 0 ? [range] : [undefined, range];
  overAxes(f, outer, addresses, outside, (at) => {
    alongAxis(f, vectorsOf(target), nest.extents[innermost]!, most, at, along, body);
  });
}

/** Stores the vectors of a block, the last one lane by lane. */
export function storeBlock(
  f: FunctionBuilder,
  to: Expr,
  { v, count, lastLanes }: Block,
  value: (part: number) => Expr,
): void {
  for (let part = 0; part < count; part++) {
    const lanes = part === count - 1 ? lastLanes : v.lanes;
    f.store(to, part * v.lanes, value(part), lanes);
  }
}
