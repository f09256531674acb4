import type { Pair } from "../../ir/ops/conv.js";
import { ShapeError } from "../../ir/ops/operator.js";
import { sizeOf } from "../../ir/types.js";
import { printShape } from "../values.js";
import { axesOf, axisOf } from "./axes.js";
import { defineOperator, optional, required, rest, type StageBuilder } from "./definition.js";
import { factors, maybe, number, pair, whole, wholeOrList, wholes, word } from "./kinds.js";

const flatten = defineOperator({
  name: "flatten",
  summary: "all elements as one vector, in C order",
  takes: "any",
  parameters: {},
  apply: (stage) =>
    stage.build("reshape", { input: stage.input }, { shape: [stage.batch, sizeOf(stage.shape)] }),
});

const parameter = defineOperator({
  name: "parameter",
  summary: "a trained tensor of its own, whatever arrives; the same for every image",
  takes: "any",
  parameters: { shape: rest(wholes("the sizes of the tensor", 1)) },
  apply: (stage, { shape }) => {
    const input = stage.parameter("value", shape);
    return stage.build("reshape", { input }, { shape: [1, ...shape] });
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

/** An index from 0 to `size`; a negative one counts from the end. */
const indexOf = (index: number, size: number): number => (index < 0 ? index + size : index);

const slice = defineOperator({
  name: "slice",
  summary: "elements `from` up to before `to` along an axis, every `step`-th",
  takes: "any",
  parameters: {
    axis: required(whole()),
    from: required(whole()),
    to: required(whole()),
    step: optional(whole(1), 1),
  },
  apply(stage, { axis, from, to, step }) {
    const along = axisOf(stage, axis);
    const { shape } = stage.input.type;
    const size = shape[along] ?? 1;
    const [start, end] = [indexOf(from, size), indexOf(to, size)];
    if (start < 0 || end > size) {
      const details = { axis, first: from, last: to - 1, input: printShape(stage.shape) };
      throw new ShapeError("slice-out-of-range", details);
    }
    if (end <= start) {
      const why = `from ${from} to ${to} of ${size} takes no element`;
      throw new ShapeError("arguments-clash", { callee: "slice", why });
    }
    const at = <T>(value: T, others: readonly T[]): T[] =>
      others.map((other, index) => (index === along ? value : other));
    return stage.build(
      "slice",
      { input: stage.input },
      {
        starts: at(
          start,
          shape.map(() => 0),
        ),
        sizes: at(Math.ceil((end - start) / step), shape),
        steps: at(
          step,
          shape.map(() => 1),
        ),
      },
    );
  },
});

const split = defineOperator({
  name: "split",
  summary: "a list of consecutive parts along an axis: equal ones, or of the sizes listed",
  takes: "any",
  parameters: {
    parts: required(wholeOrList("the number of parts, or a list of their sizes", 1)),
    axis: optional(whole(), 0),
  },
  apply(stage, { parts, axis }) {
    const along = axisOf(stage, axis);
    const size = stage.input.type.shape[along] ?? 1;
    const count = typeof parts === "number" ? parts : parts.length;
    const even = size % count === 0 && count <= size;
    if (typeof parts === "number" && !even) {
      const why = `axis ${axis} of ${printShape(stage.shape)} has no ${parts} equal parts`;
      throw new ShapeError("arguments-clash", { callee: "split", why });
    }
    const sizes = typeof parts === "number" ? Array<number>(count).fill(size / count) : parts;
    if (sizes.reduce((sum, n) => sum + n, 0) !== size) {
      const details = { sizes: printShape(sizes), axis, input: printShape(stage.shape) };
      throw new ShapeError("split-sizes", details);
    }
    return stage.buildAll("split", { input: stage.input }, { axis: along, sizes });
  },
});

const edge = whole(0);

/** A reflection must be shorter than its axis. */
function checkReflection(
  stage: StageBuilder,
  amounts: readonly (readonly [number, number])[],
): void {
  amounts.forEach(([before, after], axis) => {
    const amount = Math.max(before, after);
    if (amount < (stage.shape[axis] ?? 1) || amount === 0) return;
    throw new ShapeError("pad-too-large", { axis, amount, input: printShape(stage.shape) });
  });
}

const pad = defineOperator({
  name: "pad",
  summary: "adds rows, columns and (`front`, `back`) channels; `value` is for mode=constant",
  takes: "image",
  parameters: {
    top: required(edge),
    left: required(edge),
    bottom: required(edge),
    right: required(edge),
    front: optional(edge, 0),
    back: optional(edge, 0),
    mode: optional(word("zero", "constant", "reflect", "edge"), "zero"),
    value: optional(number(), 0),
  },
  apply(stage, { top, left, bottom, right, front, back, mode, value }) {
    if (value !== 0 && mode !== "constant") {
      const why = `value=${value} needs mode=constant, not ${mode}`;
      throw new ShapeError("arguments-clash", { callee: "pad", why });
    }
    const amounts = [
      [front, back],
      [top, bottom],
      [left, right],
    ] as const;
    if (mode === "reflect") checkReflection(stage, amounts);
    return stage.build(
      "pad",
      { input: stage.input },
      {
        before: [0, front, top, left],
        after: [0, back, bottom, right],
        mode: mode === "zero" ? "constant" : mode,
        value,
      },
    );
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

function filledShape(stage: StageBuilder, shape: readonly number[]): readonly number[] {
  const from = sizeOf(stage.shape);
  const why = unfillable(from, shape);
  if (why !== undefined) throw new ShapeError("arguments-clash", { callee: "reshape", why });
  const left = from / sizeOf(shape.filter((n) => n !== -1));
  const whole = shape.map((n) => (n === -1 ? left : n));
  const toSize = sizeOf(whole);
  if (toSize === from) return whole;
  const [of, to] = [printShape(stage.shape), printShape(shape)];
  throw new ShapeError("reshape-size", { from: of, to, fromSize: from, toSize });
}

const reshape = defineOperator({
  name: "reshape",
  summary: "the same elements in C order under another shape; one size may be -1",
  takes: "any",
  parameters: { shape: rest(wholes("the new shape", -1)) },
  apply: (stage, { shape }) =>
    stage.build(
      "reshape",
      { input: stage.input },
      {
        shape: [stage.batch, ...filledShape(stage, shape)],
      },
    ),
});

const transpose = defineOperator({
  name: "transpose",
  summary: "result axis i is axis axes[i]: all axes, in their new order",
  takes: "any",
  parameters: { axes: rest(wholes("all axes in their new order", Number.MIN_SAFE_INTEGER)) },
  apply(stage, { axes }) {
    if (axesOf(stage, axes).length !== stage.shape.length) {
      const why = `it needs all ${stage.shape.length} axes, got ${axes.length}`;
      throw new ShapeError("arguments-clash", { callee: "transpose", why });
    }
    const permutation = [0, ...axes.map((axis) => axisOf(stage, axis))];
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
  split,
  pad,
  reshape,
  transpose,
  shuffle,
  pixelShuffle,
];
