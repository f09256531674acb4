import { expect, test } from "vitest";
import { evaluate } from "../../../src/ir/evaluate.js";
import type { NodeOf } from "../../../src/ir/graph.js";
import { momentsOf } from "../../../src/passes/grants/moments.js";
import { relativeError } from "../../support/close.js";
import * as g from "../../support/graphs.js";
import { noise } from "../../support/noise.js";

function convOf(value: ReturnType<typeof g.conv>): NodeOf<"conv2d"> {
  if (value.node.op !== "conv2d") throw new Error("not a convolution");
  return value.node;
}

/** W · μ + b is the mean of the output, and W · C · Wᵀ its covariance: what moments are for. */
test.each([
  {},
  { stride: 2, dilation: 2 },
  { groups: 2, pads: [2, 0, 1, 3] as const },
  { kernel: [1, 4] as const, batch: 3 },
])("moments of patches give the moments of the output: %j", ({ batch = 1, ...options }) => {
  const conv = convOf(g.conv(g.image(4, 9, 8, { batch }), 6, options));
  const inputs = [noise(288 * batch, 1, -0.5, 1.5), noise(288 * batch, 2, -0.5, 1.5)];
  const moments = momentsOf(conv, inputs)!;
  const [, , oh = 1, ow = 1] = conv.results[0]!.type.shape;
  const plane = oh * ow;
  expect(moments.count).toBe(2 * batch * plane);
  const outputs = inputs.map((x) => {
    return evaluate(g.returns(conv.results[0]!), new Map([["x", x]]))
      .values()
      .next().value!.data;
  });
  const channel = (c: number): number[] =>
    outputs.flatMap((data) =>
      Array.from({ length: batch }, (_, n) => n).flatMap((n) => [
        ...data.slice((n * 6 + c) * plane, (n * 6 + c + 1) * plane),
      ]),
    );
  const mean = (values: readonly number[]) => values.reduce((a, b) => a + b, 0) / values.length;
  const weight = conv.operands.weight.node;
  const bias = conv.operands.bias!.node;
  if (weight.op !== "constant" || bias.op !== "constant") throw new Error("not constant");
  for (let c = 0; c < 6; c++) {
    const { mean: mu, covariance } = moments.groups[Math.floor((c * moments.groups.length) / 6)]!;
    const row = [...weight.attrs.data.slice(c * mu.length, (c + 1) * mu.length)];
    const values = channel(c);
    const centre = mean(values);
    const expected = row.reduce((sum, w, i) => sum + w * mu[i]!, bias.attrs.data[c]!);
    expect(relativeError([expected], [centre])).toBeLessThan(1e-6);
    const variance = row.reduce(
      (sum, w, i) =>
        sum + row.reduce((all, v, j) => all + w * v * covariance.data[i * mu.length + j]!, 0),
      0,
    );
    const spread = mean(values.map((y) => (y - centre) ** 2));
    expect(relativeError([variance], [spread])).toBeLessThan(1e-6);
  }
});

test("patches of more numbers than a covariance has room for have no moments", () => {
  const conv = convOf(g.conv(g.image(49, 5), 2, { kernel: 5 }));
  expect(momentsOf(conv, [noise(49 * 25, 1)])).toBeUndefined();
});
