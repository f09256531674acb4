import type { NodeOf } from "../../ir/graph.js";
import { printType } from "../../ir/types.js";
import {
  add,
  advance,
  convert,
  div,
  type FunctionBuilder,
  max,
  min,
  mul,
  mulAdd,
  sub,
} from "../loops/build.js";
import type { Expr } from "../loops/types.js";
import { type FeatureMap, featureMap } from "../plan/layout.js";
import type { Algorithm, Kernel, Site } from "./algorithm.js";
import { copyKernel } from "./copy-kernel.js";
import { KernelWriter } from "./kernel-writer.js";
import { overBlocks, storeBlock } from "./lane-blocks.js";
import type { Nest } from "./nest.js";
import { anyLayout } from "./nest-kernel.js";
import { pixelNest } from "./pixel-nest.js";

type ResizeNode = NodeOf<"resize">;

/** What a row or column of the result is made of: `first + weight · (second − first)`. */
interface Sample {
  readonly first: Expr;
  readonly second: Expr;
  readonly weight: Expr;
}

/** `floor(at · size / out)`. */
const nearestOf = (at: Expr, size: number, out: number): Expr =>
  size === out ? at : div(mul(at, size), out);

/** The place `(at + ½) · size / out − ½` as a fraction of whole numbers, never before the first. */
function sampleOf(f: FunctionBuilder, at: Expr, size: number, out: number): Sample {
  const doubled = sub(mul(add(mul(at, 2), 1), size), out);
  const place = f.let("place", max(doubled, 0));
  const first = f.let("low", div(place, 2 * out));
  const second = f.let("high", min(add(first, 1), size - 1));
  const rest = convert("convert", "f32", sub(place, mul(first, 2 * out)));
  return { first, second, weight: f.let("weight", mul(rest, 1 / (2 * out))) };
}

/** A kernel that makes the result row by row, pixel by pixel; `row` writes one. */
function rowKernel(
  node: ResizeNode,
  row: (f: FunctionBuilder, to: Expr, from: Expr, y: Expr) => void,
  to: FeatureMap,
): Kernel {
  const { input } = node.operands;
  const { mode, size } = node.attrs;
  const writer = new KernelWriter(
    `resize_${mode}_${node.results[0]!.type.shape.join("x")}`,
    `${mode} resize of ${printType(input.type)} to ${size.join("x")}`,
  );
  const result = writer.result("y");
  const operand = writer.operand("x", input);
  const { f } = writer;
  const range = writer.range(to.height);
  f.for("row", range?.start ?? 0, range?.end ?? to.height, 1, (y) => {
    row(f, f.let("to", advance(result, y, to.rowStride)), operand, y);
  });
  return writer.done();
}

function buildNearest(node: ResizeNode, site: Site, to: FeatureMap, from: FeatureMap): Kernel {
  const nest = pixelNest(to, from, 1);
  const row = (f: FunctionBuilder, result: Expr, input: Expr, y: Expr): void => {
    const line = advance(input, nearestOf(y, from.height, to.height), from.rowStride);
    const start = f.let("line", line);
    f.for("x", 0, to.width, 1, (x) => {
      const pixel = advance(start, nearestOf(x, from.width, to.width), from.pixelStride);
      const at = [advance(result, x, to.pixelStride), pixel];
      overBlocks(f, site.target, nest, at, 1, undefined, ([y, x], block) => {
        storeBlock(f, y!, block, (part) => block.v.load(x!, part * block.v.lanes));
      });
    });
  };
  return rowKernel(node, row, to);
}

/** Whole factors: each element is copied to a block of the result. */
function buildRepeated(node: ResizeNode, site: Site, to: FeatureMap, from: FeatureMap): Kernel {
  const [down, across] = [to.height / from.height, to.width / from.width];
  const nest: Nest = {
    extents: [to.images, to.channels, from.height, down, from.width, across],
    operands: [
      {
        offset: 0,
        strides: [
          to.imageStride,
          to.channelStride,
          down * to.rowStride,
          to.rowStride,
          across * to.pixelStride,
          to.pixelStride,
        ],
      },
      {
        offset: 0,
        strides: [from.imageStride, from.channelStride, from.rowStride, 0, from.pixelStride, 0],
      },
    ],
  };
  const { input } = node.operands;
  const name = `repeat_${node.results[0]!.type.shape.join("x")}`;
  return copyKernel(name, `nearest resize by ${down}x${across}`, input, nest, site);
}

function buildBilinear(node: ResizeNode, site: Site, to: FeatureMap, from: FeatureMap): Kernel {
  const nest = pixelNest(to, from, 4);
  const row = (f: FunctionBuilder, result: Expr, input: Expr, y: Expr): void => {
    const rows = sampleOf(f, y, from.height, to.height);
    const top = f.let("top", advance(input, rows.first, from.rowStride));
    const bottom = f.let("bottom", advance(input, rows.second, from.rowStride));
    f.for("x", 0, to.width, 1, (x) => {
      const columns = sampleOf(f, x, from.width, to.width);
      const at = [
        advance(result, x, to.pixelStride),
        ...[top, bottom].flatMap((line) => [
          advance(line, columns.first, from.pixelStride),
          advance(line, columns.second, from.pixelStride),
        ]),
      ];
      overBlocks(f, site.target, nest, at, 1, undefined, ([y, ...corners], block) => {
        const { v } = block;
        const [a, b, c, d] = corners.map((p) => f.let("corner", v.load(p)));
        const across = v.splat(columns.weight);
        const upper = f.let("upper", mulAdd(sub(b!, a!), across, a!));
        const lower = mulAdd(sub(d!, c!), across, c!);
        const value = mulAdd(sub(lower, upper), v.splat(rows.weight), upper);
        storeBlock(f, y!, block, () => value);
      });
    });
  };
  return rowKernel(node, row, to);
}

/** Half-pixel resizing; whole nearest factors are a copy, all else finds its pixels while running. */
export const resizeRows: Algorithm<"resize"> = {
  ...anyLayout,
  op: "resize",
  build: (node, site) => {
    const to = featureMap(site.layoutOf(node.results[0]!));
    const from = featureMap(site.layoutOf(node.operands.input));
    if (node.attrs.mode === "bilinear") return buildBilinear(node, site, to, from);
    const isWhole = to.height % from.height === 0 && to.width % from.width === 0;
    return (isWhole ? buildRepeated : buildNearest)(node, site, to, from);
  },
};
