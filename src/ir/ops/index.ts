import { binary, cast, elementwise, unary } from "./arithmetic.js";
import { conv2d, deconv2d, linear } from "./conv.js";
import { constant, input, parameter } from "./leaf.js";
import { batchNorm, groupNorm, lrn, softmax } from "./normalise.js";
import type { AttributeTable, OperandTable, Operator } from "./operator.js";
import { pad } from "./pad.js";
import { avgPool, maxPool, reduce } from "./pool.js";
import { resample } from "./resample.js";
import { channelShuffle, pixelShuffle, resize } from "./resize.js";
import { concat, dropout, reshape, slice, split, transpose } from "./shape.js";

/** The one table of operators; a new operator is a file's entry and a line here. */
export const operators = {
  input,
  parameter,
  constant,
  conv2d,
  deconv2d,
  linear,
  unary,
  binary,
  elementwise,
  cast,
  maxPool,
  avgPool,
  reduce,
  batchNorm,
  groupNorm,
  lrn,
  softmax,
  reshape,
  transpose,
  concat,
  slice,
  split,
  pad,
  resize,
  resample,
  channelShuffle,
  pixelShuffle,
  dropout,
};

export type Operators = typeof operators;
export type OpName = keyof Operators;
export type OperandsOf<K extends OpName> =
  Operators[K] extends Operator<infer O, infer _> ? O : never;
export type AttributesOf<K extends OpName> =
  Operators[K] extends Operator<infer _, infer A> ? A : never;

/** An operator seen without its own operand and attribute types, for code that treats all alike. */
export const anyOperator = (op: OpName): Operator<OperandTable, AttributeTable> =>
  operators[op] as unknown as Operator<OperandTable, AttributeTable>;
