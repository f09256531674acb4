import type { NodeOf } from "../../ir/graph.js";
import { resampleTaps, type Tap } from "../../ir/ops/resample.js";
import { by, callOf, construct, type Form, type Refusal, refuse } from "./form.js";
import { listOf, numberOf, operandOf, stringOf, tupleOf } from "./python.js";

/** The function that files have which weigh rows by hand. */
export const weighText = `def weigh(x, dim, rows):
    """Rows along \`dim\`, each a sum of rows of \`x\`: pairs of an index and a weight."""
    matrix = x.new_zeros(len(rows), x.shape[dim])
    for to, row in enumerate(rows):
        for at, weight in row:
            matrix[to, at] += weight
    return (x.transpose(dim, -1) @ matrix.T).transpose(dim, -1)`;

/** `F.interpolate` by a whole factor where it is one, else to a size. */
function interpolate(
  node: NodeOf<"resize"> | NodeOf<"resample">,
  mode: string,
  alignCorners?: boolean,
): Form {
  const { input } = node.operands;
  const { size } = node.attrs;
  const [, , height = 1, width = 1] = input.type.shape;
  const [up, across] = [size[0] / height, size[1] / width];
  const isFactor = up === across && Number.isInteger(up) && alignCorners !== true;
  const target = isFactor ? by("scale_factor", numberOf(up)) : by("size", tupleOf(size));
  const named = by("mode", stringOf(mode), '"nearest"');
  const aligned = alignCorners ? [by("align_corners", "True")] : [];
  const given = [target, named, ...aligned];
  return {
    call: (read) => callOf("F.interpolate", [read(input)], given),
    module: { construct: construct("nn.Upsample", ...given), input },
  };
}

export const writeResize = (node: NodeOf<"resize">): Form => interpolate(node, node.attrs.mode);

/** The mode of `F.interpolate` that means the same; undefined where none does. */
function usualMode({ attrs, operands }: NodeOf<"resample">): string | undefined {
  const { mode, size, scale, coordinates, coefficient, excludeOutside } = attrs;
  const [, , height = 1, width = 1] = operands.input.type.shape;
  const isPlaced =
    coordinates === "align_corners" ||
    (coordinates === "half_pixel" && scale[0] === size[0] / height && scale[1] === size[1] / width);
  if (!isPlaced) return undefined;
  if (mode === "linear") return "bilinear";
  const isUsual = mode === "cubic" && coefficient === -0.75 && !excludeOutside;
  return isUsual ? "bicubic" : undefined;
}

const rowOf = (row: readonly Tap[] | undefined): string =>
  `[${(row ?? []).map(({ at, weight }) => `(${at}, ${numberOf(weight)})`).join(", ")}]`;

/** Rows or columns of the result from those of `x`. */
function along(x: string, dim: 2 | 3, rows: readonly (readonly Tap[] | undefined)[]): string {
  const isPicked = rows.every((row) => row?.length === 1 && row[0]?.weight === 1);
  if (!isPicked) return `weigh(${x}, ${dim}, [${rows.map(rowOf).join(", ")}])`;
  const indices = listOf(rows.map((row) => row?.[0]?.at ?? 0));
  return `${operandOf(x)}[${dim === 2 ? ":, :" : ":, :, :"}, ${indices}]`;
}

export function writeResample(node: NodeOf<"resample">): Form | Refusal {
  const { input } = node.operands;
  const mode = usualMode(node);
  if (mode) return interpolate(node, mode, node.attrs.coordinates === "align_corners");
  const [, , height = 1, width = 1] = input.type.shape;
  const rows = resampleTaps(node.attrs, 0, height);
  const columns = resampleTaps(node.attrs, 1, width);
  const isCropped = [...rows, ...columns].some((row) => row === undefined);
  if (isCropped && node.attrs.outside !== 0) {
    return refuse("it fills what lies outside its input with another number than 0");
  }
  return { call: (read) => along(along(read(input), 2, rows), 3, columns) };
}
