import { build } from "../../src/ir/build.js";
import { dataOf, withData } from "../../src/ir/constants.js";
import type { Graph, Value } from "../../src/ir/graph.js";
import * as g from "./graphs.js";
import {
  type Dice,
  gainFor,
  type Maker,
  type RandomGraphOptions,
  randomGraph,
} from "./random-graph.js";
import { zeroFilters } from "./zero-filters.js";

type Place = readonly [out: number, input: number, y: number, x: number];

const channelsOf = (value: Value): number => value.type.shape[1]!;

/** A convolution that keeps height and width, with seeded numbers. */
function conv(value: Value, out: number, kernel: number, dice: Dice, options: g.ConvOptions = {}) {
  const { groups = 1 } = options;
  const gain = gainFor((channelsOf(value) / groups) * kernel * kernel);
  return g.conv(value, out, {
    kernel,
    gain,
    bias: dice.chance(0.7),
    seed: dice.seed(),
    ...options,
  });
}

/** A convolution with other weights: what `weightAt` makes of each and its place. */
function reweighed(value: Value, weightAt: (w: number, place: Place) => number): Value {
  const { node } = value;
  if (node.op !== "conv2d") throw new Error(`a ${node.op} has no weights to change`);
  const { weight } = node.operands;
  const [, inputs = 1, kh = 1, kw = 1] = weight.type.shape;
  const data = dataOf(weight)!.map((w, at) => {
    const row = Math.floor(at / kw);
    const filter = Math.floor(row / kh);
    return weightAt(w, [Math.floor(filter / inputs), filter % inputs, row % kh, at % kw]);
  });
  return build("conv2d", { ...node.operands, weight: withData(weight, data) }, node.attrs, node);
}

/** Numbers from −1 to 1 by place, all different from those of other tables. */
function table(dice: Dice): (a: number, b: number) => number {
  const phase = dice.int(1, 1000) / 7;
  return (a, b) => {
    const x = 43758.5453 * Math.sin(phase + 12.9898 * a + 78.233 * b);
    return 2 * (x - Math.floor(x)) - 1;
  };
}

/** What may stand between a convolution and its reader without hiding dead channels. */
function passedOn(value: Value, dice: Dice): Value {
  const kind = dice.int(0, 5);
  if (kind === 0) return value;
  if (kind === 1) return g.relu(value);
  if (kind === 2) return g.relu(g.norm(value, { seed: dice.seed() }));
  if (kind === 3) return g.maxPool(value, { kernel: 3, stride: 1, pads: 1 });
  if (kind === 4) return g.shuffle(value, dice.divisor(channelsOf(value)));
  const gate = g.unary(conv(g.gap(value), channelsOf(value), 1, dice), { kind: "sigmoid" });
  return g.mul(value, gate);
}

const someOf = (count: number, dice: Dice, share = 0.4): number[] =>
  Array.from({ length: count }, (_, channel) => channel).filter(() => dice.chance(share));

/** One linear branch that keeps the shape but for channels. */
function branch(value: Value, out: number, dice: Dice): Value {
  const kind = dice.int(0, 7);
  const keeps = channelsOf(value) === out;
  if (kind === 0 && keeps) return value;
  if (kind === 1 && keeps) return g.norm(value, { seed: dice.seed() });
  if (kind === 2 && keeps) return g.avgPool(value, { kernel: 3, stride: 1, pads: 1 });
  if (kind === 3) return conv(value, out, 3, dice, { dilation: 2 });
  if (kind === 4) return conv(conv(value, out, 1, dice, { bias: false }), out, 3, dice);
  const plain = conv(value, out, dice.pick([1, 3, 3, 5]), dice);
  return dice.chance(0.5) ? g.norm(plain, { seed: dice.seed() }) : plain;
}

/** What passes that change the structure look for, and what nearly is that. */
export const structures = {
  branches: (value, dice) => {
    const out = dice.chance(0.6) ? channelsOf(value) : dice.int(1, 9);
    let sum = branch(value, out, dice);
    for (let more = dice.int(1, 3); more > 0; more--) {
      const next = branch(value, out, dice);
      if (next !== sum) sum = dice.chance(0.2) ? g.binary("sub", sum, next) : g.add(sum, next);
    }
    return dice.chance(0.7) ? g.relu(sum) : sum;
  },
  stridedBranches: (value, dice) => {
    const out = dice.int(1, 9);
    const stride = 2;
    return g.add(conv(value, out, 3, dice, { stride }), conv(value, out, 1, dice, { stride }));
  },
  kernelThenPoint: (value, dice) => {
    const [middle, out] = [dice.int(1, 14), dice.int(1, 9)];
    const first = conv(value, middle, dice.pick([3, 5]), dice, { stride: dice.int(1, 2) });
    return conv(dice.chance(0.4) ? g.norm(first) : first, out, 1, dice);
  },
  pointThenKernel: (value, dice) => {
    const first = conv(value, dice.int(1, 14), 1, dice);
    return conv(dice.chance(0.4) ? g.norm(first) : first, dice.int(1, 9), 3, dice);
  },
  depthwiseThenPoint: (value, dice) => {
    const c = channelsOf(value);
    return conv(conv(value, c, 3, dice, { groups: c }), dice.int(1, 9), 1, dice);
  },
  pointAndPool: (value, dice) => {
    const pool = (from: Value) =>
      g.avgPool(from, { kernel: 2, pads: dice.chance(0.3) ? 1 : 0, countIncludePad: false });
    const out = dice.int(1, 14);
    return dice.chance(0.6) ? pool(conv(value, out, 1, dice)) : conv(pool(value), out, 1, dice);
  },
  meanOfKernel: (value, dice) => g.gap(conv(value, dice.int(1, 14), dice.pick([1, 3]), dice)),
  pointAndResize: (value, dice) => {
    const [, , h = 1, w = 1] = value.type.shape;
    const larger = g.resize(value, [2 * h, 2 * w], dice.pick(["nearest", "bilinear"]));
    return conv(larger, dice.int(1, 9), 1, dice);
  },
  stridedPoint: (value, dice) => {
    const first = conv(value, dice.int(1, 14), 3, dice);
    return conv(dice.chance(0.5) ? g.relu(first) : first, dice.int(1, 9), 1, dice, { stride: 2 });
  },
  zeroedFilters: (value, dice) => {
    const out = dice.int(2, 14);
    const zeros = someOf(out, dice);
    const first = zeroFilters(conv(value, out, 3, dice), zeros, dice.pick([0, 0, 0.5, -0.5]));
    const read = passedOn(first, dice);
    return conv(read, dice.int(1, 9), dice.pick([1, 3]), dice);
  },
  zeroedResidual: (value, dice) => {
    const out = dice.int(2, 14);
    const zeros = someOf(out, dice);
    const [first, second] = [
      zeroFilters(conv(value, out, 1, dice), zeros),
      zeroFilters(conv(value, out, 3, dice), zeros),
    ];
    const join = dice.pick<(a: Value, b: Value) => Value>([
      g.add,
      g.mul,
      (a, b) => g.concat([a, b]),
    ]);
    return conv(passedOn(join(g.relu(first), second), dice), dice.int(1, 9), 3, dice);
  },
  unreadChannels: (value, dice) => {
    const middle = dice.int(2, 14);
    const unread = new Set(someOf(middle, dice));
    const read = passedOn(conv(value, middle, 3, dice), dice);
    const last = conv(read, dice.int(1, 9), dice.pick([1, 3]), dice);
    return reweighed(last, (w, [, input]) => (unread.has(input) ? 0 : w));
  },
  twinFilters: (value, dice) => {
    const out = dice.int(2, 14);
    const kinds = dice.int(1, out);
    const at = table(dice);
    const first = reweighed(conv(value, out, 3, dice, { bias: false }), (_, [o, i, y, x]) => {
      return 0.3 * at(o % kinds, 9 * i + 3 * y + x);
    });
    return conv(passedOn(first, dice), dice.int(1, 9), dice.pick([1, 3]), dice);
  },
  zeroRing: (value, dice) => {
    const [kernel, ring] = [dice.pick([3, 5, 7]), dice.int(1, 2)];
    const [low, high] = [Math.min(ring, (kernel - 1) / 2), dice.int(0, 1)];
    const isOuter = (at: number) => at < low || at >= kernel - high;
    const onlyRows = dice.chance(0.3);
    return reweighed(conv(value, dice.int(1, 9), kernel, dice), (w, [, , y, x]) =>
      isOuter(y) || (!onlyRows && isOuter(x)) ? 0 : w,
    );
  },
  smallMap: (value, dice) => {
    const small = g.maxPool(value, { kernel: Math.min(...value.type.shape.slice(2)) });
    return conv(small, dice.int(1, 9), dice.pick([3, 5]), dice, { stride: dice.int(1, 2) });
  },
  blocks: (value, dice) => {
    const groups = dice.int(2, 4);
    const wide = g.relu(conv(value, groups * dice.int(2, 4), 1, dice));
    const out = groups * dice.pick([1, 3, 4]);
    const [inEach, outEach] = [channelsOf(wide) / groups, out / groups];
    const isShuffled = dice.chance(0.25);
    const groupOf = (o: number) => (isShuffled ? o % groups : Math.floor(o / outEach));
    return reweighed(conv(wide, out, 3, dice), (w, [o, i]) =>
      groupOf(o) === Math.floor(i / inEach) ? w : 0,
    );
  },
  separable: (value, dice) => {
    const wide = dice.chance(0.7) ? g.relu(conv(value, dice.int(6, 12), 1, dice)) : value;
    const [kernel, out] = [dice.pick([5, 7]), dice.int(4, 12)];
    const [rows, columns, mix] = [table(dice), table(dice), table(dice)];
    const gain = gainFor(channelsOf(wide) * kernel);
    const perFilter = dice.chance(0.5);
    return reweighed(conv(wide, out, kernel, dice), (_, [o, i, y, x]) => {
      const [row, column] = perFilter ? [rows(o, y), columns(i, x)] : [rows(1, y), columns(2, x)];
      return gain * mix(o, perFilter ? 0 : i) * row * column;
    });
  },
  lowRank: (value, dice) => {
    const wide = g.relu(conv(value, dice.int(6, 12), 1, dice));
    const [kernel, out] = [dice.pick([3, 5]), dice.int(6, 12)];
    const [spatial, mix] = [table(dice), table(dice)];
    const perInput = dice.chance(0.5);
    const gain = gainFor(channelsOf(wide) * kernel * kernel);
    return reweighed(conv(wide, out, kernel, dice), (_, [o, i, y, x]) => {
      return gain * mix(o, i) * spatial(perInput ? i : o, kernel * y + x);
    });
  },
  stacked: (value, dice) => {
    const wide = g.relu(conv(value, dice.int(6, 10), 1, dice));
    const [out, width] = [dice.int(6, 10), dice.int(1, 3)];
    const [first, second] = [table(dice), table(dice)];
    const gain = gainFor(9 * channelsOf(wide) * width);
    const middles = Array.from({ length: 9 * width }, (_, at) => [at % 9, Math.floor(at / 9)]);
    return reweighed(conv(wide, out, 5, dice), (_, [o, i, y, x]) => {
      const terms = middles.map(([tap = 0, m = 0]) => {
        const [row, column] = [y - Math.floor(tap / 3), x - (tap % 3)];
        if (Math.min(row, column) < 0 || Math.max(row, column) > 2) return 0;
        return second(o, 9 * m + tap) * first(9 * m + 3 * row + column, i);
      });
      return gain * terms.reduce((sum, term) => sum + term);
    });
  },
  fixedFilters: (value, dice) => {
    const c = channelsOf(value);
    const [rows, columns] = [table(dice), table(dice)];
    const filters = conv(value, c, dice.pick([5, 7]), dice, { groups: c });
    return reweighed(filters, (_, [o, , y, x]) => 0.3 * rows(o, y) * columns(o, x));
  },
} satisfies Record<string, Maker>;

/** A network in which structure occurs, the same for the same seed; small unless told. */
export const structuredGraph = (seed: number, options: RandomGraphOptions = {}): Graph =>
  randomGraph(seed, { ...options, extra: [...makersOfStructure, ...makersOfStructure] });

const makersOfStructure: readonly Maker[] = Object.values(structures);
