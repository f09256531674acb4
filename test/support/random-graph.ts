import { build } from "../../src/ir/build.js";
import type { Graph, Value } from "../../src/ir/graph.js";
import type { BinaryFunction, UnaryFunction } from "../../src/ir/ops/arithmetic.js";
import { ShapeError } from "../../src/ir/ops/operator.js";
import { sizeOf } from "../../src/ir/types.js";
import * as g from "./graphs.js";
import { random } from "./noise.js";

/** Seeded choices. */
export class Dice {
  readonly #next: () => number;
  constructor(seed: number) {
    this.#next = random(seed);
  }
  /** A whole number from `from` to `to`, both included. */
  int(from: number, to: number): number {
    return from + Math.floor(this.#next() * (to - from + 1));
  }
  chance(probability: number): boolean {
    return this.#next() < probability;
  }
  pick<T>(choices: readonly T[]): T {
    return choices[this.int(0, choices.length - 1)]!;
  }
  pair(from: number, to: number): [number, number] {
    return [this.int(from, to), this.int(from, to)];
  }
  sides(to: number): [number, number, number, number] {
    return [this.int(0, to), this.int(0, to), this.int(0, to), this.int(0, to)];
  }
  seed(): number {
    return this.int(1, 1_000_000);
  }
  divisor(...numbers: readonly number[]): number {
    const all = Array.from({ length: numbers[0]! }, (_, i) => i + 1);
    return this.pick(all.filter((d) => numbers.every((n) => n % d === 0)));
  }
}

/** Makes a value from one of rank 4; `others` holds everything made before. */
export type Maker = (value: Value, dice: Dice, others: readonly Value[]) => Value;

type Image = [number, number, number, number];
const shapeOf = (value: Value): Image => value.type.shape as Image;

/** Weights that keep the size of numbers about the same. */
export const gainFor = (terms: number): number => 1.5 / Math.sqrt(terms);

function randomConv(value: Value, dice: Dice): Value {
  const [, c] = shapeOf(value);
  const groups = dice.chance(0.3) ? dice.divisor(c) : 1;
  const out = dice.chance(0.5)
    ? groups * dice.int(1, 3)
    : groups * Math.ceil(dice.int(1, 9) / groups);
  const kernel = dice.pair(1, 5);
  return g.conv(value, out, {
    kernel,
    groups,
    stride: dice.pair(1, 3),
    dilation: dice.pair(1, 2),
    pads: dice.sides(2),
    bias: dice.chance(0.7),
    seed: dice.seed(),
    gain: gainFor((c / groups) * kernel[0] * kernel[1]),
  });
}

/** A convolution that keeps height and width. */
const sameConv = (value: Value, out: number, dice: Dice): Value => {
  const kernel = dice.pick([1, 3, 5]);
  const gain = gainFor(shapeOf(value)[1] * kernel * kernel);
  return g.conv(value, out, { kernel, seed: dice.seed(), gain });
};

function randomDeconv(value: Value, dice: Dice): Value {
  const [, c] = shapeOf(value);
  const groups = dice.divisor(c);
  const [kernel, stride] = [dice.pair(1, 4), dice.pair(1, 3)];
  return g.deconv(value, groups * dice.int(1, 3), {
    kernel,
    stride,
    groups,
    dilation: dice.pair(1, 2),
    pads: dice.sides(1),
    outputPads: [dice.int(0, stride[0] - 1), dice.int(0, stride[1] - 1)],
    bias: dice.chance(0.7),
    seed: dice.seed(),
    gain: gainFor((c / groups) * Math.ceil((kernel[0] * kernel[1]) / (stride[0] * stride[1]))),
  });
}

const activations: readonly UnaryFunction[] = [
  { kind: "relu" },
  { kind: "clip", min: -0.5, max: 0.75 },
  { kind: "leakyRelu", slope: 0.2 },
  { kind: "elu", alpha: 0.7 },
  { kind: "selu" },
  { kind: "sigmoid" },
  { kind: "hardSigmoid", slope: 0.2, offset: 0.4 },
  { kind: "tanh" },
  { kind: "silu" },
  { kind: "hardSwish" },
  { kind: "gelu" },
  { kind: "mish" },
  { kind: "softplus" },
  { kind: "neg" },
  { kind: "abs" },
  { kind: "erf" },
];

/** Functions that are only meant for numbers that are not small. */
const positive: readonly UnaryFunction[] = [
  { kind: "sqrt" },
  { kind: "log" },
  { kind: "reciprocal" },
];

const scalar = (x: number): Value => g.literal([], [x]);

/** A constant of numbers from 0.5 to 1.5 that broadcasts to an image. */
function factors(value: Value, dice: Dice): Value {
  const [, c, h, w] = shapeOf(value);
  const shape = dice.pick<readonly number[]>([[], [1], [c, 1, 1], [1, c, 1, 1], [h, w], [w]]);
  const numbers = Array.from({ length: sizeOf(shape) }, () => 0.5 + dice.int(0, 100) / 100);
  return g.literal(shape, numbers);
}

const arithmetic: readonly BinaryFunction[] = ["add", "sub", "mul", "div", "min", "max"];

function randomSlice(value: Value, dice: Dice): Value {
  const axis = dice.int(1, 3);
  const length = value.type.shape[axis]!;
  const step = dice.pick([1, 1, 2, 3, -1, -2]);
  const [a, b] = [dice.int(0, length - 1), dice.int(0, length - 1)];
  const [low, high] = [Math.min(a, b), Math.max(a, b)];
  const size = Math.floor((high - low) / Math.abs(step)) + 1;
  return g.slice(value, axis, step > 0 ? low : high, size, step);
}

function splitAndJoin(value: Value, dice: Dice): Value {
  const axis = dice.int(1, 3);
  const length = value.type.shape[axis]!;
  if (length < 2) return g.relu(value);
  const first = dice.int(1, length - 1);
  const parts = g.split(value, [first, length - first], axis);
  if (first * 2 === length && dice.chance(0.5)) return g.add(parts[0]!, g.relu(parts[1]!));
  return g.concat([parts[1]!, g.unary(parts[0]!, { kind: "tanh" })], axis);
}

const poolOptions = (dice: Dice) => {
  const kernel = dice.pair(1, 3);
  return {
    kernel,
    stride: dice.pair(1, 3),
    dilation: dice.chance(0.2) ? dice.pair(1, 2) : 1,
    pads: dice.chance(0.5) ? dice.sides(Math.min(...kernel) - 1) : 0,
    ceil: dice.chance(0.5),
  };
};

const sameSize = (value: Value) => (other: Value) =>
  [0, 2, 3].every((axis) => other.type.shape[axis] === value.type.shape[axis]);

/** By name, so that a test can ask for some only. */
export const makers = {
  conv: randomConv,
  depthwise: (value, dice) => {
    const [, c] = shapeOf(value);
    const kernel = dice.pick([3, 5]);
    const out = c * dice.pick([1, 1, 2]);
    const gain = gainFor(kernel * kernel);
    const stride = dice.int(1, 2);
    return g.conv(value, out, { kernel, stride, groups: c, seed: dice.seed(), gain });
  },
  pointwise: (value, dice) => {
    const gain = gainFor(shapeOf(value)[1]);
    return g.conv(value, dice.int(1, 13), { kernel: 1, seed: dice.seed(), gain });
  },
  deconv: randomDeconv,
  residual: (value, dice) => {
    const body = sameConv(value, shapeOf(value)[1], dice);
    const sum = dice.chance(0.5) ? g.add(value, body) : g.add(body, value);
    return dice.chance(0.5) ? g.relu(sum) : sum;
  },
  norm: (value, dice) => g.norm(value, { seed: dice.seed() }),
  convNormRelu: (value, dice) => g.relu(g.norm(sameConv(value, dice.int(1, 9), dice))),
  groupNorm: (value, dice) => g.groupNorm(value, dice.divisor(shapeOf(value)[1]), dice.seed()),
  lrn: (value, dice) => g.lrn(value, dice.int(1, 5)),
  activation: (value, dice) => g.unary(value, dice.pick(activations)),
  prelu: (value, dice) => g.prelu(value, dice.seed()),
  positive: (value, dice) => {
    const shifted = g.add(g.unary(value, { kind: "abs" }), scalar(0.5));
    if (dice.chance(0.2)) return g.binary("pow", shifted, scalar(dice.pick([0.5, 2, -1])));
    return g.unary(shifted, dice.pick(positive));
  },
  exp: (value) => g.unary(g.unary(value, { kind: "tanh" }), { kind: "exp" }),
  arithmetic: (value, dice) => {
    const fn = dice.pick(arithmetic);
    const constant = factors(value, dice);
    const isLeft = fn !== "div" && dice.chance(0.4);
    return isLeft ? g.binary(fn, constant, value) : g.binary(fn, value, constant);
  },
  join: (value, dice, others) => {
    const other = dice.pick(others.filter(sameSize(value)));
    const fits = shapeOf(other)[1] === shapeOf(value)[1];
    if (fits) return g.binary(dice.pick(["add", "sub", "min", "max"]), value, other);
    return g.concat([other, value]);
  },
  concat: (value, dice, others) => {
    const branches = [value, sameConv(value, dice.int(1, 5), dice)];
    const other = dice.pick(others.filter(sameSize(value)));
    return g.concat(dice.chance(0.5) ? [...branches, other] : branches.reverse());
  },
  concatRows: (value, dice) => g.concat([value, g.relu(value)], dice.int(2, 3)),
  slice: randomSlice,
  split: splitAndJoin,
  maxPool: (value, dice) => g.maxPool(value, poolOptions(dice)),
  avgPool: (value, dice) =>
    g.avgPool(value, { ...poolOptions(dice), countIncludePad: dice.chance(0.5) }),
  squeezeExcite: (value, dice) => {
    const [, c] = shapeOf(value);
    const reduced = g.relu(sameConv(g.gap(value), Math.ceil(c / 2), dice));
    const gate = g.unary(sameConv(reduced, c, dice), { kind: "sigmoid" });
    return dice.chance(0.5) ? g.mul(value, gate) : g.mul(gate, value);
  },
  gate: (value, dice) => {
    const axes = dice.pick([[1], [2], [3], [1, 2], [2, 3]]);
    const reduced = g.reduce(value, dice.pick(["mean", "sum", "max", "min"]), axes);
    return g.mul(value, g.unary(reduced, { kind: "tanh" }));
  },
  pad: (value, dice) => {
    const [, , h, w] = shapeOf(value);
    const mode = dice.pick(["constant", "reflect", "edge"] as const);
    const most = mode === "reflect" ? Math.min(2, h - 1, w - 1) : 2;
    const channels = mode !== "reflect" && dice.chance(0.4) ? dice.int(1, 3) : 0;
    const fill = dice.pick([0, 0.75]);
    return g.pad(value, dice.sides(most), mode, {
      value: fill,
      front: channels,
      back: channels % 2,
    });
  },
  resize: (value, dice) => {
    const [, , h, w] = shapeOf(value);
    const scale = dice.pick([2, 3]);
    const size = dice.chance(0.5) ? ([h * scale, w * scale] as const) : dice.pair(1, 12);
    return g.resize(value, size, dice.pick(["nearest", "bilinear"]));
  },
  resample: (value, dice) =>
    g.resample(value, dice.pair(1, 9), {
      mode: dice.pick(["nearest", "linear", "cubic"]),
      coordinates: dice.pick(["half_pixel", "align_corners", "asymmetric"]),
      rounding: dice.pick(["floor", "ceil", "round_prefer_ceil"]),
      excludeOutside: dice.chance(0.3),
    }),
  shuffle: (value, dice) => g.shuffle(value, dice.divisor(shapeOf(value)[1])),
  pixelShuffle: (value, dice) => {
    const grown = sameConv(value, 4 * dice.int(1, 3), dice);
    return g.pixelShuffle(grown, 2);
  },
  softmax: (value, dice) => g.softmax(value, dice.int(1, 3), dice.chance(0.3)),
  transpose: (value, dice) => {
    if (dice.chance(0.5)) return g.transpose(value, 0, 1, 3, 2);
    const last = g.transpose(value, 0, 2, 3, 1);
    const shifted = g.add(last, g.weights([shapeOf(value)[1]], dice.seed()));
    return g.transpose(shifted, 0, 3, 1, 2);
  },
  reshape: (value, dice) => {
    const [n, c, h, w] = shapeOf(value);
    if (dice.chance(0.3)) return g.reshape(value, n, c, w, h);
    const groups = dice.divisor(c);
    const five = g.transpose(g.reshape(value, n, groups, c / groups, h, w), 0, 2, 1, 3, 4);
    return g.reshape(five, n, c, h, w);
  },
  dropout: (value) => g.dropout(value),
  cast: (value) => build("cast", { input: value }, { to: "f32" }),
} satisfies Record<string, Maker>;

export type MakerName = keyof typeof makers;

export interface RandomGraphOptions {
  /** How many makers are applied. */
  readonly steps?: number;
  /** The makers to choose from; all unless told. */
  readonly only?: readonly MakerName[];
  /** Makers to choose from besides those. */
  readonly extra?: readonly Maker[];
  readonly batch?: number;
  /** The most rows and columns of the input; 11 unless told. */
  readonly side?: number;
  /** The most elements of one value. */
  readonly elements?: number;
}

/** The network's end: an image, a vector of features or probabilities. */
function head(value: Value, dice: Dice): Value {
  if (dice.chance(0.4)) return value;
  const pooled = dice.chance(0.5) && sizeOf(value.type.shape) < 600 ? value : g.gap(value);
  const features = g.flatten(pooled);
  const gain = gainFor(features.type.shape[1]!);
  let result = g.linear(features, dice.int(1, 11), { seed: dice.seed(), gain });
  if (dice.chance(0.3)) result = g.norm(result, { seed: dice.seed() });
  if (dice.chance(0.5)) result = g.unary(result, dice.pick(activations));
  return dice.chance(0.4) ? g.softmax(result) : result;
}

/**
 * A small valid network, the same for the same seed: convolutions, branches, pools, norms and all
 * other operators with odd sizes, and now and then a second output.
 */
export function randomGraph(seed: number, options: RandomGraphOptions = {}): Graph {
  const { steps = 6, side = 11, elements = 3000 } = options;
  const dice = new Dice(seed);
  const names = options.only ?? (Object.keys(makers) as MakerName[]);
  const choices: readonly Maker[] = [
    ...names.map((name) => makers[name]),
    ...(options.extra ?? []),
  ];
  const batch = options.batch ?? dice.pick([1, 1, 2]);
  let value = g.image(dice.int(1, 7), dice.int(3, side), dice.int(3, side), { batch });
  const made = [value];
  for (let step = 0, tries = 0; step < steps && tries < 20 * steps; tries++) {
    const maker = dice.pick(choices);
    const next = attempt(() => maker(value, dice, made));
    if (!next || sizeOf(next.type.shape) > elements) continue;
    value = next;
    made.push(value);
    step++;
  }
  const outputs = [head(value, dice)];
  if (dice.chance(0.2)) outputs.push(dice.pick(made.slice(1)) ?? value);
  return g.returns(...new Set(outputs));
}

/** What a maker makes, or undefined when its choices do not fit the shape. */
function attempt(make: () => Value): Value | undefined {
  try {
    return make();
  } catch (error) {
    if (error instanceof ShapeError) return undefined;
    throw error;
  }
}
