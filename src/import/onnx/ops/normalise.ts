import { sizeOf } from "../../../ir/types.js";
import type { Item } from "../item.js";
import { knownNumbers } from "../item.js";
import type { NodeReader } from "../node-reader.js";
import { divide, meanOf, minus, multiply, plus, squareRoot } from "./arithmetic.js";
import { powerOf, rootOf } from "./pool.js";
import type { OpReader, OpReaders } from "./reader.js";

/** Runs an operator of feature maps on a tensor `[n, c, …]` of any rank. */
function asFeatureMap(node: NodeReader, input: Item, run: (map: Item) => Item): Item {
  const { shape } = input;
  if (shape.length < 2) node.refuse(`its input is [${shape}]: it has no channels`);
  if (shape.length === 2 || shape.length === 4) return run(input);
  const [n = 1, c = 1, ...space] = shape;
  const last = space[space.length - 1] ?? 1;
  const map = node.reshape(input, [n, c, sizeOf(space.slice(0, -1)), last]);
  return node.reshape(run(map), shape);
}

const batchNormalization: OpReader = (node) => {
  node.ignore("momentum", "is_test", "consumed_inputs");
  if (!node.flag("spatial", true)) node.refuse("its spatial is 0: it normalises each place alone");
  if (node.flag("training_mode", false)) node.refuse("it is in training mode");
  const epsilon = node.float("epsilon", 1e-5);
  return asFeatureMap(node, node.input(0), (input) =>
    node.apply(
      "batchNorm",
      {
        input,
        gamma: node.parameter(node.input(1), "weight"),
        beta: node.parameter(node.input(2), "bias"),
        mean: node.parameter(node.input(3), "running_mean", "statistic"),
        variance: node.parameter(node.input(4), "running_var", "statistic"),
      },
      { epsilon },
    ),
  );
};

function groupNorm(node: NodeReader, groups: number, gamma: Item, beta: Item): Item {
  const epsilon = node.float("epsilon", 1e-5);
  return asFeatureMap(node, node.input(0), (input) =>
    node.apply(
      "groupNorm",
      { input, gamma: node.parameter(gamma, "weight"), beta: node.parameter(beta, "bias") },
      { groups, epsilon },
    ),
  );
}

const instanceNormalization: OpReader = (node) => {
  node.ignore("consumed_inputs");
  return groupNorm(node, node.input(0).shape[1] ?? 1, node.input(1), node.input(2));
};

/** One number a channel from one a group. */
function perChannel(node: NodeReader, index: number, channels: number): Item {
  const item = node.input(index);
  const count = item.shape[0] ?? 1;
  if (count === channels) return item;
  const { data } = node.asKnown(item, "scale").dense();
  const spread = Array.from(
    { length: channels },
    (_, c) => data[Math.floor((c * count) / channels)]!,
  );
  return knownNumbers(item.dtype, [channels], spread);
}

const groupNormalization: OpReader = (node) => {
  node.ignore("stash_type");
  const channels = node.input(0).shape[1] ?? 1;
  const groups = node.int("num_groups", 1);
  return groupNorm(node, groups, perChannel(node, 1, channels), perChannel(node, 2, channels));
};

/** Mean and reciprocal deviation over the last axes, then the affine part. */
const layerNormalization: OpReader = (node) => {
  node.ignore("stash_type");
  const input = node.input(0);
  const rank = input.shape.length;
  const first = node.axis(node.int("axis", -1), rank);
  const axes = input.shape.map((_, axis) => axis).slice(first);
  const mean = meanOf(node, input, axes);
  const centred = minus(node, input, mean);
  const variance = meanOf(node, multiply(node, centred, centred), axes);
  const epsilon = node.scalar(node.float("epsilon", 1e-5));
  const deviation = squareRoot(node, plus(node, variance, epsilon));
  const normal = divide(node, centred, deviation);
  const scaled = multiply(node, normal, node.parameter(node.input(1), "weight"));
  const bias = node.optional(2);
  const result = bias ? plus(node, scaled, node.parameter(bias, "bias")) : scaled;
  const factor = node.apply("unary", { input: deviation }, { fn: { kind: "reciprocal" } });
  return [result, mean, factor];
};

/** Channels in the opposite order. */
function reversed(node: NodeReader, input: Item): Item {
  const starts = input.shape.map((size, axis) => (axis === 1 ? size - 1 : 0));
  const steps = input.shape.map((_, axis) => (axis === 1 ? -1 : 1));
  return node.apply("slice", { input }, { starts, steps, sizes: input.shape });
}

/** A window of even size reaches one channel further behind, the graph's one further to the front. */
const lrn: OpReader = (node) => {
  const attrs = {
    size: node.int("size", 1),
    alpha: node.float("alpha", 1e-4),
    beta: node.float("beta", 0.75),
    bias: node.float("bias", 1),
  };
  return asFeatureMap(node, node.input(0), (map) => {
    const [n = 1, c = 1] = map.shape;
    const image = map.shape.length === 2 ? node.reshape(map, [n, c, 1, 1]) : map;
    const isOdd = attrs.size % 2 === 1;
    const result = node.apply("lrn", { input: isOdd ? image : reversed(node, image) }, attrs);
    return node.reshape(isOdd ? result : reversed(node, result), map.shape);
  });
};

const meanVarianceNormalization: OpReader = (node) => {
  const input = node.input(0);
  const { shape } = input;
  const isAcross = node.flag("across_channels", false);
  const usual = isAcross ? [0, 1, 2, 3] : [0, 2, 3];
  const axes = node.axes(node.ints("axes") ?? usual, shape.length);
  const centred = minus(node, input, meanOf(node, input, axes));
  if (!node.flag("normalize_variance", true)) return centred;
  const deviation = squareRoot(node, meanOf(node, multiply(node, centred, centred), axes));
  return divide(node, centred, plus(node, deviation, node.scalar(1e-9)));
};

const lpNormalization: OpReader = (node) => {
  const input = node.input(0);
  const p = node.int("p", 2);
  const axes = [node.axis(node.int("axis", -1), input.shape.length)];
  const powers = powerOf(node, input, p);
  const sum = node.apply("reduce", { input: powers }, { fn: "sum", axes, keepDims: true });
  return divide(node, input, rootOf(node, sum, p));
};

export const normaliseReaders: OpReaders = {
  BatchNormalization: batchNormalization,
  InstanceNormalization: instanceNormalization,
  GroupNormalization: groupNormalization,
  LayerNormalization: layerNormalization,
  LRN: lrn,
  MeanVarianceNormalization: meanVarianceNormalization,
  LpNormalization: lpNormalization,
};
