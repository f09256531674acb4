import { describe, expect, test } from "vitest";
import { planGraph } from "../../../src/codegen/plan/index.js";
import type { Plan } from "../../../src/codegen/plan/plan.js";
import { wasmTarget } from "../../../src/codegen/target.js";
import type { Graph, Value } from "../../../src/ir/graph.js";
import {
  add,
  concat,
  conv,
  flatten,
  image,
  input,
  linear,
  relu,
  reshape,
  returns,
  slice,
  split,
  transpose,
} from "../../support/graphs.js";
import { expectPlanned } from "../../support/run-plan.js";

/** What the plan calls, chunks of one step once. */
function callsOf(plan: Plan): string[] {
  const names = plan.module.schedule.map(({ comment }) => comment);
  return names.filter((name, i) => name !== names[i - 1]);
}

/** Copies into another order. */
const copiesOf = (plan: Plan): string[] =>
  callsOf(plan).filter((name) => / order$/.test(name) && !name.startsWith("zeros"));

/** Plans for WebAssembly, after checking that both targets compute the right thing. */
function planOf(graph: Graph): Plan {
  expectPlanned(graph);
  return planGraph(graph, wasmTarget);
}

const placeOf = (plan: Plan, value: Value) => plan.placements.get(value)!;

describe("concatenations", () => {
  test("operands are made in the result's memory", () => {
    const x = conv(image(3, 6), 8, { kernel: 1, name: "stem" });
    const [a, b] = [conv(x, 5, { name: "a" }), conv(x, 6, { kernel: 1, name: "b" })];
    const whole = concat([a, b]);
    const plan = planOf(returns(conv(whole, 4, { name: "last" })));
    expect(placeOf(plan, b).bytes - placeOf(plan, a).bytes).toBe(5 * 4);
    expect(placeOf(plan, whole).bytes).toBe(placeOf(plan, a).bytes);
    expect(placeOf(plan, a).layout.strides).toEqual([8 * 8 * 11, 1, 8 * 11, 11]);
    expect(callsOf(plan)).toEqual([
      "x in nhwc order",
      "zeros around stem conv2d",
      "stem conv2d, f32[1,8,6,6]",
      "zeros around concat",
      "a conv2d, f32[1,5,6,6]",
      "b conv2d, f32[1,6,6,6]",
      "last conv2d, f32[1,4,6,6]",
      "last conv2d in rowMajor order",
    ]);
  });

  test("nested ones, as in a dense block, end in one memory", () => {
    let features = conv(image(3, 5), 4, { kernel: 1, name: "stem" });
    const parts = [features];
    for (const name of ["one", "two", "three"]) {
      const made = conv(relu(features), 3, { name, seed: name.length });
      parts.push(made);
      features = concat([features, made]);
    }
    const plan = planOf(returns(conv(features, 2, { name: "last" })));
    const start = placeOf(plan, features).bytes;
    expect(parts.map((part) => (placeOf(plan, part).bytes - start) / 4)).toEqual([0, 4, 7, 10]);
    expect(copiesOf(plan)).toHaveLength(2);
  });

  test("an operand of two is made in the last and copied into the other", () => {
    const [a, b] = [conv(image(3, 4), 3), conv(image(3, 4), 2, { seed: 5 })];
    const last = concat([b, a]);
    const plan = planOf(returns(concat([a, b]), last));
    expect(placeOf(plan, b).bytes).toBe(placeOf(plan, last).bytes);
    expect(placeOf(plan, a).bytes).toBe(placeOf(plan, last).bytes + 2 * 4);
    expect(plan.layers.filter(({ algorithm }) => algorithm === "copy")).toHaveLength(1);
  });

  test("an operand that is there twice, an input or a view is copied", () => {
    const x = image(4, 3);
    const a = conv(x, 3);
    planOf(returns(relu(concat([a, a]))));
    planOf(returns(relu(concat([x, a]))));
    planOf(returns(relu(concat([slice(a, 1, 1, 2), a]))));
  });

  test("rows and columns join too", () => {
    const a = conv(image(3, 4), 5);
    planOf(returns(conv(concat([a, relu(a)], 2), 2, { seed: 4 })));
    planOf(returns(conv(concat([a, relu(a)], 3), 2, { seed: 4 })));
  });
});

describe("views", () => {
  test("splits and slices of channels are places in the whole", () => {
    const whole = conv(image(3, 5), 8);
    const [left, right] = split(whole, [3, 5]);
    const first = conv(left!, 2, { name: "first" });
    const plan = planOf(returns(first, conv(slice(right!, 1, 1, 4), 3, { name: "second" })));
    expect(placeOf(plan, right!).bytes - placeOf(plan, whole).bytes).toBe(3 * 4);
    expect(copiesOf(plan)).toHaveLength(3);
  });

  test("one pixel is a vector without a copy, an image is not", () => {
    const pixel = conv(image(3, 3), 8, { pads: 0 });
    const direct = planOf(returns(linear(flatten(pixel), 3)));
    expect(placeOf(direct, pixel).layout.type.shape).toEqual([1, 8, 1, 1]);
    expect(direct.layers.map(({ algorithm }) => algorithm)).toEqual(["direct", "view", "direct"]);
    const wide = planOf(returns(linear(flatten(conv(image(3, 4), 8, { pads: 0 })), 3)));
    expect(wide.layers.map(({ algorithm }) => algorithm)).toEqual(["direct", "copy", "direct"]);
  });

  test("steps backwards and transpositions are right", () => {
    const x = conv(image(3, 4, 5), 6);
    planOf(returns(relu(slice(x, 1, 4, 3, -2)), conv(transpose(x, 0, 1, 3, 2), 2, { seed: 8 })));
    const five = transpose(reshape(x, 1, 2, 3, 4, 5), 0, 2, 1, 3, 4);
    planOf(returns(conv(reshape(five, 1, 6, 4, 5), 3, { seed: 2 })));
  });

  test("an output that is an input, or two of one value, hold their numbers", () => {
    const x = input([2, 3]);
    planOf(returns(x, relu(x)));
    const y = relu(image(3, 3));
    const graph = returns(y);
    planOf({ ...graph, outputs: [...graph.outputs, { name: "again", value: y }] });
  });
});

describe("halos", () => {
  test("are the widest that a reader asks for, through views too", () => {
    const x = conv(image(3, 6), 8, { kernel: 1 });
    const [left] = split(x, [4, 4]);
    const plan = planOf(
      returns(conv(left!, 2, { kernel: 5 }), conv(x, 3, { pads: [0, 1, 0, 1], seed: 3 })),
    );
    expect(placeOf(plan, x).layout.halo).toEqual({ top: 2, left: 2, bottom: 2, right: 2 });
  });

  test("stay away from images that are read as vectors", () => {
    const x = conv(image(3, 4), 1, { kernel: 1 });
    const plan = planOf(returns(linear(flatten(x), 3), conv(x, 2, { seed: 3 })));
    expect(placeOf(plan, x).layout.halo).toEqual({ top: 0, left: 0, bottom: 0, right: 0 });
  });

  test("stay away from the memory of such an image", () => {
    const x = conv(image(3, 4), 1, { kernel: 1 });
    planOf(returns(linear(flatten(x), 3), conv(relu(relu(x)), 2, { seed: 3 })));
  });

  test("are no wider than the taps reach", () => {
    const x = conv(image(3, 6), 8, { kernel: 1 });
    const plan = planOf(returns(conv(x, 2, { stride: 2, pads: 1 })));
    expect(placeOf(plan, x).layout.halo).toEqual({ top: 1, left: 1, bottom: 0, right: 0 });
  });
});

describe("memory", () => {
  const residual = [{ kind: "binary", fn: "add", extra: 0, side: "right" }] as const;

  test("a residual is written over where nothing reads it later", () => {
    const x = conv(image(3, 6), 8, { kernel: 1 });
    const sum = conv(conv(x, 8, { seed: 2 }), 8, { seed: 3, epilogue: residual, extras: [x] });
    const plan = planOf(returns(conv(sum, 4, { seed: 4 })));
    expect(placeOf(plan, sum).bytes).toBe(placeOf(plan, x).bytes);
    const later = planOf(returns(conv(sum, 4, { seed: 4 }), conv(x, 2, { seed: 5 })));
    expect(placeOf(later, sum).bytes).not.toBe(placeOf(later, x).bytes);
  });

  test("a chain of residuals is one piece of memory", () => {
    let x = conv(image(3, 6), 8, { kernel: 1 });
    const places: Value[] = [x];
    for (const seed of [2, 3, 4]) {
      x = conv(conv(x, 8, { seed }), 8, { seed, epilogue: residual, extras: [x] });
      places.push(x);
    }
    const plan = planOf(returns(conv(x, 4, { kernel: 5, seed: 4 })));
    expect(new Set(places.map((value) => placeOf(plan, value).bytes)).size).toBe(1);
    expect(plan.arenaBytes).toBe(plan.arenaBound);
  });

  test("an operand that is read twice is not written over", () => {
    const x = conv(image(3, 6), 8, { kernel: 1 });
    planOf(returns(add(relu(x), x)));
    planOf(returns(conv(x, 8, { epilogue: residual, extras: [x] })));
  });

  test("an operand that is also read in another order is not written over", () => {
    const x = conv(image(3, 5), 4, { kernel: 1 });
    planOf(returns(add(x, transpose(x, 0, 1, 3, 2))));
  });

  test("layers of one shape share a function, constants come first", () => {
    const x = conv(image(8, 6), 8, { seed: 1 });
    const plan = planOf(returns(conv(conv(x, 8, { seed: 2 }), 8, { seed: 3 })));
    expect(plan.module.functions.map(({ name }) => name)).toContain("conv3x3_8x6x6_8");
    expect(plan.module.functions.filter(({ name }) => name.startsWith("conv3x3"))).toHaveLength(2);
    expect(plan.weights[0]!.address).toBe(0);
    expect(plan.module.memoryBytes).toBe(plan.weightBytes + plan.arenaBytes);
    for (const { bytes } of plan.inputs) expect(bytes).toBeGreaterThanOrEqual(plan.weightBytes);
  });
});
