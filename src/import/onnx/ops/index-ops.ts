import { broadcastShape } from "../../../ir/ops/broadcast.js";
import { sizeOf } from "../../../ir/types.js";
import { checkFolded } from "../apply.js";
import { type Item, type Known, knownNumbers } from "../item.js";
import type { NodeReader } from "../node-reader.js";
import { multiply } from "./arithmetic.js";
import type { OpReader, OpReaders } from "./reader.js";

const clamp = (x: number, least: number, most: number): number =>
  Math.min(Math.max(x, least), most);

/** One axis of a slice: its first element, how many, and the step. */
function alongAxis(size: number, start: number, end: number, step: number) {
  const from = start < 0 ? start + size : start;
  const to = end < 0 ? end + size : end;
  const first = step > 0 ? clamp(from, 0, size) : clamp(from, -1, size - 1);
  const behind = step > 0 ? clamp(to, 0, size) : clamp(to, -1, size - 1);
  return { first, count: Math.max(0, Math.ceil((behind - first) / step)), step };
}

/** Attributes in the oldest models, operands since 10; ends may lie far outside. */
const slice: OpReader = (node) => {
  const input = node.input(0);
  const isOld = node.opset < 10;
  const starts = isOld ? node.ints("starts") : node.numbers(1, "starts");
  const ends = isOld ? node.ints("ends") : node.numbers(2, "ends");
  if (!starts || !ends) return node.refuse("its starts or ends are missing");
  const told = isOld ? node.ints("axes") : node.numbers(3, "axes");
  const steps = (isOld ? undefined : node.numbers(4, "steps")) ?? starts.map(() => 1);
  const axes = (told ?? [...starts.keys()]).map((axis) => node.axis(axis, input.shape.length));
  if (
    starts.length !== ends.length ||
    axes.length !== starts.length ||
    steps.length !== axes.length
  ) {
    node.refuse("its starts, ends, axes and steps have different lengths");
  }
  return sliced(node, input, axes, { starts, ends, steps });
};

interface Cut {
  readonly starts: readonly number[];
  readonly ends: readonly number[];
  readonly steps: readonly number[];
}

function sliced(node: NodeReader, input: Item, axes: readonly number[], cut: Cut): Item {
  const parts = input.shape.map((size, axis) => {
    const at = axes.indexOf(axis);
    const step = cut.steps[at] ?? 1;
    if (!Number.isInteger(step) || step === 0) node.refuse(`its step is ${step}`);
    return at < 0
      ? { first: 0, count: size, step: 1 }
      : alongAxis(size, cut.starts[at]!, cut.ends[at]!, step);
  });
  if (parts.some(({ count }) => count === 0)) {
    const shape = parts.map(({ count }) => count);
    return knownNumbers(input.dtype, shape, []);
  }
  const sizes = parts.map(({ count }) => count);
  if (parts.every(({ count, step }, axis) => step === 1 && count === input.shape[axis]))
    return input;
  const steps = parts.map(({ count, step }) => (count === 1 ? 1 : step));
  return node.apply("slice", { input }, { starts: parts.map(({ first }) => first), sizes, steps });
}

/** Most slices that a gather of computed elements is written as. */
const mostSlices = 256;

/** Elements of a known tensor along an axis; indices may be negative. */
function gatherKnown(node: NodeReader, input: Known, indices: Known, axis: number): Item {
  const { shape } = input;
  const [before, behind] = [shape.slice(0, axis), shape.slice(axis + 1)];
  const inner = sizeOf(behind);
  const rows = sizeOf(before);
  const size = shape[axis] ?? 0;
  const picks = [...indices.dense().data].map((index) => node.axis(index, size));
  const result = [...before, ...indices.shape, ...behind];
  checkFolded([sizeOf(result)], [input, indices]);
  const from = input.dense().data;
  const to = new Float64Array(sizeOf(result));
  for (let row = 0; row < rows; row++) {
    picks.forEach((pick, at) => {
      const start = (row * size + pick) * inner;
      to.set(from.subarray(start, start + inner), (row * picks.length + at) * inner);
    });
  }
  return knownNumbers(input.dtype, result, to);
}

/** Consecutive indices that a slice can take, as first, count and step. */
function runsOf(picks: readonly number[]): { first: number; count: number; step: number }[] {
  const runs: { first: number; count: number; step: number }[] = [];
  for (const pick of picks) {
    const run = runs.at(-1);
    const step = run ? pick - (run.first + (run.count - 1) * run.step) : 0;
    if (run && step !== 0 && (run.count === 1 || step === run.step)) {
      run.step = step;
      run.count++;
    } else runs.push({ first: pick, count: 1, step: 1 });
  }
  return runs;
}

/** Known indices into a computed tensor: slices of evenly spaced ones, joined. */
function gatherComputed(node: NodeReader, input: Item, indices: Known, axis: number): Item {
  const size = input.shape[axis] ?? 0;
  const picks = [...indices.dense().data].map((index) => node.axis(index, size));
  const runs = runsOf(picks);
  if (runs.length > mostSlices) node.refuse(`it gathers ${runs.length} separate parts`);
  const along = (value: number, otherwise: readonly number[]): number[] =>
    otherwise.map((other, at) => (at === axis ? value : other));
  const zeros = input.shape.map(() => 0);
  const ones = input.shape.map(() => 1);
  const parts = runs.map(({ first, count, step }) =>
    node.apply(
      "slice",
      { input },
      {
        starts: along(first, zeros),
        sizes: along(count, input.shape),
        steps: along(count === 1 ? 1 : step, ones),
      },
    ),
  );
  const joined = parts.length === 1 ? parts[0]! : node.apply("concat", { inputs: parts }, { axis });
  const shape = [...input.shape.slice(0, axis), ...indices.shape, ...input.shape.slice(axis + 1)];
  return node.reshape(joined, shape);
}

const gather: OpReader = (node) => {
  const input = node.input(0);
  const indices = node.known(1, "indices");
  const axis = node.axis(node.int("axis", 0), input.shape.length);
  return input.kind === "known"
    ? gatherKnown(node, input, indices, axis)
    : gatherComputed(node, input, indices, axis);
};

/** Zeros and ones that a computed tensor broadcasts with to a larger shape. */
function expandTo(node: NodeReader, input: Item, shape: readonly number[]): Item {
  const wanted = broadcastShape(input.shape, shape);
  if (!wanted) node.refuse(`[${input.shape}] does not expand to [${shape}]`);
  if (String(wanted) === String(input.shape)) return input;
  checkFolded([sizeOf(wanted)], [input]);
  const ones = knownNumbers(input.dtype, wanted, new Float64Array(sizeOf(wanted)).fill(1));
  if (input.kind === "known") return multiply(node, input, ones);
  return repeated(node, input, wanted);
}

/** Copies joined along each axis that has one element and shall have more. */
function repeated(node: NodeReader, input: Item, wanted: readonly number[]): Item {
  const lead = wanted.slice(0, wanted.length - input.shape.length).map(() => 1);
  const start = node.reshape(input, [...lead, ...input.shape]);
  return tiled(
    node,
    start,
    wanted.map((size, axis) => size / (start.shape[axis] ?? 1)),
  );
}

/** Copies joined along each axis. */
function tiled(node: NodeReader, input: Item, repeats: readonly number[]): Item {
  return repeats.reduce((item, count, axis) => {
    if (count === 1) return item;
    if (!Number.isInteger(count) || count < 1 || count > 4096) {
      return node.refuse(`it repeats an axis ${count} times`);
    }
    const inputs = Array.from({ length: count }, () => item);
    return node.apply("concat", { inputs }, { axis });
  }, input);
}

/** `tiles` and `axis` in the oldest models, a repeat for each axis since 6. */
const tile: OpReader = (node) => {
  const input = node.input(0);
  const rank = input.shape.length;
  if (node.opset < 6) {
    const tiles = node.number(1, "tiles") ?? 1;
    const axis = node.axis(node.number(2, "axis") ?? 0, rank);
    return tiled(
      node,
      input,
      input.shape.map((_, at) => (at === axis ? tiles : 1)),
    );
  }
  const repeats = node.numbers(1, "repeats") ?? node.refuse("its repeats are missing");
  if (repeats.length !== rank) node.refuse(`its repeats are [${repeats}] of [${input.shape}]`);
  return tiled(node, input, repeats);
};

const padModes = ["constant", "reflect", "edge", "wrap"] as const;

/** Amounts `[front…, behind…]` for the axes that are padded. */
function padAmounts(node: NodeReader, rank: number): readonly number[] {
  if (node.opset < 2) return node.ints("paddings") ?? node.refuse("its paddings are missing");
  if (node.opset < 11) return node.ints("pads") ?? node.refuse("its pads are missing");
  const pads = node.numbers(1, "pads") ?? node.refuse("its pads are missing");
  const told = node.numbers(3, "axes");
  if (!told) return pads;
  const all = Array.from({ length: 2 * rank }, () => 0);
  told.forEach((axis, at) => {
    const place = node.axis(axis, rank);
    all[place] = pads[at] ?? 0;
    all[place + rank] = pads[at + told.length] ?? 0;
  });
  return all;
}

const pad: OpReader = (node) => {
  const whole = node.input(0);
  const rank = whole.shape.length;
  const mode = node.choice("mode", padModes, "constant");
  const amounts = padAmounts(node, rank);
  if (amounts.length !== 2 * rank) node.refuse(`its pads are [${amounts}] of [${whole.shape}]`);
  const value = node.opset < 11 ? node.float("value", 0) : (node.number(2, "value") ?? 0);
  const cut = {
    starts: amounts.slice(0, rank).map((amount) => Math.max(0, -amount)),
    ends: whole.shape.map((size, axis) => size + Math.min(0, amounts[axis + rank] ?? 0)),
    steps: whole.shape.map(() => 1),
  };
  const input = sliced(node, whole, [...whole.shape.keys()], cut);
  const [before, after] = [amounts.slice(0, rank), amounts.slice(rank)].map((side) =>
    side.map((amount) => Math.max(0, amount)),
  );
  if (mode === "wrap") return wrapped(node, input, before!, after!);
  return node.apply("pad", { input }, { before: before!, after: after!, mode, value });
};

/** The tensor again in front of and behind itself, along each axis. */
function wrapped(
  node: NodeReader,
  input: Item,
  before: readonly number[],
  after: readonly number[],
): Item {
  return before.reduce((item, front, axis) => {
    const [behind, size] = [after[axis] ?? 0, item.shape[axis] ?? 0];
    if (front === 0 && behind === 0) return item;
    if (front > size || behind > size) return node.refuse(`it wraps around [${input.shape}] twice`);
    const part = (start: number, end: number): Item =>
      sliced(node, item, [axis], { starts: [start], ends: [end], steps: [1] });
    const parts = [
      ...(front > 0 ? [part(size - front, size)] : []),
      item,
      ...(behind > 0 ? [part(0, behind)] : []),
    ];
    return node.apply("concat", { inputs: parts }, { axis });
  }, input);
}

export const indexReaders: OpReaders = {
  Slice: slice,
  Gather: gather,
  Expand: (node) =>
    expandTo(node, node.input(0), node.numbers(1, "shape") ?? node.refuse("its shape is missing")),
  Tile: tile,
  Pad: pad,
};
