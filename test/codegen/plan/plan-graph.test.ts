import { expect, test } from "vitest";
import { conv, image, input, linear, returns } from "../../support/graphs.js";
import { expectPlanned } from "../../support/run-plan.js";

test("a chain of convolutions computes what the evaluator computes", () => {
  const first = conv(image(3, 7, 9), 6, { epilogue: [{ kind: "unary", fn: { kind: "relu" } }] });
  expectPlanned(returns(conv(first, 16, { stride: 2, seed: 3 })));
});

test("a linear layer computes what the evaluator computes", () => {
  expectPlanned(returns(linear(input([3, 13]), 21)));
  expect(true).toBe(true);
});
