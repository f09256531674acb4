import { type Graph, type Node, operandsOf } from "../../ir/graph.js";
import { describeNode } from "../../ir/print.js";
import { printType } from "../../ir/types.js";

/** A box of the picture; `x` and `y` are its middle, all sizes in pixels. */
export interface Box {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
  /** Title, details and result, a line each; empty ones left out. */
  readonly lines: readonly string[];
  /** The operator, or `output`. */
  readonly kind: string;
  /** The parameter path. */
  readonly name: string;
}

/** A line from box to box. */
export type Course = readonly { readonly x: number; readonly y: number }[];

/** A graph with a place for everything. */
export interface Laid {
  readonly width: number;
  readonly height: number;
  readonly boxes: readonly Box[];
  readonly courses: readonly Course[];
}

/** Pixels of one character, and of one line of text. */
const character = 6.6;
export const lineHeight = 14;

/** The longest line of a box, in characters. */
const longest = 40;

const cut = (text: string): string =>
  text.length > longest ? `${text.slice(0, longest - 1)}…` : text;

const isLeaf = ({ op }: Node): boolean => op === "constant" || op === "parameter";

function linesOf(node: Node): string[] {
  const { title, details } = describeNode(node);
  const name = node.op === "input" ? node.attrs.name : node.name;
  const detail = node.op === "input" ? "" : details;
  const type = node.results.map((value) => printType(value.type)).join(" ");
  return [name === "" ? title : `${title} · ${name}`, detail, type]
    .filter((line) => line !== "")
    .map(cut);
}

/** What the layout library tells of the whole and of a box. */
type Size = Pick<Box, "width" | "height">;
type Place = Size & Pick<Box, "x" | "y">;

/** Gives each node a place, operands above readers; constants are left out. */
export async function layOut(graph: Graph): Promise<Laid> {
  const { Graph: Drawing, layout } = await import("@dagrejs/dagre");
  const drawing = new Drawing();
  drawing.setGraph({ rankdir: "TB", nodesep: 18, ranksep: 26, marginx: 12, marginy: 12 });
  drawing.setDefaultEdgeLabel(() => ({}));
  const faces = new Map<string, Pick<Box, "lines" | "kind" | "name">>();
  const add = (id: string, face: Pick<Box, "lines" | "kind" | "name">): void => {
    faces.set(id, face);
    const width = 18 + character * Math.max(...face.lines.map((line) => line.length));
    drawing.setNode(id, { width, height: 10 + lineHeight * face.lines.length });
  };
  const ids = new Map<Node, string>();
  for (const node of graph.nodes) {
    if (isLeaf(node)) continue;
    const id = `n${ids.size}`;
    ids.set(node, id);
    add(id, { lines: linesOf(node), kind: node.op, name: node.name });
    for (const { node: operand } of operandsOf(node)) {
      const from = ids.get(operand);
      if (from) drawing.setEdge(from, id);
    }
  }
  graph.outputs.forEach(({ name, value }, index) => {
    add(`out${index}`, { lines: [cut(`output · ${name}`)], kind: "output", name });
    const from = ids.get(value.node);
    if (from) drawing.setEdge(from, `out${index}`);
  });
  layout(drawing);
  const size: Size = drawing.graph();
  const ordered: readonly string[] = drawing.nodes();
  const boxes = ordered.map((id) => {
    const place: Place = drawing.node(id);
    return { ...place, ...faces.get(id)! };
  });
  const edges: readonly { v: string; w: string }[] = drawing.edges();
  const courses = edges.map((edge) => {
    const { points }: { readonly points: Course } = drawing.edge(edge);
    return points;
  });
  return { width: size.width, height: size.height, boxes, courses };
}
