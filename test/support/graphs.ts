import { build, buildNode, constantOf } from "../../src/ir/build.js";
import type { Graph, Value } from "../../src/ir/graph.js";
import type { BinaryFunction, Epilogue, UnaryFunction } from "../../src/ir/ops/arithmetic.js";
import type { Pair, Sides } from "../../src/ir/ops/conv.js";
import type { AttributesOf } from "../../src/ir/ops/index.js";
import type { Role } from "../../src/ir/ops/leaf.js";
import { graphOf, inOrder } from "../../src/ir/order.js";
import { sizeOf } from "../../src/ir/types.js";
import { noise } from "./noise.js";

/** An input of any shape, `x` unless named. */
export const input = (shape: readonly number[], name = "x"): Value =>
  build("input", {}, { name, type: { element: "f32", shape } });

/** An input `[batch, channels, height, width]`; square when only the height is given. */
export const image = (
  channels: number,
  height: number,
  width = height,
  { name = "x", batch = 1 } = {},
): Value => input([batch, channels, height, width], name);

/** A constant of seeded noise in `−gain … gain`. */
export const weights = (
  shape: readonly number[],
  seed: number,
  name = "",
  role: Role = "parameter",
  gain = 1,
): Value => constantOf(shape, noise(sizeOf(shape), seed, -gain, gain), role, { name });

/** A constant of the numbers given. */
export const literal = (shape: readonly number[], data: readonly number[], name = ""): Value =>
  constantOf(shape, Float32Array.from(data), "literal", { name });

/** One number for both axes, or height and width. */
type Size = number | Pair;
const pair = (size: Size): Pair => (typeof size === "number" ? [size, size] : size);
/** One number for all sides, or top, left, bottom, right. */
type Around = number | Sides;
const sides = (pads: Around): Sides => (typeof pads === "number" ? [pads, pads, pads, pads] : pads);

export interface ConvOptions {
  readonly kernel?: Size;
  readonly stride?: Size;
  /** Half the kernel unless given. */
  readonly pads?: Around;
  readonly dilation?: Size;
  readonly groups?: number;
  readonly bias?: boolean;
  readonly seed?: number;
  /** The largest weight; 1 unless told. */
  readonly gain?: number;
  readonly name?: string;
  readonly epilogue?: Epilogue;
  readonly extras?: readonly Value[];
}

const named = (name: string | undefined, part: string) => (name ? `${name}.${part}` : part);

const half = (kernel: Pair, dilation: Pair): Sides => {
  const y = Math.floor((dilation[0] * (kernel[0] - 1)) / 2);
  const x = Math.floor((dilation[1] * (kernel[1] - 1)) / 2);
  return [y, x, y, x];
};

/** A convolution with seeded weights and bias: 3×3, stride 1, half padding unless told. */
export function conv(value: Value, out: number, options: ConvOptions = {}): Value {
  const { groups = 1, bias = true, seed = 1, name, epilogue = [], extras = [] } = options;
  const [kernel, dilation] = [pair(options.kernel ?? 3), pair(options.dilation ?? 1)];
  const inputs = value.type.shape[1]! / groups;
  const operands = {
    input: value,
    weight: weights(
      [out, inputs, ...kernel],
      seed,
      named(name, "weight"),
      "parameter",
      options.gain,
    ),
    bias: bias ? weights([out], seed + 1000, named(name, "bias")) : undefined,
    extras,
  };
  const pads = sides(options.pads ?? half(kernel, dilation));
  const attrs = { stride: pair(options.stride ?? 1), dilation, pads, groups, epilogue };
  return build("conv2d", operands, attrs, { name: name ?? "" });
}

/** A transposed convolution with seeded weights and bias; no padding unless told. */
export function deconv(
  value: Value,
  out: number,
  options: ConvOptions & { readonly outputPads?: Size } = {},
): Value {
  const { groups = 1, bias = true, seed = 1, name, epilogue = [], extras = [] } = options;
  const kernel = pair(options.kernel ?? 3);
  const shape = [value.type.shape[1]!, out / groups, ...kernel];
  const operands = {
    input: value,
    weight: weights(shape, seed, named(name, "weight"), "parameter", options.gain),
    bias: bias ? weights([out], seed + 1000, named(name, "bias")) : undefined,
    extras,
  };
  const attrs = {
    stride: pair(options.stride ?? 1),
    dilation: pair(options.dilation ?? 1),
    pads: sides(options.pads ?? 0),
    outputPads: pair(options.outputPads ?? 0),
    groups,
    epilogue,
  };
  return build("deconv2d", operands, attrs, { name: name ?? "" });
}

/** A fully connected operator with seeded weights and bias. */
export function linear(value: Value, out: number, options: ConvOptions = {}): Value {
  const { bias = true, seed = 1, name, epilogue = [], extras = [] } = options;
  const operands = {
    input: value,
    weight: weights(
      [out, value.type.shape[1]!],
      seed,
      named(name, "weight"),
      "parameter",
      options.gain,
    ),
    bias: bias ? weights([out], seed + 1000, named(name, "bias")) : undefined,
    extras,
  };
  return build("linear", operands, { epilogue }, { name: name ?? "" });
}

export interface NormOptions {
  readonly seed?: number;
  readonly epsilon?: number;
  readonly name?: string;
  readonly gamma?: Value;
  readonly beta?: Value;
  readonly mean?: Value;
  readonly variance?: Value;
}

/** A batch norm with seeded statistics; the large epsilon shows when it is forgotten. */
export function norm(value: Value, options: NormOptions = {}): Value {
  const { seed = 10, epsilon = 0.25, name } = options;
  const shape = [value.type.shape[1]!];
  const variance = constantOf(shape, noise(shape[0]!, seed + 3, 0.25, 2), "statistic", {
    name: named(name, "running_var"),
  });
  const operands = {
    input: value,
    gamma: options.gamma ?? weights(shape, seed, named(name, "weight")),
    beta: options.beta ?? weights(shape, seed + 1, named(name, "bias")),
    mean: options.mean ?? weights(shape, seed + 2, named(name, "running_mean"), "statistic"),
    variance: options.variance ?? variance,
  };
  return build("batchNorm", operands, { epsilon }, { name: name ?? "" });
}

/** A group norm with seeded scale and shift. */
export function groupNorm(value: Value, groups: number, seed = 20, epsilon = 0.25): Value {
  const shape = [value.type.shape[1]!];
  const operands = {
    input: value,
    gamma: weights(shape, seed, "weight"),
    beta: weights(shape, seed + 1, "bias"),
  };
  return build("groupNorm", operands, { groups, epsilon });
}

export const unary = (value: Value, fn: UnaryFunction): Value =>
  build("unary", { input: value }, { fn });

export const relu = (value: Value): Value => unary(value, { kind: "relu" });

export const binary = (fn: BinaryFunction, left: Value, right: Value): Value =>
  build("binary", { left, right }, { fn });

export const add = (left: Value, right: Value): Value => binary("add", left, right);
export const mul = (left: Value, right: Value): Value => binary("mul", left, right);

/** A parametric relu with a seeded slope for each channel. */
export const prelu = (value: Value, seed = 30): Value =>
  binary("prelu", value, weights([value.type.shape[1]!, 1, 1], seed, "slope"));

export interface PoolOptions {
  readonly kernel?: Size;
  readonly stride?: Size;
  readonly dilation?: Size;
  readonly pads?: Around;
  readonly ceil?: boolean;
}

const poolAttributes = (options: PoolOptions) => ({
  kernel: pair(options.kernel ?? 2),
  stride: pair(options.stride ?? options.kernel ?? 2),
  dilation: pair(options.dilation ?? 1),
  pads: sides(options.pads ?? 0),
  ceil: options.ceil ?? false,
});

export const maxPool = (value: Value, options: PoolOptions = {}): Value =>
  build("maxPool", { input: value }, poolAttributes(options));

export const avgPool = (
  value: Value,
  options: PoolOptions & { readonly countIncludePad?: boolean } = {},
): Value => {
  const { countIncludePad = true } = options;
  return build("avgPool", { input: value }, { ...poolAttributes(options), countIncludePad });
};

/** Reduces axes; global average pooling unless told. */
export const reduce = (
  value: Value,
  fn: AttributesOf<"reduce">["fn"] = "mean",
  axes: readonly number[] = [2, 3],
  keepDims = true,
): Value => build("reduce", { input: value }, { fn, axes, keepDims });

export const gap = (value: Value): Value => reduce(value);

export const reshape = (value: Value, ...shape: readonly number[]): Value =>
  build("reshape", { input: value }, { shape });

/** `[n, everything else]`. */
export const flatten = (value: Value): Value => {
  const [n = 1, ...rest] = value.type.shape;
  return reshape(value, n, sizeOf(rest));
};

export const transpose = (value: Value, ...permutation: readonly number[]): Value =>
  build("transpose", { input: value }, { permutation });

export const concat = (inputs: readonly Value[], axis = 1): Value =>
  build("concat", { inputs }, { axis });

/** Elements `from, from + step, …` of one axis, `size` of them. */
export function slice(value: Value, axis: number, from: number, size: number, step = 1): Value {
  const only = (here: number, elsewhere: readonly number[]) =>
    elsewhere.map((other, at) => (at === axis ? here : other));
  const { shape } = value.type;
  const zeros = shape.map(() => 0);
  const ones = shape.map(() => 1);
  const attrs = { starts: only(from, zeros), sizes: only(size, shape), steps: only(step, ones) };
  return build("slice", { input: value }, attrs);
}

export const split = (value: Value, sizes: readonly number[], axis = 1): readonly Value[] =>
  buildNode("split", { input: value }, { axis, sizes }).results;

/** Pads rows and columns, and channels when told. */
export const pad = (
  value: Value,
  around: Around,
  mode: AttributesOf<"pad">["mode"] = "constant",
  { value: fill = 0, front = 0, back = 0 } = {},
): Value => {
  const [top, left, bottom, right] = sides(around);
  const attrs = { before: [0, front, top, left], after: [0, back, bottom, right], mode };
  return build("pad", { input: value }, { ...attrs, value: fill });
};

export const resize = (
  value: Value,
  size: Size,
  mode: AttributesOf<"resize">["mode"] = "nearest",
): Value => build("resize", { input: value }, { mode, size: pair(size) });

/** Resampling as ONNX's Resize does unless told; the scale is that of the sizes. */
export const resample = (
  value: Value,
  size: Size,
  attrs: Partial<AttributesOf<"resample">> = {},
): Value => {
  const [height, width] = pair(size);
  const [, , h = 1, w = 1] = value.type.shape;
  const usual: AttributesOf<"resample"> = {
    mode: "nearest",
    size: [height, width],
    coordinates: "half_pixel",
    scale: [height / h, width / w],
    region: [0, 0, 1, 1],
    rounding: "round_prefer_floor",
    coefficient: -0.75,
    excludeOutside: false,
    outside: 0,
  };
  return build("resample", { input: value }, { ...usual, ...attrs });
};

export const shuffle = (value: Value, groups: number): Value =>
  build("channelShuffle", { input: value }, { groups });

export const pixelShuffle = (value: Value, factor: number): Value =>
  build("pixelShuffle", { input: value }, { factor });

export const dropout = (value: Value, rate = 0.5): Value =>
  build("dropout", { input: value }, { rate });

export const softmax = (value: Value, axis = 1, log = false): Value =>
  build("softmax", { input: value }, { axis, log });

export const lrn = (value: Value, size = 3): Value =>
  build("lrn", { input: value }, { size, alpha: 0.5, beta: 0.75, bias: 1.5 });

/** A graph with these outputs: `y`, or `y0`, `y1`, …; its inputs are those that they need. */
export function returns(...outputs: readonly Value[]): Graph {
  const nodes = inOrder(outputs.map((value) => value.node));
  const inputs = nodes.flatMap((node) =>
    node.op === "input" ? [{ name: node.attrs.name, value: node.results[0]! }] : [],
  );
  const nameOf = (index: number) => (outputs.length === 1 ? "y" : `y${index}`);
  const named = outputs.map((value, index) => ({ name: nameOf(index), value }));
  return graphOf({ name: "test", inputs, outputs: named, grants: [] });
}

/** Seeded noise for every input of a graph. */
export const noiseFor = (graph: Graph, seed = 7): Map<string, Float32Array> =>
  new Map(
    graph.inputs.map(({ name, value }, index) => [
      name,
      noise(sizeOf(value.type.shape), seed + index),
    ]),
  );
