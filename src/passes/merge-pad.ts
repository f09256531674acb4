import { build } from "../ir/build.js";
import type { NodeOf, Value } from "../ir/graph.js";
import type { Sides } from "../ir/ops/conv.js";
import type { AvgPoolAttributes, MaxPoolAttributes } from "../ir/ops/pool.js";
import { defineRule } from "../ir/rewrite.js";
import { rulePass } from "./pass.js";

/**
 * Lets a convolution or a pool pad for itself: a pad with zeros around rows and columns becomes more
 * padding of its reader.
 *
 * A max-pool's own padding never wins, so zeros may join it only where every value is at least zero
 * and every window sees one. An average pool must divide by what it divided by before. Left alone in
 * all other cases, among them pads of images and channels and pools that round their size up.
 */
export const mergePad = rulePass(
  "merge a pad with zeros into the convolution or pool that reads it",
  defineRule({
    name: "merge-pad",
    op: ["conv2d", "maxPool", "avgPool"],
    exactness: "bitwise",
    apply(node) {
      const pad = node.operands.input.node;
      const added = pad.op === "pad" ? zerosAround(pad) : undefined;
      if (pad.op !== "pad" || !added) return undefined;
      const { input } = pad.operands;
      const [top, left, bottom, right] = node.attrs.pads;
      const pads = [top + added[0], left + added[1], bottom + added[2], right + added[3]] as const;
      if (node.op === "conv2d") {
        return build("conv2d", { ...node.operands, input }, { ...node.attrs, pads }, node);
      }
      if (!seesImage(node.attrs, pads)) return undefined;
      if (node.op === "maxPool") {
        if (!isNeverNegative(input)) return undefined;
        return build("maxPool", { input }, { ...node.attrs, pads }, node);
      }
      if (!countsEverything(node.attrs)) return undefined;
      return build("avgPool", { input }, { ...node.attrs, pads, countIncludePad: true }, node);
    },
  }),
);

/** The sides of a pad that adds zeros to rows and columns alone. */
function zerosAround({ attrs, operands }: NodeOf<"pad">): Sides | undefined {
  const { before, after, mode, value } = attrs;
  if (operands.input.type.shape.length !== 4 || mode !== "constant" || value !== 0)
    return undefined;
  const [inFront = 0, first = 0, top = 0, left = 0] = before;
  const [behind = 0, last = 0, bottom = 0, right = 0] = after;
  return inFront + first + behind + last > 0 ? undefined : [top, left, bottom, right];
}

/** Whether every window sees an element of the image, and the size is not rounded up. */
function seesImage({ kernel, dilation, ceil }: MaxPoolAttributes, pads: Sides): boolean {
  const isPlain = dilation.every((step) => step === 1) && !ceil;
  return isPlain && pads.every((amount, side) => amount < kernel[side % 2]!);
}

/** Whether an average pool divides by its padding as it does by the image. */
const countsEverything = ({ pads, countIncludePad }: AvgPoolAttributes): boolean =>
  countIncludePad || pads.every((amount) => amount === 0);

/** How many nodes are looked through for the sign of a value. */
const deepest = 8;

/** Whether every element is known to be at least zero. */
function isNeverNegative(value: Value, depth = 0): boolean {
  const { node } = value;
  if (depth > deepest) return false;
  switch (node.op) {
    case "unary":
      return ["relu", "abs", "sqrt", "exp"].includes(node.attrs.fn.kind) || clipsAtZero(node);
    case "constant":
      return node.attrs.data.every((x) => x >= 0);
    case "concat":
      return node.operands.inputs.every((input) => isNeverNegative(input, depth + 1));
    case "maxPool":
    case "avgPool":
    case "reshape":
    case "slice":
    case "channelShuffle":
      return isNeverNegative(node.operands.input, depth + 1);
    default:
      return false;
  }
}

const clipsAtZero = ({ attrs }: NodeOf<"unary">): boolean =>
  attrs.fn.kind === "clip" && attrs.fn.min >= 0;
