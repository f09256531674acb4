import type { NodeOf, Value } from "../../ir/graph.js";
import {
  axisAt,
  batchOf,
  count,
  fillValue,
  listOf,
  optionalAxis,
  optionalFlag,
  optionalNumber,
  word,
} from "./arguments.js";
import type { CallStage, Given } from "./sketch.js";
import { call, chain, stageOf, unwritable, type Written } from "./written.js";

const reductions = { mean: "mean", sum: "sum", max: "amax", min: "amin" } as const;

/** Whole axes put together. */
export function writeReduce(node: NodeOf<"reduce">): Written {
  const { fn, axes, keepDims } = node.attrs;
  const { input } = node.operands;
  const isGlobal = input.type.shape.length === 4 && String(axes) === "2,3";
  if (isGlobal && (fn === "mean" || fn === "max")) {
    const keeps = optionalFlag("keepdims", keepDims, true);
    return call(node, input, fn === "mean" ? "gap" : "gmp", keeps);
  }
  const given: Given[] = axes.map((axis) => axisAt("axes", axis));
  const keeps = optionalFlag("keepdims", keepDims, false);
  return call(node, input, reductions[fn], [...given, ...keeps]);
}

/** The arguments of `reshape`: the sizes behind the batch, and the batch where it is another. */
export function reshapeArguments(from: readonly number[], to: readonly number[]): readonly Given[] {
  const sizes = to.slice(1).map((n) => count("length", n));
  return from.length > 0 && from[0] === to[0] ? sizes : [...sizes, batchOf(to)];
}

/** The same elements under another shape. */
export function writeReshape(node: NodeOf<"reshape">): Written {
  const { input } = node.operands;
  const from = input.type.shape;
  const to = node.results[0]!.type.shape;
  if (to.length === 2 && from.length > 0 && from[0] === to[0])
    return call(node, input, "flatten", []);
  return call(node, input, "reshape", reshapeArguments(from, to));
}

/** All axes in another order. */
export function writeTranspose(node: NodeOf<"transpose">): Written {
  const { permutation } = node.attrs;
  const named = permutation[0] === 0 ? permutation.slice(1) : permutation;
  const given = named.map((axis) => axisAt("axes", axis));
  if (given.length === 0) return chain(node.operands.input);
  return call(node, node.operands.input, "transpose", given);
}

/** Parts along axes; what is read backwards is taken forwards, then turned round. */
export function writeSlice(node: NodeOf<"slice">): Written {
  const { input } = node.operands;
  const { starts, sizes, steps } = node.attrs;
  const stages: CallStage[] = [];
  for (const [axis, start] of starts.entries()) {
    const [length, extent] = [sizes[axis]!, input.type.shape[axis]!];
    const step = length === 1 ? 1 : steps[axis]!;
    const last = start + (length - 1) * step;
    const [from, to] = [Math.min(start, last), Math.max(start, last) + 1];
    if (from > 0 || to < extent || Math.abs(step) !== 1) {
      const given = [
        axisAt("axis", axis),
        count("from", from),
        count("to", to),
        ...optionalNumber("step", Math.abs(step), 1),
      ];
      stages.push(stageOf(node, "slice", given));
    }
    if (step < 0) stages.push(stageOf(node, "flip", [axisAt("axes", axis)]));
  }
  return chain(input, ...stages);
}

/** A list of parts. */
export function writeSplit(node: NodeOf<"split">): Written {
  const { axis, sizes } = node.attrs;
  const isEven = sizes.every((n) => n === sizes[0]);
  const parts: Given = isEven
    ? count("parts", sizes.length)
    : { parameter: "parts", value: listOf(sizes), byName: false };
  const stage = stageOf(node, "split", [parts, ...optionalAxis("axis", axis, 1)]);
  return { kind: "parts", stage, input: node.operands.input };
}

/** A border around images, or around any tensor axis by axis. */
export function writePad(node: NodeOf<"pad">): Written {
  const { before, after, mode, value } = node.attrs;
  const { input } = node.operands;
  if (Number.isNaN(value)) return unwritable("it pads with what is no number");
  const isPlain = mode === "constant" && value === 0;
  const filling = isPlain ? [] : [word("mode", mode)];
  const how = mode === "constant" ? [...filling, ...fillValue("value", value)] : filling;
  if (before.length !== 4 || before[0] !== 0 || after[0] !== 0) {
    return padAxes(node, input, how);
  }
  if ([...before, ...after].every((n) => n === 0)) return chain(input);
  const given = [
    count("top", before[2]!),
    count("left", before[3]!),
    count("bottom", after[2]!),
    count("right", after[3]!),
    ...optionalNumber("front", before[1]!, 0),
    ...optionalNumber("back", after[1]!, 0),
  ];
  return call(node, input, "pad", [...given, ...how]);
}

function padAxes(node: NodeOf<"pad">, input: Value, how: readonly Given[]): Written {
  const { before, after } = node.attrs;
  const stages = before.flatMap((front, axis) => {
    const back = after[axis]!;
    if (front === 0 && back === 0) return [];
    const sides = [axisAt("axis", axis), count("before", front), count("after", back)];
    return [stageOf(node, "pad_axis", [...sides, ...how])];
  });
  return chain(input, ...stages);
}

/** Images of another size. */
export function writeResize(node: NodeOf<"resize">): Written {
  const { input } = node.operands;
  const { mode, size: target } = node.attrs;
  const [, , height = 1, width = 1] = input.type.shape;
  const [up, across] = [target[0] / height, target[1] / width];
  const isFactor = up === across && Number.isInteger(up);
  const to: Given = isFactor
    ? count("scale", up)
    : { parameter: "size", value: listOf(target), byName: true };
  const modes = mode === "nearest" ? [] : [word("mode", mode)];
  return call(node, input, "upsample", [to, ...modes]);
}
