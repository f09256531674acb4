import {
  type Coordinates,
  coordinateModes,
  type ResampleAttributes,
  resampleModes,
  resampleTaps,
  roundingModes,
} from "../../../ir/ops/resample.js";
import { sizeOf } from "../../../ir/types.js";
import type { Item } from "../item.js";
import type { NodeReader } from "../node-reader.js";
import type { OpReader, OpReaders } from "./reader.js";

/** How all axes are resized. */
type Manner = Omit<ResampleAttributes, "size" | "scale" | "region">;

/** How one axis is resized. */
interface Along {
  readonly axis: number;
  readonly size: number;
  readonly scale: number;
  /** First and last place of a crop, as parts of the axis. */
  readonly region: readonly [number, number];
}

/** A size that scaling makes: rounded down, but not for what is lost in float32. */
const scaledSize = (size: number, scale: number): number => Math.floor(size * scale + 1e-6);

/** Sizes that keep the proportions: the largest that fits into those asked for, or the smallest around them. */
function proportional(
  node: NodeReader,
  from: readonly number[],
  sizes: readonly number[],
): { sizes: readonly number[]; scales: readonly number[] } {
  const policies = ["stretch", "not_larger", "not_smaller"] as const;
  const policy = node.choice("keep_aspect_ratio_policy", policies, "stretch");
  const ratios = sizes.map((size, at) => size / from[at]!);
  if (policy === "stretch") return { sizes, scales: ratios };
  const scale = policy === "not_larger" ? Math.min(...ratios) : Math.max(...ratios);
  return {
    sizes: from.map((size) => Math.round(size * scale)),
    scales: from.map(() => scale),
  };
}

/** The axes that change, from scales or sizes. */
function alongAxes(node: NodeReader, input: Item, scales: readonly number[] | undefined): Along[] {
  const rank = input.shape.length;
  const told = node.opset >= 18 ? node.ints("axes") : undefined;
  const axes = (told ?? [...input.shape.keys()]).map((axis) => node.axis(axis, rank));
  const from = axes.map((axis) => input.shape[axis]!);
  const sizes = node.opset < 11 ? undefined : node.numbers(3, "sizes");
  const isScaled = scales !== undefined && scales.length > 0;
  const given = isScaled ? scales : sizes;
  if (given?.length !== axes.length) return node.refuse("its scales and sizes do not fit its axes");
  const wanted = isScaled
    ? { sizes: from.map((size, at) => scaledSize(size, scales[at]!)), scales }
    : proportional(node, from, given);
  const roi = node.numbers(1, "roi") ?? [];
  const region = (at: number): [number, number] => [roi[at] ?? 0, roi[at + axes.length] ?? 1];
  return axes.map((axis, at) => ({
    axis,
    size: wanted.sizes[at]!,
    scale: wanted.scales[at]!,
    region: region(at),
  }));
}

const changes = (input: Item, manner: Manner, { axis, size, scale }: Along): boolean =>
  size !== input.shape[axis] || scale !== 1 || manner.coordinates === "tf_crop_and_resize";

/** Resizes the axes that change: rows and columns at once, all others one by one. */
function resized(node: NodeReader, input: Item, manner: Manner, all: readonly Along[]): Item {
  const still = (axis: number): Along => ({
    axis,
    size: input.shape[axis]!,
    scale: 1,
    region: [0, 1],
  });
  const moving = all.filter((along) => changes(input, manner, along));
  const rank = input.shape.length;
  const of = (axis: number): Along => moving.find((along) => along.axis === axis) ?? still(axis);
  if (rank === 4 && moving.every(({ axis }) => axis >= 2)) {
    return moving.length === 0 ? input : image(node, input, manner, of(2), of(3));
  }
  return moving.reduce((item, along) => {
    const [before, behind] = [item.shape.slice(0, along.axis), item.shape.slice(along.axis + 1)];
    const columns = { ...still(along.axis), size: sizeOf(behind) };
    const rows = node.reshape(item, [1, sizeOf(before), item.shape[along.axis]!, columns.size]);
    const result = image(node, rows, manner, along, columns);
    return node.reshape(result, [...before, along.size, ...behind]);
  }, input);
}

function image(node: NodeReader, input: Item, manner: Manner, rows: Along, columns: Along): Item {
  const attrs: ResampleAttributes = {
    ...manner,
    size: [rows.size, columns.size],
    scale: [rows.scale, columns.scale],
    region: [rows.region[0], columns.region[0], rows.region[1], columns.region[1]],
  };
  const usual = usualMode(attrs, input.shape);
  return usual
    ? node.apply("resize", { input }, { mode: usual, size: attrs.size })
    : node.apply("resample", { input }, attrs);
}

/** The mode of `resize` that reads the same rows and columns with the same weights, if there is one. */
function usualMode(
  attrs: ResampleAttributes,
  shape: readonly number[],
): "nearest" | "bilinear" | undefined {
  if (attrs.mode === "cubic") return undefined;
  const usual = { ...attrs, rounding: "floor", outside: 0 } as const;
  const isSame = ([2, 3] as const).every((axis) => {
    const [at, size] = [axis === 2 ? 0 : 1, shape[axis]!] as const;
    const scale = [attrs.size[0] / shape[2]!, attrs.size[1] / shape[3]!] as const;
    const coordinates = attrs.mode === "nearest" ? "asymmetric" : "half_pixel";
    const wanted = resampleTaps({ ...usual, scale, coordinates }, at, size);
    return JSON.stringify(resampleTaps(attrs, at, size)) === JSON.stringify(wanted);
  });
  return isSame ? (attrs.mode === "nearest" ? "nearest" : "bilinear") : undefined;
}

/** Whatever an attribute is left out means in the operator's version. */
const resize: OpReader = (node) => {
  const input = node.input(0);
  const isFirst = node.opset < 11;
  const scales = node.numbers(isFirst ? 1 : 2, "scales");
  const usual: Coordinates = isFirst ? "asymmetric" : "half_pixel";
  if (node.flag("antialias", false)) node.refuse("it smooths what it makes smaller (antialias)");
  const manner: Manner = {
    mode: node.choice("mode", resampleModes, "nearest"),
    coordinates: node.choice("coordinate_transformation_mode", coordinateModes, usual),
    rounding: node.choice("nearest_mode", roundingModes, isFirst ? "floor" : "round_prefer_floor"),
    coefficient: node.float("cubic_coeff_a", -0.75),
    excludeOutside: node.flag("exclude_outside", false),
    outside: node.float("extrapolation_value", 0),
  };
  return resized(node, input, manner, alongAxes(node, input, scales));
};

const legacyScales = (node: NodeReader): readonly number[] | undefined =>
  node.opset < 7
    ? [1, 1, node.float("height_scale", 1), node.float("width_scale", 1)]
    : node.floats("scales");

/** The oldest resize: places are `at / scale`, the nearest is the one before. */
const upsample: OpReader = (node) => {
  const input = node.input(0);
  const scales = node.opset < 9 ? legacyScales(node) : node.numbers(1, "scales");
  if (scales?.length !== input.shape.length) return node.refuse("its scales do not fit its axes");
  const told = node.choice("mode", ["nearest", "linear", "bilinear"], "nearest");
  const manner: Manner = {
    mode: told === "nearest" ? "nearest" : "linear",
    coordinates: "asymmetric",
    rounding: "floor",
    coefficient: -0.75,
    excludeOutside: false,
    outside: 0,
  };
  const all = scales.map((scale, axis) => ({
    axis,
    size: scaledSize(input.shape[axis]!, scale),
    scale,
    region: [0, 1] as const,
  }));
  return resized(node, input, manner, all);
};

export const resizeReaders: OpReaders = { Resize: resize, Upsample: upsample };
