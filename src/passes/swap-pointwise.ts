import { build } from "../ir/build.js";
import type { Node, NodeOf, Value } from "../ir/graph.js";
import type { AttributesOf } from "../ir/ops/index.js";
import { coverOf, insideRange } from "../ir/ops/window.js";
import type { Uses } from "../ir/rewrite.js";
import { biasData, isOnePixel, isPointwise } from "./conv-node.js";
import { type Refusal, type Rewriting, structuralPass } from "./structural-pass.js";
import { hasMap, viewsOf } from "./window-maps/branch.js";
import { convolutionOf } from "./window-maps/convolution-of.js";

/**
 * Changes the order of a convolution and what makes images smaller or larger, where that saves work:
 *
 *   mean over windows (1×1 conv)   =  1×1 conv (mean over windows)
 *   1×1 conv (upsample x)          =  upsample (1×1 conv x)
 *   1×1 conv, stride s (conv x)    =  1×1 conv (conv x, stride s)
 *   global mean (conv x)           =  conv (means of x under each tap)
 *
 * A 1×1 convolution works on each pixel alone, so that it may stand on either side of what mixes pixels of one
 * channel with weights that sum to one. An average pool that counts its padding does not: it is passed only by
 * convolutions without bias. Values in between must have no other reader.
 */
export const swapPointwise = structuralPass({
  name: "swap-pointwise",
  summary: "move convolutions to where images are smaller",
  op: ["conv2d", "avgPool", "reduce"],
  exactness: "rounding",
  find(node, uses): Rewriting | Refusal | undefined {
    const found = swapped(node, uses);
    if (!found || "refused" in found) return found;
    const reason = "the order does not matter and fewer pixels are computed";
    const exact = { label: "rounding", weightError: 0, outputError: 0, reason } as const;
    return { ...found, ...exact };
  },
});

type Swap = Pick<Rewriting, "value" | "replaces" | "family">;
type Conv = NodeOf<"conv2d">;

function swapped(
  node: Conv | NodeOf<"avgPool"> | NodeOf<"reduce">,
  uses: Uses,
): Swap | Refusal | undefined {
  const { input } = node.operands;
  if (uses(input) > 1) return undefined;
  if (node.op === "reduce") return isGlobalMean(node) ? meanFirst(node, uses) : undefined;
  if (node.op === "avgPool") {
    const conv = input.node;
    const fits = conv.op === "conv2d" && hasPlainEnd(conv) && isPointwise(conv);
    return fits ? poolFirst(node, conv) : undefined;
  }
  if (!isOnePixel(node)) return undefined;
  if (Math.max(...node.attrs.stride) > 1) return strideFirst(node, uses);
  return pointFirst(node);
}

const hasPlainEnd = ({ operands, attrs }: Conv): boolean =>
  operands.extras.length === 0 && attrs.epilogue.length === 0;

const isGlobalMean = ({ attrs, operands }: NodeOf<"reduce">): boolean =>
  attrs.fn === "mean" && attrs.axes.join() === "2,3" && operands.input.type.shape.length === 4;

/** The convolution of another input, under the same name. */
const convOf = (conv: Conv, input: Value, attrs: Partial<AttributesOf<"conv2d">> = {}): Value =>
  build("conv2d", { ...conv.operands, input }, { ...conv.attrs, ...attrs }, conv);

function poolFirst(pool: NodeOf<"avgPool">, conv: Conv): Swap | Refusal {
  const isPadded = pool.attrs.pads.some((amount) => amount > 0);
  const isBiased = biasData(conv)?.some((x) => x !== 0) ?? true;
  if (isPadded && pool.attrs.countIncludePad && isBiased) {
    return { refused: "its bias is not averaged with the padding that the pool counts" };
  }
  const { input } = conv.operands;
  const pooled = build("avgPool", { input }, pool.attrs, pool);
  return { value: convOf(conv, pooled), replaces: [pool, conv], family: "average, then 1x1" };
}

/** Upsampling of each channel alone, with weights that sum to one everywhere. */
function pointFirst(conv: Conv): Swap | undefined {
  const larger = conv.operands.input.node;
  const isPlain = larger.op === "resize" || (larger.op === "resample" && sumsToOne(larger));
  if (!isPlain || !hasPlainEnd(conv)) return undefined;
  const input = convOf(conv, larger.operands.input);
  const value =
    larger.op === "resize"
      ? build("resize", { input }, larger.attrs, larger)
      : build("resample", { input }, larger.attrs, larger);
  return { value, replaces: [conv, larger], family: "1x1, then resize" };
}

const sumsToOne = ({ attrs }: NodeOf<"resample">): boolean =>
  attrs.mode !== "cubic" && attrs.coordinates !== "tf_crop_and_resize";

/** What a strided 1×1 convolution passes over is not computed at all, activations in between included. */
function strideFirst(point: Conv, uses: Uses): Swap | undefined {
  const chain: NodeOf<"unary">[] = [];
  let producer: Node = point.operands.input.node;
  while (producer.op === "unary" && uses(producer.operands.input) === 1) {
    chain.push(producer);
    producer = producer.operands.input.node;
  }
  if (producer.op !== "conv2d" || !hasPlainEnd(producer)) return undefined;
  const [rows, columns] = point.attrs.stride;
  const { stride } = producer.attrs;
  const sparse = { stride: [stride[0] * rows, stride[1] * columns] } as const;
  const input = chain.reduceRight(
    (input, { attrs, ...origin }) => build("unary", { input }, attrs, origin),
    convOf(producer, producer.operands.input, sparse),
  );
  const value = convOf(point, input, { stride: [1, 1] });
  return { value, replaces: [point, ...chain, producer], family: "stride, then 1x1" };
}

/**
 * The mean of a convolution is a product of its weight with the means of what each tap sees: an average pool
 * whose windows are as large as the result, one window a tap.
 */
function meanFirst(mean: NodeOf<"reduce">, uses: Uses): Swap | Refusal | undefined {
  const found = convBehind(mean.operands.input.node, uses);
  if (!found || !hasPlainEnd(found.conv)) return undefined;
  const { conv, nodes } = found;
  const pooled = tapMeans(conv);
  if (!pooled) return { refused: "a tap sees nothing but padding, or rows are left over" };
  const plain = { stride: [1, 1], dilation: [1, 1], pads: [0, 0, 0, 0] } as const;
  const pixel = convOf(conv, pooled, plain);
  const { shape } = mean.results[0]!.type;
  const value = mean.attrs.keepDims ? pixel : build("reshape", { input: pixel }, { shape }, mean);
  return { value, replaces: [mean, ...nodes], family: "mean under each tap, then product" };
}

/** A convolution, also one with an average pool after it, which is one convolution too. */
function convBehind(
  node: Node,
  uses: Uses,
): { readonly conv: Conv; readonly nodes: readonly Node[] } | undefined {
  if (node.op === "conv2d") return { conv: node, nodes: [node] };
  if (node.op !== "avgPool") return undefined;
  const view = viewsOf(node, uses).find(({ nodes }) => nodes.at(-1)!.op === "conv2d");
  if (!view || !hasMap(view)) return undefined;
  const conv = convolutionOf(view.map, node, "computed")?.node;
  return conv?.op === "conv2d" ? { conv, nodes: view.nodes } : undefined;
}

/** For each tap of a kernel the mean of what it sees; undefined where no pool computes that. */
function tapMeans({ attrs, operands, results }: Conv): Value | undefined {
  const { input, weight } = operands;
  const isWhole = weight.type.shape.slice(2).every((size) => size === 1);
  if (isWhole && attrs.stride.every((step) => step === 1) && attrs.pads.every((n) => n === 0)) {
    return build("reduce", { input }, { fn: "mean", axes: [2, 3], keepDims: true });
  }
  const behind = ([0, 1] as const).map((axis) => {
    const [size, count] = [input.type.shape[axis + 2]!, results[0]!.type.shape[axis + 2]!];
    const [stride, dilation, before] = [attrs.stride[axis], attrs.dilation[axis], attrs.pads[axis]];
    const taps = weight.type.shape[axis + 2]!;
    for (let tap = 0; tap < taps; tap++) {
      const { from, to } = insideRange(count, stride, tap * dilation - before, size);
      if (from === to) return undefined;
    }
    const after = coverOf(count, stride) + dilation * (taps - 1) - size - before;
    return after > -dilation ? Math.max(0, after) : undefined;
  });
  const [below, right] = behind;
  if (below === undefined || right === undefined) return undefined;
  const [, , rows = 1, columns = 1] = results[0]!.type.shape;
  const window = {
    kernel: [rows, columns],
    stride: attrs.dilation,
    dilation: attrs.stride,
    pads: [attrs.pads[0], attrs.pads[1], below, right],
  } as const;
  return build("avgPool", { input }, { ...window, ceil: false, countIncludePad: true });
}
