import { expect, test } from "vitest";
import { generator, initialise } from "../../src/weights/initialise.js";

const he = (path: string, shape: number[], seed = 1) => initialise("he", seed, path, shape);
const range = (data: Float32Array) => [Math.min(...data), Math.max(...data)] as const;

test("the same seed and path give the same values, on every machine", () => {
  expect([...he("fc.weight", [2, 2])]).toEqual([...he("fc.weight", [2, 2])]);
  const next = generator(1, "fc.weight");
  expect([next(), next(), next()].map((x) => x * 2 ** 32)).toMatchInlineSnapshot(`
    [
      2726155286,
      3249920509,
      4165887252,
    ]
  `);
});

test("another seed or another path gives other values", () => {
  const first = [...he("a.weight", [8, 8])];
  expect([...he("a.weight", [8, 8], 2)]).not.toEqual(first);
  expect([...he("a.weight", [8, 8], 2 ** 32 + 1)]).not.toEqual(first);
  expect([...he("b.weight", [8, 8])]).not.toEqual(first);
});

test("numbers are spread evenly", () => {
  const next = generator(3, "x");
  const bins = new Array<number>(16).fill(0);
  for (let i = 0; i < 16_000; i++) bins[Math.floor(next() * 16)]!++;
  expect(Math.min(...bins)).toBeGreaterThan(880);
  expect(Math.max(...bins)).toBeLessThan(1120);
});

test("each kind of parameter has its range", () => {
  expect(range(he("bn.running_var", [2000]))[0]).toBeGreaterThanOrEqual(0.5);
  expect(range(he("bn.running_var", [2000]))[1]).toBeGreaterThan(1.4);
  expect(range(he("bn.weight", [2000]))[0]).toBeGreaterThanOrEqual(0.89);
  for (const path of ["bn.running_mean", "bn.bias", "conv.bias"]) {
    const [low, high] = range(he(path, [2000]));
    expect(low).toBeGreaterThan(-0.1001);
    expect(low).toBeLessThan(-0.09);
    expect(high).toBeLessThan(0.1001);
  }
});

test("weights have variance 2 / fan-in", () => {
  for (const shape of [
    [64, 8, 3, 3],
    [50, 70],
  ]) {
    const data = he("conv.weight", shape);
    const fanIn = data.length / shape[0]!;
    const variance = data.reduce((sum, w) => sum + w * w, 0) / data.length;
    expect(variance * fanIn).toBeGreaterThan(1.9);
    expect(variance * fanIn).toBeLessThan(2.1);
  }
});

test("activations keep their size through fifty rectified layers", () => {
  const width = 64;
  let x = Float64Array.from({ length: width }, (_, i) => Math.sin(i));
  for (let layer = 0; layer < 50; layer++) {
    const weight = he(`${layer}.weight`, [width, width]);
    const bias = he(`${layer}.bias`, [width]);
    const dot = (o: number) => x.reduce((sum, v, i) => sum + v * weight[o * width + i]!, bias[o]!);
    x = Float64Array.from({ length: width }, (_, o) => Math.max(0, dot(o)));
  }
  const size = Math.sqrt(x.reduce((sum, v) => sum + v * v, 0) / width);
  expect(size).toBeGreaterThan(0.01);
  expect(size).toBeLessThan(100);
});

test("zeros are zeros, except for variances", () => {
  expect([...initialise("zeros", 1, "fc.weight", [1, 2])]).toEqual([0, 0]);
  expect([...initialise("zeros", 1, "bn.running_var", [2])]).toEqual([1, 1]);
});
