import { expect, test } from "vitest";
import { expectClose } from "../../support/close.js";
import { noise } from "../../support/noise.js";
import { bound, read, run, said, weightsFile } from "./read.js";

const net = (channels: number, height: number, width = height) =>
  `[net]\nheight=${height}\nwidth=${width}\nchannels=${channels}\n`;

const small = `${net(2, 4)}[convolutional]\nfilters=3\nsize=3\npad=1\nactivation=leaky\n[maxpool]\nsize=2\nstride=2\n[cost]\n`;

test("parameters are named after their layers, and the model after its file", () => {
  const { graph, tensors } = read(small, { weights: weightsFile(noise(57, 1)) });
  expect(graph.name).toBe("net");
  expect(graph.inputs.map(({ name, value }) => [name, value.type.shape])).toEqual([
    ["input", [1, 2, 4, 4]],
  ]);
  const shapes = [...tensors].map(([path, { shape }]) => [path, shape]);
  expect(new Map(shapes as [string, number[]][])).toEqual(
    new Map([
      ["conv0.bias", [3]],
      ["conv0.weight", [3, 2, 3, 3]],
    ]),
  );
});

test("the output is the last layer that is no cost, named after it", () => {
  expect(read(small).graph.outputs.map(({ name }) => name)).toEqual(["maxpool_1"]);
});

test("a batch stands in front", () => {
  expect(bound(small, { batch: 3 }).outputs[0]?.value.type.shape).toEqual([3, 3, 2, 2]);
});

test("a network of vectors has them as input", () => {
  const { graph } = read("[net]\ninputs=5\n[connected]\noutput=2\n[softmax]\n");
  expect(graph.inputs[0]?.value.type.shape).toEqual([1, 5]);
  expect(graph.outputs[0]?.value.type.shape).toEqual([1, 2]);
});

test("tensors of layers that no output needs are left out", () => {
  const conv = "[convolutional]\nactivation=linear\n";
  const cfg = `${net(1, 1)}${conv}${conv}[route]\nlayers=0\n[activation]\n`;
  expect([...read(cfg, { weights: weightsFile([0, 1, 2, 3]) }).tensors.keys()].sort()).toEqual([
    "conv0.bias",
    "conv0.weight",
  ]);
});

test.each([
  ["short", 56],
  ["long", 58],
])("a weights file that is too %s is told with both sizes", (_, numbers) => {
  const message = said(small, { weights: weightsFile(noise(numbers, 1)) });
  expect(message).toContain(
    `net.weights: the network takes ${20 + 57 * 4} bytes of weights (version 0.2, header included), the file has ${20 + numbers * 4}`,
  );
});

test("an empty weights file is too short", () => {
  expect(said(small, { weights: new Uint8Array(0) })).toContain("the file has 0");
});

const classes = 3;
const head = (kind: string, keys: string) =>
  `${net(2, 6, 9)}[maxpool]\nsize=3\nstride=3\npadding=0\n[convolutional]\nfilters=16\nactivation=linear\n[${kind}]\nclasses=${classes}\n${keys}`;
const yolo = head("yolo", "num=3\nmask=0,2\nanchors=1,2, 3,4, 5,6\nscale_x_y=1.2\n");

test("a head's raw output is what the layer before it gives", () => {
  const { graph } = read(yolo);
  expect(graph.outputs.map(({ name, value }) => [name, value.type.shape])).toEqual([
    ["conv_1", [1, 16, 2, 3]],
  ]);
});

const sigmoid = (x: number): number => 1 / (1 + Math.exp(-x));

/** Boxes by Darknet's formulas, for 2x3 cells and two anchors. */
function boxes(
  raw: ArrayLike<number>,
  row: (t: number[], anchor: number, y: number, x: number) => number[],
) {
  const rows: number[] = [];
  for (let cell = 0; cell < 6; cell++) {
    for (const anchor of [0, 1]) {
      const t = Array.from({ length: 8 }, (_, i) => raw[(anchor * 8 + i) * 6 + cell]!);
      rows.push(...row(t, anchor, Math.floor(cell / 3), cell % 3));
    }
  }
  return rows;
}

const input = noise(108, 11);

test("boxes of a yolo head are decoded by its formulas", () => {
  const raw = run(yolo, input).get("conv_1")!.data;
  const actual = run(yolo, input, { decode: true }).get("yolo_2")!;
  expect(actual.shape).toEqual([1, 12, 8]);
  const anchors = [
    [1, 2],
    [5, 6],
  ];
  const expected = boxes(raw, ([tx, ty, tw, th, to, ...scores], a, y, x) => [
    (sigmoid(tx!) * 1.2 - 0.1 + x) / 3,
    (sigmoid(ty!) * 1.2 - 0.1 + y) / 2,
    (Math.exp(tw!) * anchors[a]![0]!) / 9,
    (Math.exp(th!) * anchors[a]![1]!) / 6,
    sigmoid(to!),
    ...scores.map((score) => sigmoid(score) * sigmoid(to!)),
  ]);
  expectClose(actual.data, expected);
});

test("a yolo head with new coordinates squares sizes and takes no sigmoid", () => {
  const cfg = `${yolo}new_coords=1\n`;
  const raw = run(cfg, input).get("conv_1")!.data;
  const expected = boxes(raw, ([tx, ty, tw, th, to, ...scores], a, y, x) => [
    (tx! * 1.2 - 0.1 + x) / 3,
    (ty! * 1.2 - 0.1 + y) / 2,
    ((2 * tw!) ** 2 * [1, 5][a]!) / 9,
    ((2 * th!) ** 2 * [2, 6][a]!) / 6,
    to!,
    ...scores.map((score) => score * to!),
  ]);
  expectClose(run(cfg, input, { decode: true }).get("yolo_2")!.data, expected);
});

test.each([0, 1])("anchors of a region head are in cells, its classes by softmax=%d", (softmax) => {
  const cfg = head("region", `num=2\nanchors=1,2, 3,4\nsoftmax=${softmax}\n`);
  const raw = run(cfg, input).get("conv_1")!.data;
  const expected = boxes(raw, ([tx, ty, tw, th, to, ...logits], a, y, x) => {
    const sum = logits.reduce((total, logit) => total + Math.exp(logit), 0);
    const score = (logit: number) => (softmax ? Math.exp(logit) / sum : sigmoid(logit));
    return [
      (sigmoid(tx!) + x) / 3,
      (sigmoid(ty!) + y) / 2,
      (Math.exp(tw!) * [1, 3][a]!) / 3,
      (Math.exp(th!) * [2, 4][a]!) / 2,
      sigmoid(to!),
      ...logits.map((logit) => score(logit) * sigmoid(to!)),
    ];
  });
  expectClose(run(cfg, input, { decode: true }).get("region_2")!.data, expected);
});

test("decoding needs a head that can be decoded", () => {
  expect(said(small, { decode: true })).toContain("CNN501");
  const gaussian = head("Gaussian_yolo", "num=2\n");
  expect(said(gaussian, { decode: true })).toContain("boxes of [Gaussian_yolo] cannot be decoded");
  expect(read(gaussian).graph.outputs.map(({ name }) => name)).toEqual(["conv_1"]);
});

test("several heads are several outputs, and a layer behind them that is no head is one too", () => {
  const conv = "[convolutional]\nfilters=16\nactivation=linear\n";
  const cfg = `${yolo}[route]\nlayers=0\n${conv}[yolo]\nclasses=3\nnum=2\n[route]\nlayers=0\n[avgpool]\n`;
  const names = read(cfg).graph.outputs.map(({ name }) => name);
  expect(names).toEqual(["conv_1", "conv_4", "avgpool_7"]);
});
