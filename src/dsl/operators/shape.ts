import type { Pair } from "../../ir/ops/conv.js";
import { ShapeError } from "../../ir/ops/operator.js";
import { sizeOf } from "../../ir/types.js";
import { printShape } from "../values.js";
import { axesAsWritten, axisOf } from "./axes.js";
import {
  anyRest,
  defineOperator,
  optional,
  required,
  rest,
  type StageBuilder,
} from "./definition.js";
import {
  axes,
  axis,
  type BatchSize,
  batchSize,
  factors,
  maybe,
  number,
  pair,
  whole,
  wholeOrList,
  wholes,
  word,
} from "./kinds.js";
import { pad, padAxis } from "./pad.js";
import { flip, slice } from "./slice.js";

/** A whole shape: a batch, by default that of what arrives, in front of the sizes behind it. */
function sized(stage: StageBuilder, sizes: readonly number[], batch?: BatchSize): number[] {
  if (batch !== "none") return [batch ?? stage.input.type.shape[0] ?? 1, ...sizes];
  if (sizes.length === 0) return [];
  const why = "batch=none is for a single number: it leaves no sizes behind it";
  throw new ShapeError("arguments-clash", { callee: stage.operator, why });
}

const flatten = defineOperator({
  name: "flatten",
  summary: "all elements as one vector, in C order",
  takes: "any",
  parameters: {},
  apply: (stage) =>
    stage.build("reshape", { input: stage.input }, { shape: sized(stage, [sizeOf(stage.shape)]) }),
});

const parameter = defineOperator({
  name: "parameter",
  summary: "a trained tensor of its own, whatever arrives; the same for every image",
  takes: "any",
  parameters: {
    shape: anyRest(wholes("the sizes of the tensor", 1)),
    batch: optional<BatchSize>(batchSize, 1),
  },
  apply: (stage, { shape, batch }) => {
    const whole = sized(stage, shape, batch);
    const input = stage.parameter("value", batch === 1 ? shape : whole);
    return stage.build("reshape", { input }, { shape: whole });
  },
});

const dropout = defineOperator({
  name: "dropout",
  summary: "the identity at inference",
  takes: "any",
  parameters: { rate: required(number("a number from 0 to 1", (x) => x >= 0 && x <= 1)) },
  apply: (stage, { rate }) => stage.build("dropout", { input: stage.input }, { rate }),
});

function scaled(stage: StageBuilder, scale: Pair): Pair {
  const [height = 1, width = 1] = stage.shape.slice(1);
  const size: Pair = [height * scale[0], width * scale[1]];
  if (!size.every(Number.isSafeInteger)) {
    const why = `scale ${scale.join(", ")} makes ${size.join("x")} of ${height}x${width}: give size=(h, w)`;
    throw new ShapeError("arguments-clash", { callee: "upsample", why });
  }
  return size;
}

const upsample = defineOperator({
  name: "upsample",
  summary: "resizes by a factor or to a size; give one of the two",
  takes: "image",
  parameters: {
    scale: optional<Pair | undefined>(maybe(factors), undefined, "none"),
    size: optional<Pair | undefined>(maybe(pair()), undefined, "none"),
    mode: optional(word("nearest", "bilinear"), "nearest"),
  },
  apply(stage, { scale, size, mode }) {
    if ((scale === undefined) === (size === undefined)) {
      const why = scale ? "it takes scale or size, not both" : "it needs scale or size=(h, w)";
      throw new ShapeError("arguments-clash", { callee: "upsample", why });
    }
    const target = size ?? (scale ? scaled(stage, scale) : [1, 1]);
    return stage.build("resize", { input: stage.input }, { mode, size: target });
  },
});

const split = defineOperator({
  name: "split",
  summary: "a list of consecutive parts along an axis: equal ones, or of the sizes listed",
  takes: "any",
  parameters: {
    parts: required(wholeOrList("the number of parts, or a list of their sizes", 1)),
    axis: optional(axis, 0),
  },
  apply(stage, { parts, axis: of }) {
    const along = axisOf(stage, of);
    const size = stage.input.type.shape[along] ?? 1;
    const count = typeof parts === "number" ? parts : parts.length;
    const even = size % count === 0 && count <= size;
    if (typeof parts === "number" && !even) {
      const why = `axis ${of} of ${printShape(stage.shape)} has no ${parts} equal parts`;
      throw new ShapeError("arguments-clash", { callee: "split", why });
    }
    const sizes = typeof parts === "number" ? Array<number>(count).fill(size / count) : parts;
    if (sizes.reduce((sum, n) => sum + n, 0) !== size) {
      const details = { sizes: printShape(sizes), axis: of, input: printShape(stage.shape) };
      throw new ShapeError("split-sizes", details);
    }
    return stage.buildAll("split", { input: stage.input }, { axis: along, sizes });
  },
});

/** Why a shape with -1 in it cannot be filled; undefined when it can. */
function unfillable(from: number, shape: readonly number[]): string | undefined {
  const known = sizeOf(shape.filter((n) => n !== -1));
  const free = shape.filter((n) => n === -1).length;
  if (shape.length > 5) return "a tensor has at most 5 axes";
  if (known === 0) return "a size is at least 1, or -1 for what is left";
  if (free > 1) return "only one size may be -1";
  return free === 1 && from % known !== 0
    ? `${from} elements are no multiple of ${known}`
    : undefined;
}

function filledShape(
  stage: StageBuilder,
  shape: readonly number[],
  batch: BatchSize | undefined,
): readonly number[] {
  const all = sizeOf(stage.input.type.shape);
  const [count = 1] = sized(stage, [], batch);
  const from = all / count;
  const why = unfillable(from, shape);
  if (why !== undefined) throw new ShapeError("arguments-clash", { callee: "reshape", why });
  const left = from / sizeOf(shape.filter((n) => n !== -1));
  const whole = shape.map((n) => (n === -1 ? left : n));
  const toSize = sizeOf(whole);
  if (toSize === from) return sized(stage, whole, batch);
  const isWhole = batch !== undefined;
  const [of, to] = [
    isWhole ? stage.input.type.shape : stage.shape,
    isWhole ? sized(stage, shape, batch) : shape,
  ];
  throw new ShapeError("reshape-size", {
    from: printShape(of),
    to: printShape(to),
    fromSize: sizeOf(of),
    toSize: isWhole ? toSize * count : toSize,
  });
}

const reshape = defineOperator({
  name: "reshape",
  summary: "the same elements in C order under another shape; one size may be -1",
  takes: "any",
  parameters: {
    shape: anyRest(wholes("the new shape", -1)),
    batch: optional<BatchSize | undefined>(maybe(batchSize), undefined, "as it is"),
  },
  apply: (stage, { shape, batch }) =>
    stage.build("reshape", { input: stage.input }, { shape: filledShape(stage, shape, batch) }),
});

const transpose = defineOperator({
  name: "transpose",
  summary: "result axis i is axis axes[i]: all axes, in their new order",
  takes: "any",
  parameters: { axes: rest(axes("all axes in their new order")) },
  apply(stage, { axes: given }) {
    const order = axesAsWritten(stage, given);
    const permutation = order.includes(0) ? order : [0, ...order];
    if (permutation.length !== stage.input.type.shape.length) {
      const why = `it needs all ${stage.shape.length} axes, got ${given.length}`;
      throw new ShapeError("arguments-clash", { callee: "transpose", why });
    }
    return stage.build("transpose", { input: stage.input }, { permutation });
  },
});

const shuffle = defineOperator({
  name: "shuffle",
  summary: "ShuffleNet's channel shuffle",
  takes: "image",
  parameters: { groups: required(whole(1)) },
  apply(stage, { groups }) {
    const channels = stage.shape[0] ?? 1;
    if (channels % groups !== 0) {
      const details = { op: "shuffle", groups, what: "channels", channels };
      throw new ShapeError("groups-do-not-divide", details);
    }
    return stage.build("channelShuffle", { input: stage.input }, { groups });
  },
});

const pixelShuffle = defineOperator({
  name: "pixel_shuffle",
  summary: "`[c·r², h, w]` to `[c, h·r, w·r]`",
  takes: "image",
  parameters: { r: required(whole(1)) },
  apply(stage, { r }) {
    const channels = stage.shape[0] ?? 1;
    if (channels % (r * r) !== 0) {
      const why = `r=${r} needs a multiple of ${r * r} channels, and there are ${channels}`;
      throw new ShapeError("arguments-clash", { callee: "pixel_shuffle", why });
    }
    return stage.build("pixelShuffle", { input: stage.input }, { factor: r });
  },
});

export const shaping = [
  flatten,
  parameter,
  dropout,
  upsample,
  slice,
  flip,
  split,
  pad,
  padAxis,
  reshape,
  transpose,
  shuffle,
  pixelShuffle,
];
