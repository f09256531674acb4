import fc from "fast-check";
import { expect, test } from "vitest";
import { build } from "../../src/ir/build.js";
import type { Value } from "../../src/ir/graph.js";
import { printGraph } from "../../src/ir/print.js";
import { simplifyViews } from "../../src/passes/simplify-views.js";
import * as g from "../support/graphs.js";
import { expectSameMeaning, runPass } from "../support/run-pass.js";

const x = g.image(6, 4, 5);
const y = g.image(3, 4, 5, { name: "y" });

const simplify = (...outputs: readonly Value[]): string => {
  const graph = g.returns(...outputs);
  const simple = runPass(simplifyViews, graph);
  expectSameMeaning(simple, graph, 0);
  return printGraph(simple);
};

/** The first output keeps both inputs in the graphs. */
const expectSame = ([actual]: readonly [Value], [expected]: readonly [Value]) => {
  const both = g.concat([x, y], 1);
  expect(simplify(both, actual)).toBe(printGraph(g.returns(both, expected)));
};

const part = (starts: readonly number[]) =>
  build("slice", { input: x }, { starts, sizes: [1, 2, 2, 5], steps: [1, 1, 1, 1] });

test("views of views become one", () => {
  expectSame([g.slice(g.slice(x, 1, 1, 4), 1, 1, 2, 2)], [g.slice(x, 1, 2, 2, 2)]);
  expectSame([g.reshape(g.flatten(x), 2, 3, 20)], [g.reshape(x, 2, 3, 20)]);
  expectSame([g.reshape(g.flatten(x), 1, 6, 4, 5)], [x]);
  const once = g.transpose(x, 0, 2, 3, 1);
  expectSame([g.transpose(once, 0, 3, 1, 2)], [x]);
  expectSame([g.transpose(once, 0, 2, 3, 1)], [g.transpose(x, 0, 3, 1, 2)]);
  expectSame([g.concat([g.concat([x, y]), g.relu(y)])], [g.concat([x, y, g.relu(y)])]);
});

test("a slice inside one part of a concatenation reads that part", () => {
  const joined = g.concat([x, g.relu(y)]);
  expectSame([g.slice(joined, 1, 7, 2)], [g.slice(g.relu(y), 1, 1, 2)]);
  expectSame([g.slice(joined, 1, 6, 3)], [g.relu(y)]);
  expectSame([g.slice(joined, 1, 5, 3, -2)], [g.slice(x, 1, 5, 3, -2)]);
});

test("parts of one value in their order are the value again", () => {
  expectSame([g.concat([g.slice(x, 1, 0, 2), g.slice(x, 1, 2, 4)])], [x]);
  const parts = [g.slice(x, 1, 0, 2), g.slice(x, 1, 2, 3), y];
  expectSame([g.concat(parts)], [g.concat([g.slice(x, 1, 0, 5), y])]);
});

test.each<[string, () => Value[]]>([
  ["a slice across parts", () => [g.slice(g.concat([x, y]), 1, 5, 2)]],
  ["parts in another order", () => [g.concat([g.slice(x, 1, 3, 3), g.slice(x, 1, 0, 3)])]],
  ["parts along another axis", () => [g.concat([g.slice(x, 1, 0, 3), g.slice(x, 1, 3, 3)], 2)]],
  ["parts of other rows", () => [g.concat([part([0, 0, 0, 0]), part([0, 2, 1, 0])])]],
  ["parts with holes", () => [g.concat([g.slice(x, 1, 0, 2, 2), g.slice(x, 1, 2, 2, 2)])]],
  [
    "a concatenation that something else reads",
    () => {
      const inner = g.concat([x, y]);
      return [g.concat([inner, y]), inner];
    },
  ],
  [
    "a concatenation along another axis",
    () => [g.concat([g.concat([x, x], 2), g.concat([x, x], 2)])],
  ],
])("%s stays as it is", (_, make) => {
  const graph = g.returns(...make());
  expect(runPass(simplifyViews, graph)).toBe(graph);
});

test("simplifying never changes what the graph computes", () => {
  const view = fc.record({
    kind: fc.constantFrom("slice", "reshape", "transpose", "concat", "flip"),
    axis: fc.integer({ min: 1, max: 3 }),
    at: fc.nat(),
    turn: fc.shuffledSubarray([1, 2, 3], { minLength: 3 }),
  });
  const apply = (
    value: Value,
    { kind, axis, at, turn }: typeof view extends fc.Arbitrary<infer T> ? T : never,
  ): Value => {
    const [, c = 1, h = 1, w = 1] = value.type.shape;
    const size = value.type.shape[axis]!;
    const from = at % size;
    if (kind === "slice") return g.slice(value, axis, from, size - from);
    if (kind === "flip") return g.slice(value, axis, size - 1, Math.ceil(size / 2), -2);
    if (kind === "reshape") return g.reshape(value, 1, h, w, c);
    if (kind === "transpose") return g.transpose(value, 0, ...turn);
    return g.concat([value, g.slice(value, axis, 0, from + 1)], axis);
  };
  fc.assert(
    fc.property(fc.array(view, { minLength: 2, maxLength: 6 }), (views) => {
      simplify(views.reduce(apply, x));
    }),
    { numRuns: 100, seed: 2 },
  );
});
