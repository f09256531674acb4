import { expect, test } from "vitest";
import { expectClose } from "../../support/close.js";
import { noise } from "../../support/noise.js";
import { floats, layer, only, read, run, type Surroundings, said, sequential } from "./read.js";

/** Numbers of `[h, w, c]`, zeros around them. */
const pixels = (data: ArrayLike<number>, [h, w, c]: readonly number[]) => {
  return (y: number, x: number, k: number): number =>
    y < 0 || y >= h! || x < 0 || x >= w! ? 0 : data[(y * w! + x) * c! + k]!;
};

/** All numbers of `[h, w, c]` by a formula. */
const fill = (
  [h, w, c]: readonly [number, number, number],
  of: (y: number, x: number, k: number) => number,
): number[] =>
  Array.from({ length: h * w * c }, (_, i) =>
    of(Math.floor(i / (w * c)), Math.floor(i / c) % w, i % c),
  );

const sum = (count: number, of: (i: number) => number): number =>
  Array.from({ length: count }, (_, i) => of(i)).reduce((total, x) => total + x, 0);

const image = [5, 6, 3] as const;
const input = noise(90, 1);
const x = pixels(input, image);

/** One layer over the image. */
const one = (type: string, config: object = {}, surroundings: Surroundings = {}) =>
  only(sequential([null, ...image], layer(type, "a", config)), input, surroundings);

/** What lies in front of an axis of `size` under TensorFlow's `same`. */
const before = (size: number, kernel: number, stride: number): number =>
  Math.floor(Math.max((Math.ceil(size / stride) - 1) * stride + kernel - size, 0) / 2);

test.each([1, 2, 3])("convolutions with stride %d pad as TensorFlow's same does", (stride) => {
  const kernel = noise(4 * 3 * 3 * 2, 2);
  const config = { filters: 2, kernel_size: [4, 3], strides: [stride, stride], padding: "same" };
  const tensors = { "a/kernel": floats([4, 3, 3, 2], kernel), "a/bias": floats([2], [0.5, -1]) };
  const size = [Math.ceil(5 / stride), Math.ceil(6 / stride), 2] as const;
  const [top, left] = [before(5, 4, stride), before(6, 3, stride)];
  const expected = fill(
    size,
    (y, column, out) =>
      sum(36, (tap) => {
        const [i, j, k] = [Math.floor(tap / 9), Math.floor(tap / 3) % 3, tap % 3];
        return kernel[tap * 2 + out]! * x(y * stride + i - top, column * stride + j - left, k);
      }) + [0.5, -1][out]!,
  );
  const { shape, data } = one("Conv2D", config, { tensors });
  expect(shape).toEqual([1, ...size]);
  expectClose(data, expected);
});

test("channels of groups and dilated taps are convolved, then activated", () => {
  const kernel = noise(2 * 2 * 1 * 3, 2);
  const config = {
    filters: 3,
    groups: 3,
    kernel_size: 2,
    dilation_rate: 2,
    use_bias: false,
    activation: "relu",
  };
  const expected = fill([3, 4, 3], (y, column, k) =>
    Math.max(
      0,
      sum(
        4,
        (tap) => kernel[tap * 3 + k]! * x(y + 2 * Math.floor(tap / 2), column + 2 * (tap % 2), k),
      ),
    ),
  );
  expectClose(
    one("Conv2D", config, { tensors: { "a/kernel": floats([2, 2, 1, 3], kernel) } }).data,
    expected,
  );
});

test("a separable convolution multiplies channels, then mixes them", () => {
  const [depth, point] = [noise(2 * 2 * 3 * 2, 3), noise(12, 4)];
  const tensors = {
    "a/depthwise_kernel": floats([2, 2, 3, 2], depth),
    "a/pointwise_kernel": floats([1, 1, 6, 2], point),
    "a/bias": floats([2], [0.25, 0.5]),
  };
  const middle = (y: number, column: number, m: number) =>
    sum(
      4,
      (tap) =>
        depth[tap * 6 + m]! * x(y + Math.floor(tap / 2), column + (tap % 2), Math.floor(m / 2)),
    );
  const expected = fill(
    [4, 5, 2],
    (y, column, out) =>
      sum(6, (m) => point[m * 2 + out]! * middle(y, column, m)) + [0.25, 0.5][out]!,
  );
  const config = { filters: 2, kernel_size: 2, depth_multiplier: 2 };
  expectClose(one("SeparableConv2D", config, { tensors }).data, expected);
  // TF.js does not save the multiplier: the kernel tells it.
  expectClose(
    one("SeparableConv2D", { ...config, depth_multiplier: undefined }, { tensors }).data,
    expected,
  );
});

test.each([
  ["same", 3, 2, [10, 12]],
  ["same", 1, 2, [10, 12]],
  ["same", 4, 3, [15, 18]],
  ["valid", 3, 2, [11, 13]],
  ["valid", 1, 2, [10, 12]],
] as const)(
  "a transposed convolution with padding %s, kernel %d and stride %d gives %j",
  (padding, size, stride, [h, w]) => {
    const kernel = noise(size * size * 2 * 3, 5);
    const tensors = {
      "a/kernel": floats([size, size, 2, 3], kernel),
      "a/bias": floats([2], [0.5, -1]),
    };
    const result = one(
      "Conv2DTranspose",
      { filters: 2, kernel_size: size, strides: stride, padding },
      { tensors },
    );
    expect(result.shape).toEqual([1, h, w, 2]);
    const front = padding === "same" ? Math.floor(Math.max(size - stride, 0) / 2) : 0;
    const expected = fill(
      [h, w, 2],
      (y, column, out) =>
        [0.5, -1][out]! +
        sum(size * size * 3, (tap) => {
          const [i, j, k] = [Math.floor(tap / (3 * size)), Math.floor(tap / 3) % size, tap % 3];
          const [row, at] = [(y + front - i) / stride, (column + front - j) / stride];
          const isHit = Number.isInteger(row) && Number.isInteger(at);
          return isHit ? kernel[((i * size + j) * 2 + out) * 3 + k]! * x(row, at, k) : 0;
        }),
    );
    expectClose(result.data, expected);
  },
);

test("dense layers flatten images with channels last", () => {
  const kernel = noise(180, 6);
  const model = sequential(
    [null, ...image],
    layer("Flatten", "f"),
    layer("Dense", "a", { units: 2 }),
  );
  const tensors = { "m/a/kernel": floats([90, 2], kernel), "m/a/bias": floats([2], [1, 2]) };
  const expected = [0, 1].map((out) => 1 + out + sum(90, (i) => input[i]! * kernel[i * 2 + out]!));
  expectClose(only(model, input, { tensors }).data, expected);
});

test("normalisation layers take what they lack for 1 and 0", () => {
  const statistics = {
    "a/moving_mean": floats([3], [0.1, 0.2, 0.3]),
    "a/moving_variance": floats([3], [1, 2, 3]),
  };
  const norm = (k: number, value: number) => (value - (k + 1) / 10) / Math.sqrt(k + 1 + 0.25);
  const tensors = {
    ...statistics,
    "a/gamma": floats([3], [2, 3, 4]),
    "a/beta": floats([3], [5, 6, 7]),
  };
  const full = one("BatchNormalization", { axis: [3], epsilon: 0.25 }, { tensors });
  expectClose(
    full.data,
    fill(image, (y, column, k) => (k + 2) * norm(k, x(y, column, k)) + k + 5),
  );
  const bare = { epsilon: 0.25, scale: false, center: false };
  const plain = one("BatchNormalization", bare, { tensors: statistics });
  expectClose(
    plain.data,
    fill(image, (y, column, k) => norm(k, x(y, column, k))),
  );
});

test("normalisation layers add a thousandth to variances unless told", () => {
  const tensors = {
    "a/moving_mean": floats([3], [0, 0, 0]),
    "a/moving_variance": floats([3], [1e-3, 2e-3, 3e-3]),
  };
  const bare = { scale: false, center: false };
  const batch = one("BatchNormalization", bare, { tensors });
  expectClose(
    batch.data,
    fill(image, (y, column, k) => x(y, column, k) / Math.sqrt((k + 2) * 1e-3)),
  );
  const flat = Float32Array.from(input, (v) => v / 1000);
  const model = sequential([null, ...image], layer("LayerNormalization", "a", bare));
  const pixel = pixels(flat, image);
  const expected = fill(image, (y, column, k) => {
    const mean = sum(3, (i) => pixel(y, column, i)) / 3;
    const variance = sum(3, (i) => (pixel(y, column, i) - mean) ** 2) / 3;
    return (pixel(y, column, k) - mean) / Math.sqrt(variance + 1e-3);
  });
  expectClose(only(model, flat).data, expected);
});

test("layer normalisation is over the last axis", () => {
  const tensors = { "a/gamma": floats([3], [2, 3, 4]), "a/beta": floats([3], [5, 6, 7]) };
  const expected = fill(image, (y, column, k) => {
    const mean = sum(3, (i) => x(y, column, i)) / 3;
    const variance = sum(3, (i) => (x(y, column, i) - mean) ** 2) / 3;
    return ((k + 2) * (x(y, column, k) - mean)) / Math.sqrt(variance + 0.25) + k + 5;
  });
  expectClose(one("LayerNormalization", { epsilon: 0.25 }, { tensors }).data, expected);
});

test("pools with padding same count what they see", () => {
  const seen = (y: number, column: number, k: number): number[] =>
    [-1, 0, 1].flatMap((i) =>
      [-1, 0, 1].flatMap((j) => {
        const [row, at] = [2 * y + i + 1 - before(5, 3, 2), 2 * column + j + 1 - before(6, 3, 2)];
        return row >= 0 && row < 5 && at >= 0 && at < 6 ? [x(row, at, k)] : [];
      }),
    );
  const config = { pool_size: 3, strides: 2, padding: "same" };
  const largest = fill([3, 3, 3], (y, column, k) => Math.max(...seen(y, column, k)));
  expectClose(one("MaxPooling2D", config).data, largest);
  const mean = fill([3, 3, 3], (y, column, k) => {
    const values = seen(y, column, k);
    return values.reduce((total, value) => total + value) / values.length;
  });
  expectClose(one("AveragePooling2D", config).data, mean);
});

test("global pools leave channels, with or without axes of 1", () => {
  const mean = [0, 1, 2].map((k) => sum(30, (i) => input[i * 3 + k]!) / 30);
  const plain = one("GlobalAveragePooling2D");
  expect(plain.shape).toEqual([1, 3]);
  expectClose(plain.data, mean);
  const kept = one("GlobalMaxPooling2D", { keepdims: true });
  expect(kept.shape).toEqual([1, 1, 1, 3]);
  expectClose(
    kept.data,
    [0, 1, 2].map((k) => Math.max(...Array.from({ length: 30 }, (_, i) => input[i * 3 + k]!))),
  );
});

test("padding and cropping tell top, bottom, left, right", () => {
  const padded = one("ZeroPadding2D", {
    padding: [
      [1, 2],
      [0, 3],
    ],
  });
  expect(padded.shape).toEqual([1, 8, 9, 3]);
  expectClose(
    padded.data,
    fill([8, 9, 3], (y, column, k) => x(y - 1, column, k)),
  );
  const cropped = one("Cropping2D", {
    cropping: [
      [1, 2],
      [0, 3],
    ],
  });
  expect(cropped.shape).toEqual([1, 2, 3, 3]);
  expectClose(
    cropped.data,
    fill([2, 3, 3], (y, column, k) => x(y + 1, column, k)),
  );
});

test("bilinear upsampling lays corners on corners, as TF.js does", () => {
  const expected = fill([10, 12, 3], (y, column, k) => {
    const [i, j] = [Math.floor(y / 2), Math.floor(column / 2)];
    const [below, right] = [Math.min(i + 1, 4), Math.min(j + 1, 5)];
    const [a, b] = [(y / 2) % 1, (column / 2) % 1];
    const across = (row: number) => (1 - b) * x(row, j, k) + b * x(row, right, k);
    return (1 - a) * across(i) + a * across(below);
  });
  expectClose(one("UpSampling2D", { size: 2, interpolation: "bilinear" }).data, expected);
  const nearest = fill([10, 18, 3], (y, column, k) =>
    x(Math.floor(y / 2), Math.floor(column / 3), k),
  );
  expectClose(one("UpSampling2D", { size: [2, 3] }).data, nearest);
});

test("axes are permuted and numbers reshaped in TensorFlow's order", () => {
  const permuted = one("Permute", { dims: [3, 1, 2] });
  expect(permuted.shape).toEqual([1, 3, 5, 6]);
  expectClose(
    permuted.data,
    fill([3, 5, 6], (k, y, column) => x(y, column, k)),
  );
  const reshaped = one("Reshape", { target_shape: [-1, 9] });
  expect(reshaped.shape).toEqual([1, 10, 9]);
  expectClose(reshaped.data, input);
});

test.each([
  ["ReLU", { max_value: 0.5 }, (v: number) => Math.min(Math.max(v, 0), 0.5)],
  [
    "ReLU",
    { negative_slope: 0.1, max_value: 0.5 },
    (v: number) => Math.min(v < 0 ? 0.1 * v : v, 0.5),
  ],
  ["LeakyReLU", {}, (v: number) => (v < 0 ? 0.3 * v : v)],
  ["ELU", { alpha: 0.5 }, (v: number) => (v < 0 ? 0.5 * Math.expm1(v) : v)],
  ["ThresholdedReLU", { theta: 0.4 }, (v: number) => (v > 0.4 ? v : 0)],
  ["Rescaling", { scale: 2, offset: -1 }, (v: number) => 2 * v - 1],
  [
    "Activation",
    { activation: "hard_sigmoid" },
    (v: number) => Math.min(Math.max(0.2 * v + 0.5, 0), 1),
  ],
  [
    "Activation",
    { activation: "hardSigmoid" },
    (v: number) => Math.min(Math.max(0.2 * v + 0.5, 0), 1),
  ],
  ["Activation", { activation: "softsign" }, (v: number) => v / (1 + Math.abs(v))],
  ["Activation", { activation: "swish" }, (v: number) => v / (1 + Math.exp(-v))],
  ["Dropout", { rate: 0.5 }, (v: number) => v],
] as const)("%s %j is computed number by number", (type, config, formula) => {
  expectClose(one(type, config).data, [...input].map(formula));
});

test("slopes of a PReLU are shared along axes, or every number has its own", () => {
  const slope = noise(90, 7);
  const own = one("PReLU", {}, { tensors: { "a/alpha": floats([5, 6, 3], slope) } });
  expectClose(
    own.data,
    [...input].map((v, i) => (v < 0 ? v * slope[i]! : v)),
  );
  const shared = { tensors: { "a/alpha": floats([1, 1, 3], [0.1, 0.2, 0.3]) } };
  const expected = [...input].map((v, i) => (v < 0 ? (v * ((i % 3) + 1)) / 10 : v));
  expectClose(one("PReLU", { shared_axes: [1, 2] }, shared).data, expected);
});

test("softmax runs over channels unless another axis is told", () => {
  const channel = fill(
    image,
    (y, column, k) => Math.exp(x(y, column, k)) / sum(3, (i) => Math.exp(x(y, column, i))),
  );
  expectClose(one("Softmax").data, channel);
  const rows = fill(
    image,
    (y, column, k) => Math.exp(x(y, column, k)) / sum(5, (i) => Math.exp(x(i, column, k))),
  );
  expectClose(one("Softmax", { axis: 1 }).data, rows);
});

test.each([
  [
    "ZeroPadding2D",
    {
      padding: [
        [1, 2],
        [0, 3],
      ],
    },
  ],
  [
    "Cropping2D",
    {
      cropping: [
        [1, 2],
        [0, 3],
      ],
    },
  ],
  ["Softmax", { axis: 1 }],
  ["Softmax", { axis: 2 }],
  ["Softmax", { axis: 3 }],
  ["GlobalAveragePooling2D", {}],
  ["GlobalMaxPooling2D", { keepdims: true }],
  ["Permute", { dims: [2, 1, 3] }],
  ["Permute", { dims: [3, 1, 2] }],
  ["Reshape", { target_shape: [9, 10] }],
  ["Flatten", {}],
  ["CenterCrop", { height: 2, width: 3 }],
  ["LayerNormalization", { scale: false, center: false }],
] as const)("%s %j is the same behind a layer that has channels first", (type, config) => {
  const pool = layer("MaxPooling2D", "p", { pool_size: 1 });
  const behind = only(sequential([null, ...image], pool, layer(type, "a", config)), input);
  const plain = one(type, config);
  expect(behind.shape).toEqual(plain.shape);
  expectClose(behind.data, plain.data);
});

/** A layer of a functional model that takes results of others. */
const calls = (
  type: string,
  name: string,
  takes: (string | [string, number])[],
  config: object = {},
) => ({
  ...layer(type, name, config),
  name,
  inbound_nodes:
    takes.length === 0
      ? []
      : [takes.map((taken) => (typeof taken === "string" ? [taken, 0, 0, {}] : [...taken, 0, {}]))],
});

const functional = (layers: object[], inputs: string[], outputs: [string, number][]) => ({
  model_config: {
    class_name: "Functional",
    config: {
      name: "m",
      layers,
      input_layers: inputs.map((name) => [name, 0, 0]),
      output_layers: outputs.map(([name, call]) => [name, call, 0]),
    },
  },
});

const inputLayer = (name: string, shape: readonly (number | null)[]) =>
  calls("InputLayer", name, [], { batch_input_shape: shape });

test("merging layers take several tensors, vectors and images of one pixel among them", () => {
  const merged = ["Add", "Subtract", "Multiply", "Maximum", "Minimum", "Average"];
  const layers = [
    inputLayer("p", [null, 2, 1, 2]),
    inputLayer("q", [null, 2, 1, 2]),
    ...merged.map((type) => calls(type, type, ["p", "q"])),
    calls("Concatenate", "Concatenate", ["p", "q"], { axis: -1 }),
  ];
  const names = [...merged, "Concatenate"];
  const model = functional(
    layers,
    ["p", "q"],
    names.map((name) => [name, 0]),
  );
  const results = run(model, [Float32Array.of(1, 2, 3, 4), Float32Array.of(5, 1, 0, 8)]);
  expect([...results].map(([name, { data }]) => [name, [...data]])).toEqual([
    ["Add", [6, 3, 3, 12]],
    ["Subtract", [-4, 1, 3, -4]],
    ["Multiply", [5, 2, 0, 32]],
    ["Maximum", [5, 2, 3, 8]],
    ["Minimum", [1, 1, 0, 4]],
    ["Average", [3, 1.5, 1.5, 6]],
    ["Concatenate", [1, 2, 5, 1, 3, 4, 0, 8]],
  ]);
});

test("a model that stands in a model and is called twice has its parameters once", () => {
  const inner = {
    ...sequential([null, 2], layer("Dense", "d", { units: 1, use_bias: false })),
    name: "inner",
  };
  const called = {
    ...inner,
    config: { ...inner.config, name: "inner" },
    inbound_nodes: [[["p", 0, 0, {}]], [["q", 0, 0, {}]]],
  };
  const layers = [
    inputLayer("p", [null, 2]),
    inputLayer("q", [null, 2]),
    called,
    calls("Subtract", "s", [
      ["inner", 1],
      ["inner", 2],
    ]),
  ];
  const model = functional(layers, ["p", "q"], [["s", 0]]);
  const tensors = { "inner/d/kernel": floats([2, 1], [1, 10]) };
  const inputs = [Float32Array.of(3, 4), Float32Array.of(1, 2)];
  expectClose(run(model, inputs, { tensors }).get("s")!.data, [43 - 21]);
  expect([...read(model, { tensors }).tensors.keys()]).toEqual(["d.weight"]);
});

test("the newest way of writing calls is read", () => {
  const history = (name: string) => ({
    class_name: "__keras_tensor__",
    config: { keras_history: [name, 0, 0] },
  });
  const config = {
    layers: [
      { ...layer("InputLayer", "p", { batch_shape: [null, 2] }), name: "p", inbound_nodes: [] },
      { ...layer("ReLU", "r"), name: "r", inbound_nodes: [{ args: [history("p")], kwargs: {} }] },
      {
        ...layer("Add", "a"),
        name: "a",
        inbound_nodes: [{ args: [[history("p"), history("r")]], kwargs: {} }],
      },
    ],
    input_layers: ["p", 0, 0],
    output_layers: ["a", 0, 0],
  };
  const model = { class_name: "Functional", config };
  expectClose(only(model, Float32Array.of(2, -3)).data, [4, -3]);
});

test("open sizes are fixed by shapes, the first by the batch", () => {
  const model = sequential([null, null, null, 3], layer("ReLU", "r"));
  expect(said(model)).toContain('input "in" has the shape [?,?,?,3]: the model leaves sizes open');
  const shapes = { in: [2, 5, 4, 3] };
  expect(read(model, { shapes }).graph.outputs[0]?.value.type.shape).toEqual([2, 5, 4, 3]);
  const flat = sequential([null, 3], layer("ReLU", "r"));
  expect(read(flat, { batch: 4 }).graph.outputs[0]?.value.type.shape).toEqual([4, 3]);
});

test("between operators nothing is transposed, and the border keeps channels last", () => {
  const conv = (name: string) =>
    layer("Conv2D", name, { filters: 3, kernel_size: 3, padding: "same", activation: "relu" });
  const layers = [
    conv("a"),
    layer("BatchNormalization", "b"),
    layer("MaxPooling2D", "p"),
    layer("ZeroPadding2D", "z"),
    conv("c"),
    layer("UpSampling2D", "u"),
    layer("LeakyReLU", "l"),
  ];
  const { graph } = read(sequential([null, 8, 8, 3], ...layers));
  const transposes = graph.nodes.filter(({ op }) => op === "transpose");
  expect(transposes.length).toBe(2);
  expect(graph.inputs.map(({ layout, value }) => [layout, value.type.shape])).toEqual([
    ["nhwc", [1, 8, 8, 3]],
  ]);
  expect(graph.outputs.map(({ layout, value }) => [layout, value.type.shape])).toEqual([
    ["nhwc", [1, 12, 12, 3]],
  ]);
});
