import { visible } from "../../diagnostics/visible.js";
import type { Graph } from "../../ir/graph.js";
import type { OpName } from "../../ir/ops/index.js";
import { type Box, type Course, type Laid, layOut, lineHeight } from "./lay-out.js";

/** One graph of a picture, with a title above it. */
export interface Drawn {
  readonly title: string;
  readonly graph: Graph;
}

/** Colours of boxes by what they do; whatever has no entry is plain. */
const fills: { readonly [K in OpName | "output"]?: string } = {
  input: "#d9ead3",
  output: "#d9ead3",
  conv2d: "#cfe2f3",
  deconv2d: "#cfe2f3",
  linear: "#cfe2f3",
  maxPool: "#fff2cc",
  avgPool: "#fff2cc",
  reduce: "#fff2cc",
  resize: "#fff2cc",
  batchNorm: "#ead1dc",
  groupNorm: "#ead1dc",
  lrn: "#ead1dc",
  binary: "#fce5cd",
};

/** Pixels above a graph, for its title, and between graphs. */
const titleHeight = 34;
const gap = 40;

/**
 * Graphs side by side as one SVG picture: a box a node with its operator, parameter path, attributes and
 * result; boxes whose parameter path is in `marked` have a thick border.
 */
export async function drawSvg(
  graphs: readonly Drawn[],
  marked: ReadonlySet<string> = new Set(),
): Promise<string> {
  const laid = await Promise.all(graphs.map(({ graph }) => layOut(graph)));
  const width = laid.reduce((sum, { width }) => sum + width + gap, -gap);
  const height = titleHeight + Math.max(...laid.map(({ height }) => height));
  let left = 0;
  const parts = laid.map((graph, index) => {
    const part = drawGraph(graph, graphs[index]!.title, left, marked);
    left += graph.width + gap;
    return part;
  });
  const size = `width="${round(width)}" height="${round(height)}"`;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" ${size} viewBox="0 0 ${round(width)} ${round(height)}">`,
    "<style>",
    "  text { font: 11px ui-monospace, Menlo, Consolas, monospace; fill: #222 }",
    "  .title { font-size: 15px; font-weight: bold }",
    "  .name { font-weight: bold } .details { fill: #555 }",
    "  rect { stroke: #888; stroke-width: 1 } .marked rect { stroke: #c00; stroke-width: 2.5 }",
    "  path { fill: none; stroke: #666 }",
    "</style>",
    '<defs><marker id="tip" viewBox="0 0 8 8" refX="8" refY="4" markerWidth="7" markerHeight="7" orient="auto"><path d="M0 0L8 4L0 8z" style="fill: #666; stroke: none"/></marker></defs>',
    `<rect width="100%" height="100%" style="fill: #fff; stroke: none"/>`,
    ...parts,
    "</svg>",
  ].join("\n");
}

function drawGraph(
  { boxes, courses }: Laid,
  title: string,
  left: number,
  marked: ReadonlySet<string>,
): string {
  return [
    `<g transform="translate(${round(left)} ${titleHeight})">`,
    `<text class="title" x="12" y="-12">${escapeText(title)}</text>`,
    ...courses.map(drawCourse),
    ...boxes.map((box) => drawBox(box, marked.has(box.name))),
    "</g>",
  ].join("\n");
}

function drawBox({ x, y, width, height, lines, kind }: Box, isMarked: boolean): string {
  const [left, top] = [x - width / 2, y - height / 2];
  const fill = Object.entries(fills).find(([name]) => name === kind)?.[1] ?? "#f3f3f3";
  const place = `x="${round(left)}" y="${round(top)}" width="${round(width)}" height="${round(height)}"`;
  const texts = lines.map((line, index) => {
    const role = index === 0 ? "name" : "details";
    const at = `x="${round(left + 9)}" y="${round(top + 4 + lineHeight * (index + 0.75))}"`;
    return `<text class="${role}" ${at}>${escapeText(line)}</text>`;
  });
  const mark = isMarked ? ' class="marked"' : "";
  return `<g${mark}><rect ${place} rx="5" fill="${fill}"/>${texts.join("")}</g>`;
}

function drawCourse(points: Course): string {
  const [start, ...others] = points.map(({ x, y }) => `${round(x)} ${round(y)}`);
  return `<path d="M${start}${others.map((point) => `L${point}`).join("")}" marker-end="url(#tip)"/>`;
}

const round = (pixels: number): string => String(Math.round(pixels * 10) / 10);

/** Text that cannot become markup. */
const escapeText = (text: string): string =>
  visible(text).replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
