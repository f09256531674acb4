import { expect, test } from "vitest";
import type { Value } from "../../../src/ir/graph.js";
import type { Calibration } from "../../../src/passes/calibration.js";
import { filtersOf } from "../../../src/passes/channels/filters.js";
import { pruneGroups } from "../../../src/passes/channels/prune-groups.js";
import { sizesOfWeights, sizesOnData } from "../../../src/passes/channels/prune-sizes.js";
import { computeByMeaning } from "../../../src/passes/grants/compute-by-meaning.js";
import * as g from "../../support/graphs.js";
import { noise } from "../../support/noise.js";

const filters = (value: Value) => {
  const found = filtersOf(value.node);
  if (!found) throw new Error("no filters");
  return found;
};

const squares = (numbers: ArrayLike<number>): number =>
  Array.from(numbers).reduce((sum, x) => sum + x * x, 0);

test("weights tell the size of a channel: its filter and its bias, of which the bias can stay", () => {
  const a = g.conv(g.image(3, 5), 4, { seed: 2 });
  const b = g.conv(g.concat([a, g.image(3, 5)]), 2, { seed: 3 });
  const sizes = sizesOfWeights(pruneGroups(g.returns(b)));
  const { weight, bias } = filters(a);
  const made = [0, 1, 2, 3].map((c) => {
    const missed = squares(weight.slice(27 * c, 27 * c + 27));
    return { missed, square: missed + bias[c]! ** 2 };
  });
  for (const [c, { missed, square }] of made.entries()) {
    expect(sizes.read(filters(b), c).missed).toBeCloseTo(missed, 9);
    expect(sizes.read(filters(b), c).square).toBeCloseTo(square, 9);
  }
  const mean = made.reduce((sum, { square }) => sum + square, 0) / 4;
  expect(sizes.read(filters(b), 5).square).toBeCloseTo(mean, 9);
  expect(sizes.constant({ filters: filters(a), channel: 1 })).toBeUndefined();
});

test("data tell the mean behind an activation, the mean square, and what the mean misses", () => {
  const a = g.conv(g.image(3, 5), 4, { seed: 2 });
  const active = g.relu(a);
  const b = g.conv(active, 2, { seed: 3 });
  const graph = g.returns(b);
  const fit = [1, 2].map((seed) => new Map([["x", noise(75, seed)]]));
  const calibration: Calibration = { fit, heldOut: [], compute: computeByMeaning };
  const [group] = pruneGroups(graph).groups;
  const sizes = sizesOnData(graph, new Map(), group!, calibration);
  const seen = computeByMeaning(g.returns(active), fit).map((outputs) => [...outputs.values()][0]!);
  for (const c of [0, 1, 2, 3]) {
    const numbers = seen.flatMap((data) => [...data.slice(25 * c, 25 * c + 25)]);
    const mean = numbers.reduce((sum, x) => sum + x, 0) / 50;
    expect(sizes.constant({ filters: filters(a), channel: c })).toBeCloseTo(mean, 6);
    const { square, missed } = sizes.read(filters(b), c);
    expect(square).toBeCloseTo(squares(numbers) / 50, 6);
    expect(missed).toBeCloseTo(squares(numbers.map((x) => x - mean)) / 50, 6);
  }
});
