import { expect, test } from "vitest";
import { nearestName } from "../../src/passes/nearest-name.js";

test("the name with the fewest edits is the nearest", () => {
  expect(nearestName("conv1.wieght", ["conv2.weight", "conv1.weight"])).toBe("conv1.weight");
});

test("capitals, hyphens and underscores hardly count", () => {
  const names = ["fold-constants", "fold-batch-norm"];
  expect(nearestName("foldBatchNorm", names)).toBe("fold-batch-norm");
});

test("names that end alike are nearer", () => {
  const names = ["layer1.0.bn1.bias", "layer1.0.bn2.bias0"];
  expect(nearestName("layer1.0.bn2.bias", names)).toBe("layer1.0.bn1.bias");
});

test("nothing is near to a name that is like no other", () => {
  expect(nearestName("fc", ["layer1.weight", "xyz"])).toBeUndefined();
  expect(nearestName("conv1", [])).toBeUndefined();
});
