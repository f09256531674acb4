import { expect, test } from "vitest";
import { build } from "../../src/ir/build.js";
import { costOf } from "../../src/ir/cost.js";
import {
  add,
  conv,
  flatten,
  image,
  linear,
  literal,
  mul,
  norm,
  returns,
} from "../support/graphs.js";

test("parameters are counted once, statistics and literals only as bytes", () => {
  const y = norm(conv(image(3, 4), 5, { kernel: 3 }));
  const scaled = mul(y, literal([], [2]));
  const cost = costOf(returns(scaled, y));
  expect(cost.params).toBe(5 * 3 * 9 + 5 + 5 + 5);
  expect(cost.bytes).toBe(4 * (5 * 3 * 9 + 5 + 4 * 5 + 1));
});

test("a parameter that is read twice or not bound yet counts the same", () => {
  const w = build("parameter", {}, { path: "w", role: "parameter", shape: [3, 1, 1] });
  const x = image(3, 4);
  expect(costOf(returns(add(add(x, w), w))).params).toBe(3);
});

test("multiply-accumulates add up by operator", () => {
  const y = conv(image(3, 4), 5, { kernel: 3 });
  const cost = costOf(returns(linear(flatten(norm(y)), 7)));
  expect(cost.macsByOp).toEqual(
    new Map([
      ["conv2d", 5 * 16 * 3 * 9],
      ["linear", 80 * 7],
    ]),
  );
  expect(cost.macs).toBe(5 * 16 * 3 * 9 + 80 * 7);
});
