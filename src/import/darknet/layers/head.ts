import { build } from "../../../ir/build.js";
import type { Value } from "../../../ir/graph.js";
import { LayerError, type LayerReader, type Site } from "../layer.js";
import type { Options } from "../options.js";
import { asImage, binary, concat, reshape, slice, transpose, unary } from "../values.js";

/** What a detection head needs to turn numbers into boxes. */
interface Head {
  readonly anchors: readonly (readonly [number, number])[];
  readonly classes: number;
  /** What anchors are divided by: the network's input, or the cells of the head. */
  readonly unit: (site: Site, cells: readonly [number, number]) => readonly [number, number];
  /** The part of the cell that a box's centre may lie in: `σ · s − (s − 1) / 2`. */
  readonly scale: number;
  /** The convolution's numbers are ready: no sigmoid, sizes are `(2 t)²` instead of `exp(t)`. */
  readonly isNew: boolean;
  readonly classesBy: "sigmoid" | "softmax";
}

/**
 * YOLO's head. Raw, it is the layer before; decoded, rows `[x, y, w, h, objectness, class scores …]`
 * for each cell and anchor, in the order of cells by rows and columns and then anchors. Boxes are by
 * their centre, in parts of the image; class scores are multiplied by the objectness.
 */
export const yolo: LayerReader = (options) => {
  const classes = options.whole("classes", 20, { least: 1 });
  const count = options.whole("num", 1, { least: 1, most: 1000 });
  const all = readAnchors(options, count, 0.5);
  const mask = options.wholes("mask") ?? all.map((_, at) => at);
  const scale = options.number("scale_x_y", 1);
  const isNew = options.flag("new_coords");
  return (site) => {
    const wrong = mask.find((at) => at < 0 || at >= all.length);
    if (wrong !== undefined)
      throw new LayerError(`mask names anchor ${wrong}, there are ${all.length}`);
    const anchors = mask.map((at) => all[at]!);
    const unit = () => [site.net.height, site.net.width] as const;
    return headOf("yolo", site, { anchors, classes, unit, scale, isNew, classesBy: "sigmoid" }, 4);
  };
};

/** The head of YOLO's second version; its anchors are measured in cells. */
export const region: LayerReader = (options) => {
  const classes = options.whole("classes", 20, { least: 1 });
  const coords = options.whole("coords", 4, { least: 1, most: 1000 });
  const anchors = readAnchors(options, options.whole("num", 1, { least: 1, most: 1000 }), 0.5);
  const classesBy = options.flag("softmax") ? "softmax" : "sigmoid";
  return (site) => {
    const unit = (_: Site, cells: readonly [number, number]) => cells;
    const head = { anchors, classes, unit, scale: 1, isNew: false, classesBy } as const;
    return headOf("region", site, head, coords);
  };
};

/** Pairs of width and height. */
function readAnchors(options: Options, count: number, otherwise: number): [number, number][] {
  const numbers = options.numbers("anchors") ?? [];
  return Array.from({ length: count }, (_, at) => [
    numbers[2 * at] ?? otherwise,
    numbers[2 * at + 1] ?? otherwise,
  ]);
}

function headOf(kind: string, site: Site, head: Head, coords: number) {
  const [input, [, c, h, w]] = asImage(site.input);
  const wanted = head.anchors.length * (coords + 1 + head.classes);
  if (c !== wanted) {
    const each = `${coords} + 1 + ${head.classes}`;
    throw new LayerError(
      `${c} channels arrive, but ${head.anchors.length} anchors with ${each} numbers take ${wanted}`,
    );
  }
  if (!site.decode)
    return { value: undefined, output: { name: `conv_${site.index - 1}`, value: site.input } };
  if (coords !== 4)
    throw new LayerError(`boxes of ${coords} coordinates cannot be decoded, only of 4`);
  const name = `${kind}_${site.index}`;
  return { value: undefined, output: { name, value: decoded(input, site, head, [h, w], name) } };
}

function decoded(
  input: Value,
  site: Site,
  head: Head,
  [h, w]: readonly [number, number],
  name: string,
): Value {
  const { anchors, classes, isNew, classesBy } = head;
  const images = input.type.shape[0]!;
  const size = 5 + classes;
  const parts = reshape(input, [images, anchors.length, size, h, w]);
  const sigmoid = (value: Value) => (isNew ? value : unary(value, { kind: "sigmoid" }));
  const objectness = sigmoid(slice(parts, 2, 4, 5));
  const logits = slice(parts, 2, 5, size);
  const scores =
    classesBy === "softmax"
      ? build("softmax", { input: logits }, { axis: 2, log: false })
      : sigmoid(logits);
  const centre = sigmoid(slice(parts, 2, 0, 2));
  const rows = concat(
    [
      centres(site, centre, head.scale),
      sizes(site, slice(parts, 2, 2, 4), head, head.unit(site, [h, w])),
      objectness,
      binary("mul", scores, objectness),
    ],
    2,
  );
  return reshape(transpose(rows, [0, 3, 4, 1, 2]), [images, h * w * anchors.length, size], name);
}

/** `(cell + part of it) / cells`, along the rows and along the columns. */
function centres(site: Site, parts: Value, scale: number): Value {
  const [, , , h, w] = parts.type.shape as [number, number, number, number, number];
  const scaled = scale === 1 ? parts : binary("sub", binary("mul", parts, scale), (scale - 1) / 2);
  const place = (axis: number, count: number, shape: readonly number[]): Value => {
    const cells = site.literal(shape, (at) => at);
    return binary("mul", binary("add", slice(scaled, 2, axis, axis + 1), cells), 1 / count);
  };
  return concat([place(0, w, [w]), place(1, h, [h, 1])], 2);
}

/** Widths and heights: anchors times a function of what arrives. */
function sizes(
  site: Site,
  t: Value,
  { anchors, isNew }: Head,
  [height, width]: readonly [number, number],
): Value {
  const factor = isNew ? 4 : 1;
  const data = anchors.flatMap(([w, h]) => [(factor * w) / width, (factor * h) / height]);
  const grown = isNew ? binary("mul", t, t) : unary(t, { kind: "exp" });
  return binary(
    "mul",
    grown,
    site.literal([anchors.length, 2, 1, 1], (at) => data[at]!),
  );
}

/** Heads of which only what arrives is given. */
export const rawHead: LayerReader = (options) => {
  return (site) => {
    if (site.decode) throw new LayerError(`boxes of ${options.section.type} cannot be decoded`);
    return { value: undefined, output: { name: `conv_${site.index - 1}`, value: site.input } };
  };
};
