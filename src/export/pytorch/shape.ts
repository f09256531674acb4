import type { NodeOf } from "../../ir/graph.js";
import { construct, type Form } from "./form.js";
import { listOf, numberOf, operandOf, tupleOf } from "./python.js";

export function writeReshape(node: NodeOf<"reshape">): Form {
  const { input } = node.operands;
  const from = input.type.shape;
  const to = node.results[0]!.type.shape;
  const keepsBatch = from.length > 1 && to.length > 1 && from[0] === to[0];
  if (keepsBatch && to.length === 2) {
    return {
      module: { construct: construct("nn.Flatten"), input },
      call: (read) => `torch.flatten(${read(input)}, 1)`,
    };
  }
  const sizes = keepsBatch ? [-1, ...to.slice(1)] : to;
  return { call: (read) => `${operandOf(read(input))}.reshape(${tupleOf(sizes)})` };
}

/** Indices of one axis; a step backwards is taken forwards and turned around later. */
function rangeOf(start: number, size: number, step: number, extent: number): string {
  const last = start + (size - 1) * step;
  const [from, to, by] = step > 0 ? [start, last + 1, step] : [last, start + 1, -step];
  if (from === 0 && to === extent && by === 1) return ":";
  const [first, end] = [from === 0 ? "" : from, to === extent ? "" : to];
  return by === 1 ? `${first}:${end}` : `${first}:${end}:${by}`;
}

export function writeSlice(node: NodeOf<"slice">): Form {
  const { input } = node.operands;
  const { starts, sizes, steps } = node.attrs;
  const { shape } = input.type;
  const ranges = shape.map((extent, axis) =>
    rangeOf(starts[axis]!, sizes[axis]!, steps[axis]!, extent),
  );
  while (ranges.at(-1) === ":") ranges.pop();
  const turned = shape.map((_, axis) => axis).filter((axis) => steps[axis]! < 0);
  const index = ranges.length > 0 ? `[${ranges.join(", ")}]` : "";
  const flip = turned.length > 0 ? `.flip(${tupleOf(turned)})` : "";
  return { call: (read) => `${operandOf(read(input))}${index}${flip}` };
}

export function writeSplit(node: NodeOf<"split">): Form {
  const { input } = node.operands;
  const { axis, sizes } = node.attrs;
  const isEven = sizes.every((size) => size === sizes[0]);
  const parts = isEven ? `.chunk(${sizes.length}, ${axis})` : `.split(${listOf(sizes)}, ${axis})`;
  return { call: (read) => `${operandOf(read(input))}${parts}` };
}

/** The element that a place outside shows, as `sourceOf` of the operator has it. */
function mirrored(at: number, size: number, mode: "reflect" | "edge"): number {
  if (mode === "edge") return Math.min(Math.max(at, 0), size - 1);
  return at < 0 ? -at : at >= size ? 2 * (size - 1) - at : at;
}

export function writePad(node: NodeOf<"pad">): Form {
  const { input } = node.operands;
  const { before, after, mode, value } = node.attrs;
  const { shape } = input.type;
  const axes = shape.map((_, axis) => axis).filter((axis) => before[axis]! + after[axis]! > 0);
  const first = axes[0] ?? shape.length;
  const sides = shape
    .map((_, axis) => axis)
    .filter((axis) => axis >= first)
    .reverse()
    .flatMap((axis) => [before[axis]!, after[axis]!]);
  if (sides.length === 0) return { call: (read) => read(input) };
  if (mode === "constant") {
    const fill = value === 0 ? "" : `, value=${numberOf(value)}`;
    return { call: (read) => `F.pad(${read(input)}, ${tupleOf(sides)}${fill})` };
  }
  if (shape.length === 4 && first >= 2) {
    const both = [before[3]!, after[3]!, before[2]!, after[2]!];
    const name = mode === "edge" ? "replicate" : "reflect";
    return { call: (read) => `F.pad(${read(input)}, ${tupleOf(both)}, mode="${name}")` };
  }
  const picked = axes.map((axis) => {
    const length = before[axis]! + shape[axis]! + after[axis]!;
    const places = Array.from({ length }, (_, at) =>
      mirrored(at - before[axis]!, shape[axis]!, mode),
    );
    return `[${":, ".repeat(axis)}${listOf(places)}]`;
  });
  return { call: (read) => `${operandOf(read(input))}${picked.join("")}` };
}
