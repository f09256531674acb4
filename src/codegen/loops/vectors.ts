import type { KernelTarget } from "../target.js";
import { binary, constant, lane, load, loadSplat, splat } from "./expression.js";
import type { Expr } from "./types.js";

/** A run of neighbouring elements that one vector covers: `count` of its lanes, from element `at`. */
export interface Lanes {
  readonly at: number;
  readonly count: number;
}

/** Vectors as a target has them, so that a kernel is written once for four lanes and for one. */
export interface Vectors {
  readonly type: "f32x4" | "f32";
  readonly lanes: 4 | 1;
  /** A whole vector from memory. Lanes past the end of a partial one read the slack behind it. */
  load(address: Expr, offset?: number): Expr;
  /** One float from memory in every lane. */
  loadSplat(address: Expr, offset?: number): Expr;
  /** One f32 in every lane. */
  splat(value: Expr): Expr;
  /** One number in every lane. */
  constant(value: number): Expr;
  /** Elements 0 to `size` cut into vectors; the last may be partial. Store with `count` lanes. */
  cut(size: number): readonly Lanes[];
  /** All lanes folded into one f32: `add` sums them, `max` and `min` choose. */
  fold(op: "add" | "max" | "min", vector: Expr): Expr;
}

function cut(size: number, lanes: number): Lanes[] {
  const parts: Lanes[] = [];
  for (let at = 0; at < size; at += lanes) parts.push({ at, count: Math.min(lanes, size - at) });
  return parts;
}

/** `vector` is read once a lane: hold it in a local first. */
function foldLanes(op: "add" | "max" | "min", vector: Expr): Expr {
  const left = binary(op, lane(vector, 0), lane(vector, 1));
  const right = binary(op, lane(vector, 2), lane(vector, 3));
  return binary(op, left, right);
}

const four: Vectors = {
  type: "f32x4",
  lanes: 4,
  load: (address, offset) => load("f32x4", address, offset),
  loadSplat,
  splat,
  constant: (value) => constant("f32x4", value),
  cut: (size) => cut(size, 4),
  fold: foldLanes,
};

const one: Vectors = {
  type: "f32",
  lanes: 1,
  load: (address, offset) => load("f32", address, offset),
  loadSplat: (address, offset) => load("f32", address, offset),
  splat: (value) => value,
  constant: (value) => constant("f32", value),
  cut: (size) => cut(size, 1),
  fold: (_, vector) => vector,
};

/** The vectors of a target; loads, splats and constants of either have its type. */
export const vectorsOf = (target: Pick<KernelTarget, "lanes">): Vectors =>
  target.lanes === 4 ? four : one;
