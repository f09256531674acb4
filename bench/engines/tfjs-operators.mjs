// The operators of the optimised graph in TF.js: fused where its public API has fused ones.
import * as tf from "@tensorflow/tfjs-core";

/** Activations that the fused operators take by name. */
const fusedActivations = { relu: "relu", leakyRelu: "leakyrelu", elu: "elu", sigmoid: "sigmoid" };

const isRelu6 = (fn) => fn.kind === "clip" && fn.min === 0 && fn.max === 6;

const unary = {
  relu: (x) => tf.relu(x),
  clip: (x, fn) => (isRelu6(fn) ? tf.relu6(x) : tf.clipByValue(x, fn.min, fn.max)),
  leakyRelu: (x, fn) => tf.leakyRelu(x, fn.slope),
  elu: (x) => tf.elu(x),
  sigmoid: (x) => tf.sigmoid(x),
  tanh: (x) => tf.tanh(x),
  silu: (x) => tf.mul(x, tf.sigmoid(x)),
  hardSigmoid: (x, fn) => tf.clipByValue(tf.add(tf.mul(x, fn.slope), fn.offset), 0, 1),
  hardSwish: (x) => tf.mul(x, tf.clipByValue(tf.add(tf.mul(x, 1 / 6), 0.5), 0, 1)),
};

const binary = {
  add: tf.add,
  sub: tf.sub,
  mul: tf.mul,
  div: tf.div,
  min: tf.minimum,
  max: tf.maximum,
};

const reductions = { mean: tf.mean, sum: tf.sum, max: tf.max, min: tf.min };

/** Feature maps are NHWC in TF.js: a shape or an axis of four is turned. */
export const turnShape = ([n, c, h, w]) => [n, h, w, c];
const turnAxis = [0, 3, 1, 2];
const turned = (tensor) => (tensor.rank === 4 ? tf.transpose(tensor, [0, 2, 3, 1]) : tensor);
const explicit = ([top, left, bottom, right]) => [
  [0, 0],
  [top, bottom],
  [left, right],
  [0, 0],
];

const steps = (value, list, extras) =>
  list.reduce((x, step) => {
    if (step.kind === "unary") return unary[step.fn.kind](x, step.fn);
    const extra = extras[step.extra];
    return step.side === "right" ? binary[step.fn](x, extra) : binary[step.fn](extra, x);
  }, value);

/** Convolution through the fused operators: bias and a leading activation go in, the rest follows. */
function conv2d({ input, weight, bias, extras = [] }, attrs) {
  const [first, ...rest] = attrs.epilogue;
  const activation =
    first?.kind === "unary"
      ? isRelu6(first.fn)
        ? "relu6"
        : fusedActivations[first.fn.kind]
      : undefined;
  const depthwise = attrs.groups > 1 && attrs.groups === input.shape[3];
  if (attrs.groups > 1 && !depthwise) throw new Error("TF.js has no grouped convolution");
  const padded = attrs.pads.some((p) => p > 0);
  const common = {
    x: input,
    strides: attrs.stride,
    pad: padded ? explicit(attrs.pads) : "valid",
    dataFormat: "NHWC",
    dilations: attrs.dilation,
    ...(padded ? { dimRoundingMode: "floor" } : {}),
    bias,
    activation: activation ?? "linear",
    leakyreluAlpha: first?.fn?.slope,
  };
  const fused = depthwise ? tf.fused.depthwiseConv2d : tf.fused.conv2d;
  const value = fused({ ...common, filter: weight });
  return steps(value, activation ? rest : attrs.epilogue, extras);
}

const pool =
  (kind) =>
  ({ input }, attrs, [shape]) => {
    const [, rows, columns] = turnShape(shape);
    const reach = (count, axis) => (count - 1) * attrs.stride[axis] + attrs.kernel[axis];
    const [top, left] = attrs.pads;
    const bottom = Math.max(0, reach(rows, 0) - input.shape[1] - top);
    const right = Math.max(0, reach(columns, 1) - input.shape[2] - left);
    const pad = [top, left, bottom, right];
    return pad.some((p) => p > 0)
      ? kind(input, attrs.kernel, attrs.stride, explicit(pad), "floor")
      : kind(input, attrs.kernel, attrs.stride, "valid");
  };

/** Each takes its operands by name, the attributes and the shapes of its results. */
export const operators = {
  conv2d,
  // The matrix lies transposed: with transposeB and a bias, TF.js adds the bias once for every 48 inputs.
  linear: ({ input, weight, bias, extras = [] }, attrs) => {
    const product = tf.fused.matMul({ a: input, b: weight, bias });
    return steps(product, attrs.epilogue, extras);
  },
  deconv2d: ({ input, weight, bias, extras = [] }, attrs, [shape]) => {
    const value = tf.conv2dTranspose(input, weight, turnShape(shape), attrs.stride, "valid");
    return steps(bias ? tf.add(value, bias) : value, attrs.epilogue, extras);
  },
  unary: ({ input }, attrs) => unary[attrs.fn.kind](input, attrs.fn),
  binary: ({ left, right }, attrs) => binary[attrs.fn](left, right),
  elementwise: ({ input, extras = [] }, attrs) => steps(input, attrs.steps, extras),
  maxPool: pool(tf.maxPool),
  avgPool: pool(tf.avgPool),
  reduce: ({ input }, attrs) => {
    const axes = attrs.axes.map((axis) => (input.rank === 4 ? turnAxis[axis] : axis));
    return reductions[attrs.fn](input, axes, attrs.keepDims);
  },
  softmax: ({ input }, attrs) => (attrs.log ? tf.logSoftmax(input) : tf.softmax(input, attrs.axis)),
  concat: ({ inputs }, attrs) =>
    tf.concat(inputs, inputs[0].rank === 4 ? turnAxis[attrs.axis] : attrs.axis),
  slice: ({ input }, attrs) => {
    if (attrs.steps.some((step) => step !== 1)) throw new Error("only slices with step 1");
    const turn = (list) => (list.length === 4 ? turnShape(list) : list);
    return tf.slice(input, turn(attrs.starts), turn(attrs.sizes));
  },
  reshape: ({ input }, _attrs, [shape]) => {
    const straight = input.rank === 4 && (input.shape[1] > 1 || input.shape[2] > 1);
    const source = straight ? tf.transpose(input, [0, 3, 1, 2]) : input;
    const result = tf.reshape(source, shape);
    return shape.length === 4 ? turned(result) : result;
  },
  channelShuffle: ({ input }, attrs) => {
    const [n, h, w, c] = input.shape;
    const grouped = tf.reshape(input, [n, h, w, attrs.groups, c / attrs.groups]);
    return tf.reshape(tf.transpose(grouped, [0, 1, 2, 4, 3]), [n, h, w, c]);
  },
};
