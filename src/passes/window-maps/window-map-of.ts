import { dataOf } from "../../ir/constants.js";
import type { Node, NodeOf } from "../../ir/graph.js";
import { alongAxis, coverOf } from "../../ir/ops/window.js";
import { sameShape } from "../../ir/types.js";
import { affineOf } from "../channel-affine.js";
import { constantAffines } from "../constant-affine.js";
import { biasData } from "../conv-node.js";
import type { NoMap } from "./compose-maps.js";
import {
  channelMap,
  identityMap,
  imageShape,
  negated,
  type Tap,
  type WindowMap,
} from "./window-map.js";

/**
 * What a node does to its input, as a window map; a reason where a user may expect one and there is none;
 * undefined for all other nodes.
 */
export function windowMapOf(node: Node): WindowMap | NoMap | undefined {
  switch (node.op) {
    case "conv2d":
      return convMap(node);
    case "linear":
      return productMap(node);
    case "batchNorm": {
      const { input } = node.operands;
      const [affine, shape] = [affineOf(node), imageShape(input)];
      return affine && shape && channelMap(input, shape, affine.scale, affine.shift);
    }
    case "binary": {
      const [way] = constantAffines(node);
      const shape = way && imageShape(way.running);
      return way && shape && channelMap(way.running, shape, way.affine.scale, way.affine.shift);
    }
    case "unary": {
      const { input } = node.operands;
      const shape = node.attrs.fn.kind === "neg" ? imageShape(input) : undefined;
      return shape && negated(identityMap(input, shape));
    }
    case "avgPool":
      return poolMap(node);
    case "pad":
      return padMap(node);
    case "reshape":
      return viewMap(node);
    default:
      return undefined;
  }
}

function convMap(node: NodeOf<"conv2d">): WindowMap | undefined {
  const { attrs, operands } = node;
  const [weight, bias] = [dataOf(operands.weight), biasData(node)];
  const shape = imageShape(node.results[0]!);
  if (!weight || !bias || !shape || attrs.epilogue.length > 0) return undefined;
  const [rows = 1, columns = 1] = operands.weight.type.shape.slice(2);
  const taps = windowTaps([rows, columns], attrs.dilation, attrs.pads, (index) => () => {
    const area = rows * columns;
    const own = new Float64Array(weight.length / area);
    for (let i = 0; i < own.length; i++) own[i] = weight[i * area + index]!;
    return own;
  });
  const { groups, stride } = attrs;
  const shift = () => Float64Array.from(bias);
  return { input: operands.input, shape, groups, stride, taps, isUniform: true, shift };
}

function productMap(node: NodeOf<"linear">): WindowMap | undefined {
  const { attrs, operands } = node;
  const [weight, bias] = [dataOf(operands.weight), biasData(node)];
  const shape = imageShape(node.results[0]!);
  if (!weight || !bias || !shape || attrs.epilogue.length > 0) return undefined;
  const tap = { row: 0, column: 0, weight: () => Float64Array.from(weight) };
  const plain = { groups: 1, stride: [1, 1], taps: [tap], isUniform: true } as const;
  return { input: operands.input, shape, ...plain, shift: () => Float64Array.from(bias) };
}

/** A mean over windows weighs every place alike, if it counts its padding and no window reaches beyond. */
function poolMap({ attrs, operands, results }: NodeOf<"avgPool">): WindowMap | NoMap | undefined {
  const shape = imageShape(results[0]!);
  if (!shape) return undefined;
  if (!attrs.countIncludePad && attrs.pads.some((amount) => amount > 0)) {
    return {
      refused: "an average pool that leaves its padding out of the count is no convolution",
    };
  }
  const reaches = ([0, 1] as const).some((axis) => {
    const along = alongAxis(attrs, axis);
    const size = operands.input.type.shape[axis + 2]! + along.before + along.after;
    const last = (shape[axis + 2]! - 1) * along.stride + coverOf(along.kernel, along.dilation);
    return last > size;
  });
  if (reaches) return { refused: "an average pool whose size is rounded up is no convolution" };
  const channels = shape[1];
  const share = 1 / (attrs.kernel[0] * attrs.kernel[1]);
  const weight = () => new Float64Array(channels).fill(share);
  const taps = windowTaps(attrs.kernel, attrs.dilation, attrs.pads, () => weight);
  const window = { groups: channels, stride: attrs.stride, taps, isUniform: true } as const;
  return { input: operands.input, shape, ...window, shift: () => new Float64Array(channels) };
}

function padMap({ attrs, operands, results }: NodeOf<"pad">): WindowMap | undefined {
  const { before, after, mode, value } = attrs;
  const shape = imageShape(results[0]!);
  const isPlain = before.length === 4 && mode === "constant" && value === 0;
  const keepsChannels = [...before.slice(0, 2), ...after.slice(0, 2)].every((n) => n === 0);
  if (!shape || !isPlain || !keepsChannels) return undefined;
  const [, , top = 0, left = 0] = before;
  const map = identityMap(operands.input, shape);
  return { ...map, taps: map.taps.map((tap) => ({ ...tap, row: -top, column: -left })) };
}

/** Features seen as an image of one pixel, or the other way round. */
function viewMap({ operands, results }: NodeOf<"reshape">): WindowMap | undefined {
  const [before, after] = [imageShape(operands.input), imageShape(results[0]!)];
  const isSame = before && after && sameShape(before, after);
  return isSame ? identityMap(operands.input, after) : undefined;
}

/** The taps of a dense kernel, in reading order. */
function windowTaps(
  [rows, columns]: readonly [number, number],
  dilation: readonly [number, number],
  pads: readonly number[],
  weightOf: (index: number) => () => Float64Array,
): Tap[] {
  return Array.from({ length: rows * columns }, (_, index) => ({
    row: Math.floor(index / columns) * dilation[0] - pads[0]!,
    column: (index % columns) * dilation[1] - pads[1]!,
    weight: weightOf(index),
  }));
}
