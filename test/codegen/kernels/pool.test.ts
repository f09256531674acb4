import fc from "fast-check";
import { expect, test } from "vitest";
import { avgPoolWindows, maxPoolWindows } from "../../../src/codegen/kernels/pool.js";
import { buildNode } from "../../../src/ir/build.js";
import {
  channelCounts,
  expectKernel,
  inputOf,
  type KernelCase,
  kernelCases,
} from "../../support/kernel-case.js";

/** Windows that see at least one element from everywhere: pads below the covered size. */
const windows = fc
  .record({
    kernel: fc.tuple(fc.integer({ min: 1, max: 4 }), fc.integer({ min: 1, max: 4 })),
    stride: fc.tuple(fc.integer({ min: 1, max: 3 }), fc.integer({ min: 1, max: 3 })),
    dilation: fc.tuple(fc.integer({ min: 1, max: 2 }), fc.integer({ min: 1, max: 2 })),
    pad: fc.array(fc.integer({ min: 0, max: 3 }), { minLength: 4, maxLength: 4 }),
    ceil: fc.boolean(),
    size: fc.tuple(fc.integer({ min: 7, max: 11 }), fc.integer({ min: 7, max: 11 })),
  })
  .map(({ pad, ...window }) => {
    const limit = (side: number): number => Math.min(pad[side]!, window.kernel[side % 2]! - 1);
    return { ...window, pads: [limit(0), limit(1), limit(2), limit(3)] as const };
  });
const images = fc.integer({ min: 1, max: 2 });

test("max pooling of any window, clipped at the borders", () => {
  fc.assert(
    fc.property(images, channelCounts, windows, kernelCases, (n, c, { size, ...attrs }, how) => {
      const node = buildNode("maxPool", { input: inputOf(n, c, ...size) }, attrs);
      expectKernel(node, maxPoolWindows, how, { tolerance: 0 });
    }),
    { seed: 11, numRuns: 50 },
  );
});

test("mean pooling counts the padding or not, never what ceil adds", () => {
  fc.assert(
    fc.property(
      fc.tuple(images, channelCounts),
      windows,
      fc.boolean(),
      kernelCases,
      ([n, c], { size, ...attrs }, countIncludePad, how) => {
        const input = inputOf(n, c, ...size);
        const node = buildNode("avgPool", { input }, { ...attrs, countIncludePad });
        expectKernel(node, avgPoolWindows, how);
      },
    ),
    { seed: 12, numRuns: 50 },
  );
});

const plain: Omit<KernelCase, "target"> = {
  arrangements: Array(6).fill({ order: "nhwc" }),
  calls: 1,
  seed: 3,
};

test("a window of many taps is a loop", () => {
  const attrs = {
    kernel: [9, 7],
    stride: [2, 2],
    dilation: [1, 1],
    pads: [4, 3, 4, 3],
    ceil: false,
  } as const;
  for (const target of ["wasm", "typescript"] as const) {
    const input = inputOf(1, 5, 13, 12);
    const node = buildNode("avgPool", { input }, { ...attrs, countIncludePad: false });
    expectKernel(node, avgPoolWindows, { ...plain, target });
    expectKernel(buildNode("maxPool", { input }, attrs), maxPoolWindows, { ...plain, target });
  }
});

test("ranges count the rows of all images", () => {
  const attrs = { kernel: [2, 2], stride: [2, 2], dilation: [1, 1], pads: [0, 0, 0, 0] } as const;
  const node = buildNode("maxPool", { input: inputOf(3, 4, 8, 8) }, { ...attrs, ceil: false });
  const layoutOf = (value: { type: { shape: readonly number[] } }) => ({
    type: { element: "f32" as const, shape: value.type.shape },
    strides: [1000, 1, 100, 4],
    halo: { top: 0, left: 0, bottom: 0, right: 0 },
  });
  const target = { name: "wasm", lanes: 4, tiles: [] } as const;
  expect(maxPoolWindows.build(node, { target, layoutOf }).units).toBe(12);
});
