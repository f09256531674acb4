import { expect, test } from "vitest";
import { planGraph } from "../../src/codegen/plan/index.js";
import { wasmTarget } from "../../src/codegen/target.js";
import { medianOf, StepTimes } from "../../src/measure/time-steps.js";
import { image, relu, returns } from "../support/graphs.js";

test("the median is the middle, or between the two in the middle", () => {
  expect(medianOf([5, 1, 3])).toBe(3);
  expect(medianOf([4, 1, 3, 10])).toBe(3.5);
});

test("a step is made once a sample, in order, and its shortest time is at most its median", () => {
  const plan = planGraph(returns(relu(image(1, 2))), wasmTarget);
  const made: string[] = [];
  const call = plan.module.schedule[0]!;
  const steps = ["a", "b"].map((name) => ({ call, run: () => made.push(name) }));
  const times = new StepTimes({ plan, steps, fill: () => {} });
  for (let i = 0; i < 3; i++) times.sample();
  expect(made.join("")).toBe("ababab");
  expect(times.shortest).toHaveLength(2);
  times.shortest.forEach((ms, i) => {
    expect(ms).toBeLessThanOrEqual(times.medians[i]!);
    expect(ms).toBeGreaterThanOrEqual(0);
  });
});
