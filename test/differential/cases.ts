import { build } from "../../src/ir/build.js";
import type { Graph, Value } from "../../src/ir/graph.js";
import type { BinaryFunction, UnaryFunction } from "../../src/ir/ops/arithmetic.js";
import { graphOf } from "../../src/ir/order.js";
import { u8 } from "../../src/ir/types.js";
import * as g from "../support/graphs.js";

/** Results under the names of their cases. */
type Cases = Readonly<Record<string, Value>>;

let images = 0;
/** An input of its own for each case: odd sizes unless told. */
const image = (channels = 5, height = 7, width = 6, batch = 1): Value => {
  images += 1;
  return g.image(channels, height, width, { name: `image${images}`, batch });
};

/** Numbers of at least ½, for functions with a pole or an end at 0. */
const positive = (channels = 5): Value => {
  const square = image(channels);
  return g.add(g.mul(square, square), g.literal([], [0.5]));
};

const channelCounts = [1, 2, 3, 4, 5, 8, 13, 16] as const;

/** One case for each entry, named by it. */
function each<T>(entries: readonly T[], name: (entry: T) => string, make: (entry: T) => Value) {
  return Object.fromEntries(entries.map((entry) => [name(entry), make(entry)]));
}

const functions: readonly UnaryFunction[] = [
  { kind: "relu" },
  { kind: "clip", min: -0.25, max: 0.5 },
  { kind: "leakyRelu", slope: 0.125 },
  { kind: "elu", alpha: 0.75 },
  { kind: "selu" },
  { kind: "sigmoid" },
  { kind: "hardSigmoid", slope: 0.2, offset: 0.5 },
  { kind: "tanh" },
  { kind: "silu" },
  { kind: "hardSwish" },
  { kind: "gelu" },
  { kind: "mish" },
  { kind: "sign" },
  { kind: "threshold", least: 0.25 },
  { kind: "softplus" },
  { kind: "neg" },
  { kind: "abs" },
  { kind: "exp" },
  { kind: "erf" },
];
const poles: readonly UnaryFunction[] = [{ kind: "sqrt" }, { kind: "log" }, { kind: "reciprocal" }];

function activations(): Cases {
  return {
    ...each(
      functions,
      (fn) => fn.kind,
      (fn) => g.unary(image(), fn),
    ),
    ...each(
      poles,
      (fn) => fn.kind,
      (fn) => g.unary(positive(), fn),
    ),
    ...each(
      channelCounts,
      (c) => `relu of ${c} channels`,
      (c) => g.relu(image(c, 3, 5, 2)),
    ),
    "relu of a vector": g.relu(g.input([3, 7], "rows")),
    "relu of one number": g.relu(g.input([], "number")),
    "relu of six axes": g.relu(g.input([2, 1, 3, 2, 1, 5], "axes")),
  };
}

const pairs: readonly BinaryFunction[] = [
  ...(["add", "sub", "mul", "min", "max", "prelu"] as const),
  ...(["equal", "less", "lessOrEqual", "mask"] as const),
];

function arithmetic(): Cases {
  const shapes: readonly (readonly number[])[] = [
    [],
    [1],
    [6],
    [7, 1],
    [5, 1, 1],
    [1, 5, 1, 1],
    [2, 1, 1, 1],
    [1, 1, 7, 6],
  ];
  return {
    ...each(
      pairs,
      (fn) => `${fn} of two images`,
      (fn) => g.binary(fn, image(), image()),
    ),
    ...each(
      shapes,
      (shape) => `sub a constant [${shape}] on the right`,
      (shape) => g.binary("sub", image(5, 7, 6, 2), g.weights(shape, 3)),
    ),
    ...each(
      shapes.slice(2),
      (shape) => `sub from a value [${shape}]`,
      (shape) => g.binary("sub", g.input(shape, `left ${shape}`), image(5, 7, 6, 2)),
    ),
    div: g.binary("div", image(), positive()),
    "pow of images": g.binary("pow", positive(), image()),
    "pow of a constant": g.binary("pow", positive(7), g.literal([], [0.3])),
    "squared by pow": g.binary("pow", image(), g.literal([], [2])),
    "both operands broadcast": g.add(g.input([3, 1, 5], "b"), g.input([2, 1, 4, 1], "a")),
    "a value with itself": same((x) => g.mul(x, x)),
    "a gate per channel": same((x) => g.mul(x, g.unary(g.gap(x), { kind: "sigmoid" }))),
  };
}

const same = (make: (x: Value) => Value): Value => make(image());

function chains(): Cases {
  const extras = [image(5), g.input([1, 5, 1, 1], "channel extra"), g.literal([], [0.75])];
  const chain = (input: Value): Value =>
    build(
      "elementwise",
      { input, extras },
      {
        steps: [
          { kind: "binary", fn: "mul", extra: 1, side: "right" },
          { kind: "unary", fn: { kind: "silu" } },
          { kind: "binary", fn: "sub", extra: 0, side: "left" },
          { kind: "binary", fn: "max", extra: 2, side: "right" },
        ],
      },
    );
  return {
    "a chain of four": chain(image(5)),
    "a chain behind a convolution": chain(g.conv(image(3), 5, { seed: 4 })),
    "batch norm": g.norm(image(6, 5, 4, 2)),
    "batch norm of vectors": g.norm(g.input([3, 7], "features")),
    "batch norm with statistics given at run time": g.norm(image(3), {
      variance: g.unary(g.input([3], "deviation"), { kind: "exp" }),
    }),
    "bytes as floats": build(
      "cast",
      { input: build("input", {}, { name: "bytes", type: u8(1, 3, 5, 6) }) },
      { to: "f32" },
    ),
  };
}

function pools(): Cases {
  const options = {
    "2x2": {},
    "3x3 stride 2 pad 1": { kernel: 3, stride: 2, pads: 1 },
    "3x3 stride 2 ceil": { kernel: 3, stride: 2, ceil: true },
    "3x2 stride 1x2, uneven pads": { kernel: [3, 2], stride: [1, 2], pads: [2, 0, 1, 1] },
    "2x3 dilation 2": { kernel: [2, 3], stride: 1, dilation: 2, pads: [1, 2, 0, 1] },
    "the whole image": { kernel: [7, 6] },
    "1x1 stride 2": { kernel: 1, stride: 2 },
    "ceil with pads": { kernel: 2, stride: 3, pads: 1, ceil: true },
  } as const;
  const names = Object.keys(options) as (keyof typeof options)[];
  return {
    ...each(
      names,
      (name) => `max ${name}`,
      (name) => g.maxPool(image(), options[name]),
    ),
    ...each(
      names,
      (name) => `mean ${name}`,
      (name) => g.avgPool(image(), options[name]),
    ),
    ...each(
      names,
      (name) => `mean ${name}, padding not counted`,
      (name) => g.avgPool(image(4), { ...options[name], countIncludePad: false }),
    ),
    ...each(
      channelCounts,
      (c) => `max of ${c} channels`,
      (c) => g.maxPool(image(c, 5, 5, 2), { kernel: 3, stride: 1, pads: 1 }),
    ),
  };
}

function reductions(): Cases {
  const axes = [[1], [2], [3], [0], [1, 2], [2, 3], [1, 3], [0, 1, 2, 3]] as const;
  const fns = ["mean", "sum", "max", "min"] as const;
  return {
    ...each(
      fns,
      (fn) => `global ${fn}`,
      (fn) => g.reduce(image(9, 7, 6, 2), fn),
    ),
    ...each(
      axes,
      (a) => `mean over ${a}`,
      (a) => g.reduce(image(6, 5, 4, 2), "mean", a),
    ),
    ...each(
      axes,
      (a) => `max over ${a}, axes gone`,
      (a) => g.reduce(image(6, 5, 4, 2), "max", a, false),
    ),
    ...each(
      channelCounts,
      (c) => `mean of ${c} channels`,
      (c) => g.gap(image(c, 9, 8)),
    ),
    "sum of a vector": g.reduce(g.input([2, 11], "vector"), "sum", [1]),
    "mean of a large image": g.gap(image(3, 41, 33)),
  };
}

function normalisations(): Cases {
  return {
    ...each(
      [1, 2, 3, 6],
      (n) => `${n} groups`,
      (n) => g.groupNorm(image(6, 5, 4, 2), n),
    ),
    "a norm per channel": g.groupNorm(image(13), 13),
    "groups of vectors": g.groupNorm(g.input([2, 12], "grouped"), 3),
    ...each(
      [1, 2, 3, 5, 9],
      (size) => `lrn over ${size}`,
      (size) => g.lrn(image(7), size),
    ),
    ...each(
      channelCounts,
      (c) => `lrn of ${c} channels`,
      (c) => g.lrn(image(c, 3, 3)),
    ),
    "lrn with an odd power": build(
      "lrn",
      { input: image() },
      { size: 3, alpha: 0.5, beta: 0.6, bias: 2 },
    ),
    ...each(
      [1, 2, 3],
      (axis) => `softmax along ${axis}`,
      (axis) => g.softmax(image(), axis),
    ),
    ...each(
      [1, 2, 3],
      (axis) => `log softmax along ${axis}`,
      (axis) => g.softmax(image(), axis, true),
    ),
    "softmax of rows": g.softmax(g.input([3, 10], "logits")),
    "log softmax of rows": g.softmax(g.input([3, 10], "log logits"), 1, true),
    "softmax over the batch": g.softmax(g.input([3, 10], "batch logits"), 0),
  };
}

const sizes = [
  [14, 12],
  [7, 18],
  [3, 4],
  [10, 5],
  [7, 6],
] as const;

function movement(): Cases {
  const modes = ["constant", "reflect", "edge"] as const;
  const halves = g.split(image(6), [2, 4]);
  return {
    ...each(
      sizes,
      (size) => `nearest to ${size}`,
      (size) => g.resize(image(), size),
    ),
    ...each(
      sizes,
      (size) => `bilinear to ${size}`,
      (size) => g.resize(image(3), size, "bilinear"),
    ),
    ...each(
      ["nearest", "linear", "cubic"] as const,
      (mode) => `${mode} resampling`,
      (mode) => g.resample(image(6), [11, 3], { mode, coordinates: "align_corners" }),
    ),
    "resampling of a crop": g.resample(image(3), [5, 4], {
      mode: "linear",
      coordinates: "tf_crop_and_resize",
      region: [0.2, -0.3, 1.4, 0.8],
      outside: 2.5,
    }),
    ...each(
      modes,
      (mode) => `${mode} pad`,
      (mode) => g.pad(image(5), [2, 1, 0, 3], mode, { value: 0.5 }),
    ),
    "edge pad of channels": g.pad(image(3), 1, "edge", { front: 2, back: 1 }),
    "pad with infinity": g.pad(image(4), 1, "constant", { value: Number.POSITIVE_INFINITY }),
    "pad with its negative": g.pad(image(4), 1, "constant", { value: Number.NEGATIVE_INFINITY }),
    "a maximum behind a pad": g.maxPool(
      g.pad(image(4), 1, "constant", { value: Number.NEGATIVE_INFINITY }),
      { kernel: 3, stride: 1 },
    ),
    ...each(
      [1, 2, 3, 6],
      (n) => `shuffle of ${n} groups`,
      (n) => g.shuffle(image(12), n),
    ),
    ...each(
      [1, 2, 3],
      (r) => `pixel shuffle by ${r}`,
      (r) => g.pixelShuffle(image(r * r * 3), r),
    ),
    "rows last": g.transpose(image(5), 0, 1, 3, 2),
    "channels last": g.transpose(image(5, 7, 6, 2), 0, 2, 3, 1),
    flatten: g.flatten(image(5, 7, 6, 2)),
    "flatten behind a convolution": g.flatten(g.conv(image(3), 5)),
    "another grouping": g.reshape(g.relu(image(6)), 1, 3, 14, 6),
    "concat of channels": g.concat([image(3), g.relu(image(5)), image(4)]),
    "concat of rows": g.concat([image(3), g.relu(image(3))], 2),
    "concat of one value twice": same((x) => g.concat([x, g.relu(x), x])),
    "slice of channels": g.slice(g.relu(image(9)), 1, 2, 5),
    "every second row": g.slice(g.relu(image()), 2, 1, 3, 2),
    "columns backwards": g.slice(g.relu(image()), 3, 5, 3, -2),
    "halves, the first": g.relu(halves[0]!),
    "halves, the second": halves[1]!,
    dropout: g.dropout(image()),
  };
}

function convolutions(): Cases {
  const residual = (x: Value): Value =>
    g.conv(x, 5, {
      extras: [x],
      epilogue: [
        { kind: "binary", fn: "add", extra: 0, side: "right" },
        { kind: "unary", fn: { kind: "relu" } },
      ],
    });
  return {
    ...each(
      channelCounts,
      (c) => `3x3 to ${c}`,
      (c) => g.conv(image(3), c),
    ),
    ...each(
      channelCounts,
      (c) => `1x1 from ${c}`,
      (c) => g.conv(image(c), 6, { kernel: 1 }),
    ),
    "5x5 stride 2": g.conv(image(4), 7, { kernel: 5, stride: 2 }),
    "uneven everything": g.conv(image(6, 9, 8, 2), 4, {
      kernel: [3, 2],
      stride: [2, 1],
      dilation: [1, 2],
      pads: [2, 0, 1, 3],
      groups: 2,
      bias: false,
    }),
    ...each(
      [4, 5, 8],
      (c) => `depth-wise of ${c}`,
      (c) => g.conv(image(c), c, { groups: c }),
    ),
    "depth-wise, two of each": g.conv(image(3), 6, { groups: 3, stride: 2 }),
    "a residual and relu in the kernel": same(residual),
    deconv: g.deconv(image(4), 6, { stride: 2, pads: 1, outputPads: 1 }),
    "deconv with groups and dilation": g.deconv(image(4), 6, { groups: 2, dilation: 2 }),
    "linear of rows": g.linear(g.input([3, 13], "features in"), 10),
  };
}

export const families = {
  activations,
  arithmetic,
  chains,
  pools,
  reductions,
  normalisations,
  movement,
  convolutions,
};

/** One graph of all cases of a family: an output for each. */
export function graphOfCases(cases: Cases): Graph {
  const outputs = Object.entries(cases).map(([name, value]) => ({ name, value }));
  const found = g.returns(...new Set(outputs.map(({ value }) => value)));
  return graphOf({ name: "cases", inputs: found.inputs, outputs, grants: [] });
}
