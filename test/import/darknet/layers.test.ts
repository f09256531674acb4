import { expect, test } from "vitest";
import { activations } from "../../../src/import/darknet/activation.js";
import { expectClose } from "../../support/close.js";
import { noise } from "../../support/noise.js";
import { run, type Surroundings, weightsFile } from "./read.js";

const net = (channels: number, height: number, width = height) =>
  `[net]\nheight=${height}\nwidth=${width}\nchannels=${channels}\n`;

/** The only output of a network. */
function only(cfg: string, input: Float32Array, surroundings: Surroundings = {}) {
  const outputs = [...run(cfg, input, surroundings).values()];
  expect(outputs.length).toBe(1);
  return outputs[0]!;
}

test("a convolution's bias stands in front of its weights", () => {
  const cfg = `${net(1, 1, 3)}[convolutional]\nactivation=linear\n`;
  const weights = weightsFile([0.5, 3]);
  expectClose(only(cfg, Float32Array.of(1, -2, 4), { weights }).data, [3.5, -5.5, 12.5]);
});

test("batch normalisation's numbers stand as shift, scale, mean, variance in front of the weights", () => {
  const cfg = `${net(1, 1, 3)}[convolutional]\nbatch_normalize=1\nactivation=linear\n`;
  const weights = weightsFile([0.5, 7, 0.25, 1e-6, 3]);
  const input = [1, -2, 4];
  const expected = input.map((x) => 0.5 + (7 * (3 * x - 0.25)) / Math.sqrt(1e-6 + 1e-6));
  expectClose(only(cfg, Float32Array.from(input), { weights }).data, expected);
});

test("flipped weights are stored column by column", () => {
  const cfg = `${net(3, 1)}[convolutional]\nfilters=2\nactivation=linear\nflipped=1\n`;
  const weights = weightsFile([0, 0, 1, 2, 3, 4, 5, 6]);
  expectClose(only(cfg, Float32Array.of(1, 10, 100), { weights }).data, [531, 642]);
});

test("matrices of connected layers are stored column by column in old files only", () => {
  const cfg = `${net(3, 1)}[connected]\noutput=2\nactivation=linear\n`;
  const numbers = [0, 0, 1, 2, 3, 4, 5, 6];
  const input = Float32Array.of(1, 10, 100);
  expectClose(only(cfg, input, { weights: weightsFile(numbers) }).data, [321, 654]);
  const old = weightsFile(numbers, [1001, 0], 16);
  expectClose(only(cfg, input, { weights: old }).data, [531, 642]);
});

test("files before version 0.2 have a header of 16 bytes", () => {
  const cfg = `${net(1, 1)}[convolutional]\nactivation=linear\n`;
  const weights = weightsFile([0.5, 3], [0, 1], 16);
  expectClose(only(cfg, Float32Array.of(2), { weights }).data, [6.5]);
});

test("a connected layer normalises with what stands behind its matrix", () => {
  const cfg = `${net(2, 1)}[connected]\noutput=1\nactivation=linear\nbatch_normalize=1\n`;
  const weights = weightsFile([0.5, 3, 5, 7, 0.25, 4]);
  const expected = 0.5 + (7 * (3 * 2 + 5 * 11 - 0.25)) / Math.sqrt(4 + 1e-6);
  expectClose(only(cfg, Float32Array.of(2, 11), { weights }).data, [expected]);
});

/** `[c, h, w]` numbers, read with zeros around. */
const at = (data: ArrayLike<number>, [c, h, w]: readonly number[]) => {
  return (k: number, y: number, x: number): number =>
    k < 0 || k >= c! || y < 0 || y >= h! || x < 0 || x >= w! ? 0 : data[(k * h! + y) * w! + x]!;
};

/** All numbers of `[c, h, w]` by a formula. */
const fill = (
  [c, h, w]: readonly [number, number, number],
  of: (k: number, y: number, x: number) => number,
): number[] =>
  Array.from({ length: c * h * w }, (_, i) =>
    of(Math.floor(i / (h * w)), Math.floor(i / w) % h, i % w),
  );

test.each([
  { name: "half the kernel where pad is set", keys: "size=3\npad=1", pad: 1, size: 3 },
  { name: "as padding says where it is not", keys: "size=3\npadding=2", pad: 2, size: 3 },
  {
    name: "half the kernel times the dilation",
    keys: "size=3\npad=1\ndilation=2",
    pad: 2,
    size: 3,
    dilation: 2,
  },
])("a convolution is padded $name", ({ keys, pad, size, dilation = 1 }) => {
  const cfg = `${net(1, 6, 5)}[convolutional]\nactivation=linear\nstride_y=2\n${keys}\n`;
  const numbers = noise(1 + size * size, 3);
  const input = noise(30, 4);
  const pixel = at(input, [1, 6, 5]);
  const rows = Math.floor((6 + 2 * pad - dilation * (size - 1) - 1) / 2) + 1;
  const columns = 5 + 2 * pad - dilation * (size - 1);
  const expected = fill([1, rows, columns], (_, y, x) => {
    let sum = numbers[0]!;
    for (let tap = 0; tap < size * size; tap++) {
      const [i, j] = [Math.floor(tap / size) * dilation, (tap % size) * dilation];
      sum += numbers[1 + tap]! * pixel(0, 2 * y + i - pad, x + j - pad);
    }
    return sum;
  });
  const actual = only(cfg, input, { weights: weightsFile(numbers) });
  expect(actual.shape).toEqual([1, 1, rows, columns]);
  expectClose(actual.data, expected);
});

test("groups of a convolution see their own channels", () => {
  const cfg = `${net(4, 1)}[convolutional]\nfilters=2\ngroups=2\nactivation=linear\n`;
  const weights = weightsFile([0, 0, 1, 2, 3, 4]);
  expectClose(only(cfg, Float32Array.of(1, 10, 100, 1000), { weights }).data, [21, 4300]);
});

test("a convolution with share_index has another's numbers", () => {
  const conv = "[convolutional]\nactivation=linear\n";
  const cfg = `${net(1, 1)}${conv}${conv}share_index=-1\n`;
  expectClose(only(cfg, Float32Array.of(2), { weights: weightsFile([0.5, 3]) }).data, [20]);
});

test("antialiasing blurs by 1 2 1 and takes the stride", () => {
  const cfg = `${net(1, 3)}[convolutional]\nactivation=linear\nantialiasing=1\nstride=2\n`;
  const input = noise(9, 5);
  const pixel = at(input, [1, 3, 3]);
  const weight = [1, 2, 1];
  const expected = fill([1, 2, 2], (_, y, x) =>
    weight
      .flatMap((a, i) =>
        weight.map((b, j) => (a * b * pixel(0, 2 * y + i - 1, 2 * x + j - 1)) / 16),
      )
      .reduce((sum, part) => sum + part),
  );
  expectClose(only(cfg, input, { weights: weightsFile([0, 1]) }).data, expected);
});

test.each([
  { size: 2, stride: 2, height: 5 },
  { size: 2, stride: 1, height: 5 },
  { size: 3, stride: 2, height: 6 },
  { size: 3, stride: 2, height: 7, padding: 0 },
  { size: 5, stride: 1, height: 4 },
  { size: 3, stride: 1, height: 4, padding: 3 },
])("pools clip windows that begin half the padding outside: $size/$stride on $height", (pool) => {
  const { size, stride, height, padding = size - 1 } = pool;
  const input = noise(height * height, 9);
  const keys = `size=${size}\nstride=${stride}\n${pool.padding === undefined ? "" : `padding=${padding}\n`}`;
  const count = Math.floor((height + padding - size) / stride) + 1;
  const seen = (y: number, x: number): number[] => {
    const values: number[] = [];
    for (let tap = 0; tap < size * size; tap++) {
      const row = y * stride - Math.floor(padding / 2) + Math.floor(tap / size);
      const column = x * stride - Math.floor(padding / 2) + (tap % size);
      const isInside = row >= 0 && row < height && column >= 0 && column < height;
      if (isInside) values.push(input[row * height + column]!);
    }
    return values;
  };
  const largest = fill([1, count, count], (_, y, x) => Math.max(...seen(y, x)));
  expectClose(only(`${net(1, height)}[maxpool]\n${keys}`, input).data, largest);
  const mean = fill([1, count, count], (_, y, x) => {
    const values = seen(y, x);
    return values.reduce((sum, value) => sum + value) / values.length;
  });
  expectClose(only(`${net(1, height)}[local_avgpool]\n${keys}`, input).data, mean);
});

test("a pool over depth takes the largest of every so many channels", () => {
  const cfg = `${net(6, 1)}[maxpool]\nmaxpool_depth=1\nout_channels=2\n`;
  expectClose(only(cfg, Float32Array.of(1, 6, 5, 2, 3, 4)).data, [5, 6]);
});

test("avgpool is the mean of each channel", () => {
  const { shape, data } = only(`${net(2, 1, 2)}[avgpool]\n`, Float32Array.of(1, 3, 5, 9));
  expect(shape).toEqual([1, 2, 1, 1]);
  expectClose(data, [2, 7]);
});

test("a route joins layers, or one part of each", () => {
  const twice = "[activation]\nactivation=ramp\n";
  const input = Float32Array.of(1, 2, 3, 4);
  const ramp = [...input].map((x) => 1.1 * x);
  const joined = `${net(4, 1)}[dropout]\n${twice}[route]\nlayers=-1, 0\n`;
  expectClose(only(joined, input).data, [...ramp, 1, 2, 3, 4]);
  const parts = `${joined}groups=2\ngroup_id=1\n`;
  expectClose(only(parts, input).data, [...ramp.slice(2), 3, 4]);
});

/** The first `c` channels of the middle of a 4x6x6 image, as sections. */
const partOf = ([c, h, w]: readonly number[]) =>
  `[crop]\ncrop_height=${h}\ncrop_width=${w}\nnoadjust=1\n[route]\nlayers=-1\ngroups=${4 / c!}\n`;

test.each([
  { name: "larger, at every second pixel", from: [4, 4, 6], to: [4, 2, 3] },
  { name: "smaller, to every second pixel", from: [4, 2, 2], to: [4, 5, 4] },
  { name: "of fewer channels", from: [2, 3, 3], to: [4, 3, 3] },
  { name: "of more channels", from: [4, 3, 3], to: [2, 3, 3] },
] as const)("a shortcut adds an image that is $name", ({ from, to }) => {
  const cfg = `${net(4, 6)}[dropout]\n${partOf(from)}[route]\nlayers=0\n${partOf(to)}[shortcut]\nfrom=2\n`;
  const input = noise(4 * 36, 6);
  const part = ([, h, w]: readonly number[]) => {
    const [top, left] = [Math.floor((6 - h!) / 2), Math.floor((6 - w!) / 2)];
    return (k: number, y: number, x: number) => at(input, [4, 6, 6])(k, y + top, x + left);
  };
  const stride = Math.max(1, Math.floor(from[2] / to[2]));
  const step = Math.max(1, Math.floor(to[2] / from[2]));
  const expected = fill(to, (k, y, x) => {
    const [row, column] = [y / step, x / step];
    const isOn = Number.isInteger(row) && Number.isInteger(column);
    const isInside = k < from[0] && row * stride < from[1] && column * stride < from[2];
    const added = isOn && isInside ? part(from)(k, row * stride, column * stride) : 0;
    return part(to)(k, y, x) + added;
  });
  expectClose(only(cfg, input).data, expected);
});

test.each([
  ["none", (w: number[]) => w],
  ["relu", (w: number[]) => share(w.map((x) => Math.max(x, 0)))],
  ["softmax", (w: number[]) => share(w.map((x) => Math.exp(x - Math.max(...w))))],
] as const)("a shortcut's weights are normalised by %s", (kind, normalise) => {
  const layer = "[activation]\nactivation=ramp\n";
  const cfg = `${net(2, 1)}[dropout]\n${layer}[shortcut]\nfrom=0\nweights_type=per_channel\nweights_normalization=${kind}\n`;
  const [a, b] = [2, 3];
  // By summand, then by channel.
  const weights = weightsFile([0.5, -1, 2, 4]);
  const [first, second] = [normalise([0.5, 2]), normalise([-1, 4])];
  const expected = [1.1 * a * first[0]! + a * first[1]!, 1.1 * b * second[0]! + b * second[1]!];
  expectClose(only(cfg, Float32Array.of(a, b), { weights }).data, expected);
});

/** Each number's share of the sum, to which a little is added. */
const share = (numbers: readonly number[]): number[] =>
  numbers.map((x) => x / (numbers.reduce((sum, y) => sum + y, 0) + 0.0001));

test("a shortcut activates the sum, and alpha and beta are its factors", () => {
  const cfg = `${net(1, 1, 2)}[dropout]\n[activation]\nactivation=ramp\n[shortcut]\nfrom=0\nalpha=2\nbeta=3\nactivation=leaky\n`;
  const ramp = (x: number) => (x > 0 ? 1.1 * x : 0.1 * x);
  const expected = [1, -2].map((x) => 2 * ramp(x) + 3 * x).map((x) => (x > 0 ? x : 0.1 * x));
  expectClose(only(cfg, Float32Array.of(1, -2)).data, expected);
});

test("channels are scaled by a vector, pixels by an image of one channel", () => {
  const channels = `${net(2, 1, 2)}[dropout]\n[avgpool]\n[scale_channels]\nfrom=0\n`;
  expectClose(only(channels, Float32Array.of(1, 3, 5, 9)).data, [2, 6, 35, 63]);
  const pixels = `${net(2, 1, 2)}[dropout]\n[maxpool]\nmaxpool_depth=1\n[scale_channels]\nfrom=0\nscale_wh=1\n`;
  expectClose(only(pixels, Float32Array.of(1, 3, 5, 2)).data, [5, 9, 25, 6]);
});

test("sam multiplies number by number", () => {
  const cfg = `${net(2, 1)}[dropout]\n[activation]\nactivation=ramp\n[sam]\nfrom=0\n`;
  expectClose(only(cfg, Float32Array.of(2, -3)).data, [4.4, 0.9]);
});

test("upsampling repeats pixels, with a negative stride it sums them, times a scale", () => {
  const up = `${net(1, 1, 2)}[upsample]\nstride=2\nscale=3\n`;
  expectClose(only(up, Float32Array.of(1, 2)).data, [3, 3, 6, 6, 3, 3, 6, 6]);
  const down = `${net(1, 2, 4)}[upsample]\nstride=-2\nscale=3\n`;
  expectClose(only(down, Float32Array.of(1, 2, 3, 4, 5, 6, 7, 8)).data, [42, 66]);
});

/** Darknet's reordering of `[c, h, w]` numbers: the place that number `(k, j, i)` meets. */
function partner(k: number, j: number, i: number, [c, h, w]: readonly number[], s: number): number {
  const inner = c! / (s * s);
  const [channel, offset] = [k % inner, Math.floor(k / inner)];
  const [row, column] = [j * s + Math.floor(offset / s), i * s + (offset % s)];
  return column + w! * s * (row + h! * s * channel);
}

test("reorg reads its numbers as an image with fewer channels and more pixels", () => {
  const shape = [8, 4, 6] as const;
  const input = noise(192, 7);
  const forth = only(`${net(...shape)}[reorg]\nstride=2\n`, input);
  const expected = fill(shape, (k, j, i) => input[partner(k, j, i, shape, 2)]!);
  expect(forth.shape).toEqual([1, 32, 2, 3]);
  expectClose(forth.data, expected);
  const back = only(`${net(...shape)}[reorg]\nstride=2\nreverse=1\n`, input);
  expect(back.shape).toEqual([1, 2, 8, 12]);
  const scattered = new Float64Array(192);
  fill(shape, (k, j, i) => {
    scattered[partner(k, j, i, shape, 2)] = input[(k * 4 + j) * 6 + i]!;
    return 0;
  });
  expectClose(back.data, scattered);
});

test("reorg3d makes channels of the pixels of each square", () => {
  const input = noise(3 * 4 * 6, 8);
  const { shape, data } = only(`${net(3, 4, 6)}[reorg3d]\nstride=2\n`, input);
  expect(shape).toEqual([1, 12, 2, 3]);
  const expected = fill([12, 2, 3], (k, y, x) => {
    const offset = Math.floor(k / 3);
    return at(input, [3, 4, 6])(k % 3, 2 * y + Math.floor(offset / 2), 2 * x + (offset % 2));
  });
  expectClose(data, expected);
  const there = "[reorg3d]\nstride=2\n";
  expectClose(only(`${net(3, 4, 6)}${there}${there}reverse=1\n`, input).data, input);
});

test("crop takes the middle and stretches 0..1 to -1..1", () => {
  const cfg = `${net(1, 3, 4)}[crop]\ncrop_height=1\ncrop_width=1\n`;
  const input = Float32Array.from({ length: 12 }, (_, i) => i / 10);
  expectClose(only(cfg, input).data, [0]);
  expectClose(only(`${cfg}noadjust=1\n`, input).data, [0.5]);
});

test("softmax runs over parts of a vector, or over the channels of each pixel", () => {
  const input = Float32Array.of(1, 2, 3, 5);
  const pair = (x: number, y: number) => 1 / (1 + Math.exp(y - x));
  const groups = only(`${net(4, 1)}[softmax]\ngroups=2\ntemperature=2\n`, input);
  expect(groups.shape).toEqual([1, 4]);
  expectClose(groups.data, [pair(0.5, 1), pair(1, 0.5), pair(1.5, 2.5), pair(2.5, 1.5)]);
  const spatial = only(`${net(2, 1, 2)}[softmax]\nspatial=1\n`, input).data;
  expectClose(spatial, [pair(1, 3), pair(2, 5), pair(3, 1), pair(5, 2)]);
});

test("response normalisation has Darknet's running sum", () => {
  const [alpha, kappa, beta, size] = [0.25, 2, 0.5, 5];
  const input = noise(9, 10);
  const squares = [...input].map((x) => x * x);
  let sum = kappa + alpha * (squares[0]! + squares[1]!);
  const expected = [...input].map((x, k) => {
    if (k > 0) {
      sum += alpha * (squares[k + 2] ?? 0);
      sum -= alpha * (squares[k - 3] ?? 0);
    }
    return x * sum ** -beta;
  });
  const cfg = `${net(9, 1)}[lrn]\nalpha=${alpha}\nkappa=${kappa}\nbeta=${beta}\nsize=${size}\n`;
  expectClose(only(cfg, input).data, expected);
});

test("a transposed convolution has bias, then weights by input channel", () => {
  const cfg = `${net(1, 1, 2)}[deconvolutional]\nsize=2\nstride=2\nactivation=linear\n`;
  const expected = [1.5, 2.5, 10.5, 20.5, 3.5, 4.5, 30.5, 40.5];
  const weights = weightsFile([0.5, 1, 2, 3, 4]);
  expectClose(only(cfg, Float32Array.of(1, 10), { weights }).data, expected);
});

test("implicit numbers come from the file", () => {
  const cfg = `${net(2, 1)}[dropout]\n[implicit]\nfilters=2\n[sam]\nfrom=0\n`;
  const weights = weightsFile([3, 5]);
  expectClose(only(cfg, Float32Array.of(2, 7), { weights }).data, [6, 35]);
  expectClose(only(cfg, Float32Array.of(2, 7, 1, 1), { weights, batch: 2 }).data, [6, 35, 3, 5]);
});

test("l2norm divides by the length of each pixel's vector", () => {
  expectClose(only(`${net(2, 1)}[l2norm]\n`, Float32Array.of(3, 4)).data, [0.6, 0.8]);
});

const sigmoid = (x: number): number => 1 / (1 + Math.exp(-x));
const softplus = (x: number): number => Math.log1p(Math.exp(x));

/** Darknet's formulas of one number. */
const formulas: Readonly<Record<string, (x: number) => number>> = {
  linear: (x) => x,
  leaky: (x) => (x > 0 ? x : 0.1 * x),
  revleaky: (x) => (x > 0 ? x : 0.1 * x),
  relie: (x) => (x > 0 ? x : 0.01 * x),
  relu: (x) => (x > 0 ? x : 0),
  relu6: (x) => Math.min(Math.max(x, 0), 6),
  logistic: sigmoid,
  swish: (x) => x * sigmoid(x),
  mish: (x) => x * Math.tanh(softplus(x)),
  tanh: (x) => 2 / (1 + Math.exp(-2 * x)) - 1,
  elu: (x) => (x >= 0 ? x : Math.exp(x) - 1),
  selu: (x) => (x >= 0 ? 1.0507 * x : 1.0507 * 1.6732 * (Math.exp(x) - 1)),
  loggy: (x) => 2 / (1 + Math.exp(-x)) - 1,
  hardtan: (x) => (x < -1 ? -1 : x > 1 ? 1 : x),
  ramp: (x) => (x > 0 ? x : 0) + 0.1 * x,
  lhtan: (x) => (x < 0 ? 0.001 * x : x > 1 ? 0.001 * (x - 1) + 1 : x),
  plse: (x) => (x < -4 ? 0.01 * (x + 4) : x > 4 ? 0.01 * (x - 4) + 1 : 0.125 * x + 0.5),
  hard_mish: (x) => (x > 0 ? x : x > -2 ? (x * x) / 2 + x : 0),
  gelu: (x) => 0.5 * x * (1 + Math.tanh(0.797885 * x + 0.035677 * x ** 3)),
};

test.each(Object.entries(formulas))("%s is computed as Darknet does", (name, formula) => {
  const input = Float32Array.of(-5, -3, -1.5, -0.5, 0.25, 0.75, 1.5, 3, 7);
  const cfg = `${net(1, 1, input.length)}[activation]\nactivation=${name}\n`;
  expectClose(only(cfg, input).data, [...input].map(formula));
});

test.each([
  ["normalize_channels", (x: number) => Math.max(x, 0)],
  ["normalize_channels_softmax", (x: number) => Math.exp(x)],
  ["normalize_channels_softmax_maxval", (x: number) => Math.exp(x - 2)],
] as const)("%s divides by the sum of the channels", (name, formula) => {
  const cfg = `${net(3, 1)}[activation]\nactivation=${name}\n`;
  expectClose(only(cfg, Float32Array.of(2, -1, 0.5)).data, share([2, -1, 0.5].map(formula)));
});

test("every activation is tested", () => {
  const tested = [...Object.keys(formulas)];
  const others = [...activations.keys()].filter((name) => !name.startsWith("normalize_channels"));
  expect(others.sort()).toEqual(tested.sort());
});
