import type { Value } from "../graph.js";
import { f32, sizeOf, type TensorType } from "../types.js";
import { applySteps, checkSteps, type Epilogue } from "./arithmetic.js";
import {
  checkAttribute,
  checkCounts,
  checkGroups,
  checkRank,
  checkResult,
  checkShape,
} from "./check.js";
import type { Dense, OperandsAs, Operator } from "./operator.js";
import { checkWindow, coverOf, insideRange, slideWindow, type Window } from "./window.js";

/** Height, then width. */
export type Pair = readonly [number, number];
/** Top, left, bottom, right. */
export type Sides = readonly [number, number, number, number];

export type ConvOperands = {
  /** `[n, c, h, w]`. */
  readonly input: Value;
  /** conv2d `[out, c / groups, kh, kw]`; deconv2d `[c, out / groups, kh, kw]`. */
  readonly weight: Value;
  /** `[out]`. */
  readonly bias: Value | undefined;
  /** What the epilogue's binary steps read. */
  readonly extras: readonly Value[];
};

export interface Conv2dAttributes {
  readonly stride: Pair;
  readonly dilation: Pair;
  /** Zeros around the input. */
  readonly pads: Sides;
  readonly groups: number;
  /** Applied to each output after the bias, in order; empty before `fuse-epilogue`. */
  readonly epilogue: Epilogue;
}

export interface Deconv2dAttributes extends Conv2dAttributes {
  /** Rows and columns added below and to the right of the output. */
  readonly outputPads: Pair;
}

/** Refuses a bias other than `[out]` and an epilogue that does not fit the result. */
function checkEnd(
  op: string,
  { bias, extras }: Pick<OperandsAs<ConvOperands, TensorType>, "bias" | "extras">,
  epilogue: Epilogue,
  result: TensorType,
): readonly TensorType[] {
  if (bias) checkShape(op, "bias", bias, [result.shape[1]!]);
  // An epilogue step broadcasts over the whole result, so a result that is no tensor comes first.
  checkResult(op, result);
  checkSteps(op, epilogue, result, extras);
  return [result];
}

const windowOf = (attrs: Conv2dAttributes, weight: readonly number[]): Window => ({
  kernel: [weight[2]!, weight[3]!],
  stride: attrs.stride,
  dilation: attrs.dilation,
  pads: attrs.pads,
});

/** A result that holds its bias everywhere, to be added to. */
function filledWithBias(shape: readonly number[], bias: Dense | undefined): Dense {
  const data = new Float64Array(sizeOf(shape));
  const [n = 1, out = 1] = shape;
  const plane = data.length / (n * out);
  for (let at = 0; bias && at < n * out; at++) {
    data.fill(bias.data[at % out]!, at * plane, (at + 1) * plane);
  }
  return { shape, data };
}

/** One pair of planes that a kernel tap connects, as offsets into input, weight and result. */
interface Planes {
  readonly input: number;
  readonly weight: number;
  readonly output: number;
}

/** For each image, output channel and input channel of its group: the planes they connect. */
function* connectedPlanes(
  input: readonly number[],
  result: readonly number[],
  groups: number,
  weightAt: (output: number, input: number) => number,
): Generator<Planes> {
  const [n, c, h, w] = input as Shape4;
  const [, out, oh, ow] = result as Shape4;
  for (let image = 0; image < n; image++) {
    for (let o = 0; o < out; o++) {
      const group = Math.floor(o / (out / groups));
      for (let k = 0; k < c / groups; k++) {
        const channel = group * (c / groups) + k;
        yield {
          input: (image * c + channel) * h * w,
          weight: weightAt(o, channel),
          output: (image * out + o) * oh * ow,
        };
      }
    }
  }
}

type Shape4 = [number, number, number, number];

/** One kernel position: output `y, x` of the ranges meets the element `y · stride + top`, likewise `x`. */
interface Tap {
  readonly top: number;
  readonly left: number;
  readonly rows: { readonly from: number; readonly to: number };
  readonly columns: { readonly from: number; readonly to: number };
}

/** The kernel's positions between a side of `counts` places and the side of `sizes` that it steps over. */
function tapsOf(
  attrs: Conv2dAttributes,
  weight: readonly number[],
  counts: readonly number[],
  sizes: readonly number[],
): Tap[] {
  const [, , kh, kw] = weight as Shape4;
  return Array.from({ length: kh * kw }, (_, tap) => {
    const top = Math.floor(tap / kw) * attrs.dilation[0] - attrs.pads[0];
    const left = (tap % kw) * attrs.dilation[1] - attrs.pads[1];
    const rows = insideRange(counts[2]!, attrs.stride[0], top, sizes[2]!);
    const columns = insideRange(counts[3]!, attrs.stride[1], left, sizes[3]!);
    return { top, left, rows, columns };
  });
}

function convolve(input: Dense, weight: Dense, result: Dense, attrs: Conv2dAttributes): void {
  const [w, ow] = [input.shape[3]!, result.shape[3]!];
  const [, perGroup, kh, kw] = weight.shape as Shape4;
  const [strideY, strideX] = attrs.stride;
  const [values, sums] = [input.data, result.data];
  const taps = tapsOf(attrs, weight.shape, result.shape, input.shape);
  const weightAt = (o: number, channel: number) => (o * perGroup + (channel % perGroup)) * kh * kw;
  for (const at of connectedPlanes(input.shape, result.shape, attrs.groups, weightAt)) {
    for (const [index, { top, left, rows, columns }] of taps.entries()) {
      const factor = weight.data[at.weight + index]!;
      for (let y = rows.from; y < rows.to; y++) {
        const to = at.output + y * ow;
        const from = at.input + (y * strideY + top) * w + left;
        for (let x = columns.from; x < columns.to; x++) {
          sums[to + x]! += factor * values[from + x * strideX]!;
        }
      }
    }
  }
}

function convolveTransposed(
  input: Dense,
  weight: Dense,
  result: Dense,
  attrs: Deconv2dAttributes,
): void {
  const [w, ow] = [input.shape[3]!, result.shape[3]!];
  const [, perGroup, kh, kw] = weight.shape as Shape4;
  const [strideY, strideX] = attrs.stride;
  const [values, sums] = [input.data, result.data];
  const taps = tapsOf(attrs, weight.shape, input.shape, result.shape);
  const weightAt = (o: number, channel: number) => (channel * perGroup + (o % perGroup)) * kh * kw;
  for (const at of connectedPlanes(input.shape, result.shape, attrs.groups, weightAt)) {
    for (const [index, { top, left, rows, columns }] of taps.entries()) {
      const factor = weight.data[at.weight + index]!;
      for (let y = rows.from; y < rows.to; y++) {
        const to = at.output + (y * strideY + top) * ow + left;
        const from = at.input + y * w;
        for (let x = columns.from; x < columns.to; x++) {
          sums[to + x * strideX]! += factor * values[from + x]!;
        }
      }
    }
  }
}

/** Multiply-accumulates of a convolution: each element of `size` meets a kernel of `perElement` weights. */
const macsPerElement = (size: readonly number[], [, perGroup, kh, kw]: readonly number[]): number =>
  sizeOf(size) * perGroup! * kh! * kw!;

/** Cross-correlation: `y[n,o,y,x] = b[o] + Σ w[o,c,i,j] · x[n,c,y·s + i·d − p, x·s + j·d − p]`. */
export const conv2d: Operator<ConvOperands, Conv2dAttributes> = {
  infer: ({ input, weight, bias, extras }, attrs) => {
    checkRank("conv2d", "input", input, [4]);
    checkRank("conv2d", "weight", weight, [4]);
    const [n, c, h, w] = input.shape as Shape4;
    const [out, , kh, kw] = weight.shape as Shape4;
    checkGroups("conv2d", attrs.groups, "input channels", c);
    checkGroups("conv2d", attrs.groups, "output channels", out);
    checkShape("conv2d", "weight", weight, [out, c / attrs.groups, kh, kw]);
    const size = slideWindow("conv2d", [h, w], windowOf(attrs, weight.shape));
    return checkEnd("conv2d", { bias, extras }, attrs.epilogue, f32(n, out, ...size));
  },
  macs: ({ weight }, _, results) => macsPerElement(results[0]!.shape, weight.shape),
  evaluate: ({ input, weight, bias, extras }, attrs, results) => {
    const result = filledWithBias(results[0]!.shape, bias);
    convolve(input, weight, result, attrs);
    return [applySteps(attrs.epilogue, result, extras)];
  },
};

/** Rows or columns of a transposed convolution: `(n − 1) · s + d · (k − 1) + 1 − pads + output pad`. */
function deconvSize([h, w]: Pair, attrs: Deconv2dAttributes, window: Window): Pair {
  const [top, left, bottom, right] = attrs.pads;
  const rows = (h - 1) * attrs.stride[0] + coverOf(window.kernel[0], window.dilation[0]);
  const columns = (w - 1) * attrs.stride[1] + coverOf(window.kernel[1], window.dilation[1]);
  return [rows - top - bottom + attrs.outputPads[0], columns - left - right + attrs.outputPads[1]];
}

function checkOutputPads({ outputPads, stride, dilation }: Deconv2dAttributes): void {
  checkCounts("deconv2d", "output padding", outputPads, 0);
  for (const axis of [0, 1] as const) {
    const limit = Math.max(stride[axis], dilation[axis]);
    const wanted = `less than the stride or the dilation, ${limit}`;
    const pad = outputPads[axis];
    checkAttribute("deconv2d", "output padding", pad, pad < limit, wanted);
  }
}

/** Transposed convolution, the gradient of `conv2d` with respect to its input. */
export const deconv2d: Operator<ConvOperands, Deconv2dAttributes> = {
  infer: ({ input, weight, bias, extras }, attrs) => {
    checkRank("deconv2d", "input", input, [4]);
    checkRank("deconv2d", "weight", weight, [4]);
    const [n, c, h, w] = input.shape as Shape4;
    const [, perGroup, kh, kw] = weight.shape as Shape4;
    checkGroups("deconv2d", attrs.groups, "input channels", c);
    checkShape("deconv2d", "weight", weight, [c, perGroup, kh, kw]);
    const window = windowOf(attrs, weight.shape);
    checkWindow("deconv2d", window);
    checkOutputPads(attrs);
    const result = f32(n, perGroup * attrs.groups, ...deconvSize([h, w], attrs, window));
    return checkEnd("deconv2d", { bias, extras }, attrs.epilogue, result);
  },
  macs: ({ input, weight }) => macsPerElement(input.shape, weight.shape),
  evaluate: ({ input, weight, bias, extras }, attrs, results) => {
    const result = filledWithBias(results[0]!.shape, bias);
    convolveTransposed(input, weight, result, attrs);
    return [applySteps(attrs.epilogue, result, extras)];
  },
};

export interface LinearAttributes {
  readonly epilogue: Epilogue;
}

/** `y[n,o] = b[o] + Σ w[o,k] · x[n,k]`; weight `[out, k]`, input `[n, k]`. */
export const linear: Operator<ConvOperands, LinearAttributes> = {
  infer: ({ input, weight, bias, extras }, { epilogue }) => {
    checkRank("linear", "input", input, [2]);
    checkRank("linear", "weight", weight, [2]);
    const out = weight.shape[0]!;
    checkShape("linear", "weight", weight, [out, input.shape[1]!]);
    return checkEnd("linear", { bias, extras }, epilogue, f32(input.shape[0]!, out));
  },
  macs: ({ weight }, _, results) => sizeOf(results[0]!.shape) * weight.shape[1]!,
  evaluate: ({ input, weight, bias, extras }, { epilogue }, results) => {
    const result = filledWithBias(results[0]!.shape, bias);
    const [n, out] = result.shape as [number, number];
    const k = weight.shape[1]!;
    for (let image = 0; image < n; image++) {
      for (let o = 0; o < out; o++) {
        for (let i = 0; i < k; i++) {
          result.data[image * out + o]! += weight.data[o * k + i]! * input.data[image * k + i]!;
        }
      }
    }
    return [applySteps(epilogue, result, extras)];
  },
};
