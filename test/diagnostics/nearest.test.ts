import fc from "fast-check";
import { expect, test } from "vitest";
import { editDistance, nearest } from "../../src/diagnostics/nearest.js";

test.each([
  ["", "abc", 3],
  ["conv", "conv", 0],
  ["conv", "cnov", 1],
  ["conv", "con", 1],
  ["conv", "convs", 1],
  ["conv", "cone", 1],
  ["kitten", "sitting", 3],
])("%s and %s are %d edits apart", (a, b, distance) => {
  expect(editDistance(a, b)).toBe(distance);
  expect(editDistance(b, a)).toBe(distance);
});

test("an edit changes the distance by at most one", () => {
  const word = fc.string({ unit: fc.constantFrom("a", "b", "c"), maxLength: 8 });
  fc.assert(
    fc.property(word, word, fc.constantFrom("a", "b"), (a, b, letter) => {
      expect(Math.abs(editDistance(a, b) - editDistance(a + letter, b))).toBeLessThanOrEqual(1);
      expect(editDistance(a, b) === 0).toBe(a === b);
    }),
    { seed: 1 },
  );
});

test("the nearest candidate is found, and only one that is near", () => {
  const operators = ["conv", "deconv", "maxpool", "avgpool", "relu", "relu6"];
  expect(nearest("maxpol", operators)).toBe("maxpool");
  expect(nearest("Conv", operators)).toBe("conv");
  expect(nearest("rleu", operators)).toBe("relu");
  expect(nearest("softmax", operators)).toBeUndefined();
  expect(nearest("x", ["y", "z"])).toBeUndefined();
  expect(nearest("x".repeat(100_000), operators)).toBeUndefined();
});

test("capitals, hyphens and underscores hardly count", () => {
  expect(nearest("foldBatchNorm", ["fold-batch-norms", "fold-batch-norm"])).toBe("fold-batch-norm");
});

test("paths that end alike are nearer", () => {
  expect(nearest("conv1.wieght", ["conv2.weight", "conv1.weight"])).toBe("conv1.weight");
  const names = ["layer1.0.bn2.bias0", "layer1.0.bn1.bias"];
  expect(nearest("layer1.0.bn2.bias", names)).toBe("layer1.0.bn1.bias");
  const path = "features.denseblock4.denselayer16.conv2.wieght";
  expect(nearest(path, [path.replace("wieght", "weight")])).toMatch(/conv2\.weight$/);
});
