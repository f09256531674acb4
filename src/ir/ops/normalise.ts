import type { Value } from "../graph.js";
import { sizeOf, type TensorType } from "../types.js";
import {
  checkAttribute,
  checkAxis,
  checkCounts,
  checkFloat,
  checkGroups,
  checkRank,
  checkShape,
} from "./check.js";
import type { Dense, Operator } from "./operator.js";

/** A tensor `[n, c, …]` as images, channels and elements a plane. */
function planesOf(shape: readonly number[]): { images: number; channels: number; plane: number } {
  const [images = 1, channels = 1] = shape;
  return { images, channels, plane: sizeOf(shape.slice(2)) };
}

/** A new tensor: each element from its old value, its channel and its place. */
function mapChannels(
  { shape, data }: Dense,
  fn: (x: number, channel: number, at: number) => number,
): Dense {
  const { channels, plane } = planesOf(shape);
  return { shape, data: data.map((x, at) => fn(x, Math.floor(at / plane) % channels, at)) };
}

function checkEpsilon(op: string, epsilon: number): void {
  const holds = epsilon >= 0 && Number.isFinite(epsilon);
  checkAttribute(op, "epsilon", epsilon, holds, "a number of at least 0");
}

/** Refuses per-channel operands other than `[c]`. */
function checkChannels(op: string, input: TensorType, operands: Record<string, TensorType>): void {
  for (const [name, type] of Object.entries(operands)) {
    checkShape(op, name, type, [input.shape[1]!]);
  }
}

export type BatchNormOperands = {
  /** `[n, c, …]`. */
  readonly input: Value;
  /** Each `[c]`. */
  readonly gamma: Value;
  readonly beta: Value;
  readonly mean: Value;
  readonly variance: Value;
};
export interface BatchNormAttributes {
  readonly epsilon: number;
}
/** `γ · (x − μ) / √(σ² + ε) + β` per channel. */
export const batchNorm: Operator<BatchNormOperands, BatchNormAttributes> = {
  infer: ({ input, ...channels }, { epsilon }) => {
    checkRank("batchNorm", "input", input, [2, 4]);
    checkChannels("batchNorm", input, channels);
    checkEpsilon("batchNorm", epsilon);
    return [input];
  },
  macs: () => 0,
  evaluate: ({ input, gamma, beta, mean, variance }, { epsilon }) => {
    const normalised = mapChannels(input, (x, c) => {
      const deviation = Math.sqrt(variance.data[c]! + epsilon);
      return (gamma.data[c]! * (x - mean.data[c]!)) / deviation + beta.data[c]!;
    });
    return [normalised];
  },
};

export type GroupNormOperands = {
  readonly input: Value;
  readonly gamma: Value;
  readonly beta: Value;
};
export interface GroupNormAttributes {
  /** The number of groups; as many as channels is instance norm. */
  readonly groups: number;
  readonly epsilon: number;
}
/** Normalises each image's groups of channels by their own mean and (biased) variance, then `γ · x + β`. */
export const groupNorm: Operator<GroupNormOperands, GroupNormAttributes> = {
  infer: ({ input, ...channels }, { groups, epsilon }) => {
    checkRank("groupNorm", "input", input, [2, 4]);
    checkGroups("groupNorm", groups, "channels", input.shape[1]!);
    checkChannels("groupNorm", input, channels);
    checkEpsilon("groupNorm", epsilon);
    return [input];
  },
  macs: () => 0,
  evaluate: ({ input, gamma, beta }, { groups, epsilon }) => {
    const length = input.data.length / (input.shape[0]! * groups);
    const statistics = Array.from({ length: input.data.length / length }, (_, group) => {
      const values = input.data.subarray(group * length, (group + 1) * length);
      const mean = values.reduce((sum, x) => sum + x, 0) / length;
      const variance = values.reduce((sum, x) => sum + (x - mean) ** 2, 0) / length;
      return { mean, deviation: Math.sqrt(variance + epsilon) };
    });
    const normalised = mapChannels(input, (x, c, at) => {
      const { mean, deviation } = statistics[Math.floor(at / length)]!;
      return (gamma.data[c]! * (x - mean)) / deviation + beta.data[c]!;
    });
    return [normalised];
  },
};

export type NormOperands = {
  readonly input: Value;
};
export interface LrnAttributes {
  readonly size: number;
  readonly alpha: number;
  readonly beta: number;
  readonly bias: number;
}
/**
 * `x / (bias + alpha / size · Σ x²)^beta` over the `size` channels from `c − floor(size / 2)` on,
 * those outside counting as 0. PyTorch's window; ONNX's is the same when `size` is odd.
 */
export const lrn: Operator<NormOperands, LrnAttributes> = {
  infer: ({ input }, { size }) => {
    checkRank("lrn", "input", input, [4]);
    checkCounts("lrn", "size", [size], 1);
    return [input];
  },
  macs: () => 0,
  evaluate: ({ input }, { size, alpha, beta, bias }) => {
    const { channels, plane } = planesOf(input.shape);
    const normalised = mapChannels(input, (x, c, at) => {
      const first = c - Math.floor(size / 2);
      let squares = 0;
      for (let k = Math.max(first, 0); k < Math.min(first + size, channels); k++) {
        squares += input.data[at + (k - c) * plane]! ** 2;
      }
      return x / (bias + (alpha / size) * squares) ** beta;
    });
    return [normalised];
  },
};

export interface SoftmaxAttributes {
  readonly axis: number;
  readonly log: boolean;
}
/** `exp(x) / Σ exp(x)` along an axis, or its logarithm. */
export const softmax: Operator<NormOperands, SoftmaxAttributes> = {
  infer: ({ input }, { axis }) => {
    checkFloat("softmax", "input", input);
    checkAxis("softmax", axis, input);
    return [input];
  },
  macs: () => 0,
  evaluate: ({ input }, { axis, log }) => {
    const { shape } = input;
    const length = shape[axis]!;
    const stride = sizeOf(shape.slice(axis + 1));
    const data = new Float64Array(input.data.length);
    for (let row = 0; row < data.length / length; row++) {
      const first = Math.floor(row / stride) * stride * length + (row % stride);
      const places = Array.from({ length }, (_, i) => first + i * stride);
      const largest = places.reduce((best, at) => Math.max(best, input.data[at]!), -Infinity);
      const sum = places.reduce((total, at) => total + Math.exp(input.data[at]! - largest), 0);
      for (const at of places) {
        const shifted = input.data[at]! - largest;
        data[at] = log ? shifted - Math.log(sum) : Math.exp(shifted) / sum;
      }
    }
    return [{ shape, data }];
  },
};
