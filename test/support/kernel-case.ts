import fc from "fast-check";
import { expect } from "vitest";
import type { Algorithm } from "../../src/codegen/kernels/algorithm.js";
import { typescriptTarget, wasmTarget } from "../../src/codegen/target.js";
import { build } from "../../src/ir/build.js";
import { evaluate } from "../../src/ir/evaluate.js";
import type { Node, NodeOf, Value } from "../../src/ir/graph.js";
import { operandsOf } from "../../src/ir/graph.js";
import type { OpName } from "../../src/ir/ops/index.js";
import { graphOf } from "../../src/ir/order.js";
import { f32, sizeOf, type TensorType } from "../../src/ir/types.js";
import { type Arrangement, inFloat32, inFloat64, runNode } from "./kernel-site.js";

/** Reproducible numbers between −2 and 2, none of them 0 nor equal to a neighbour. */
export function noise(count: number, seed = 1): Float32Array {
  let state = (seed * 2654435761 + 12345) >>> 0;
  return Float32Array.from({ length: count }, () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return (state / 2 ** 32) * 4 - 2;
  });
}

let inputs = 0;
/** A graph input of a type, with a name of its own. */
export function inputOf(...shape: readonly number[]): Value {
  return inputOfType(f32(...shape));
}
export function inputOfType(type: TensorType): Value {
  inputs += 1;
  return build("input", {}, { name: `in${inputs}`, type });
}

/** Channel counts around the vector width, where kernels go wrong. */
export const channelCounts = fc.constantFrom(1, 2, 3, 4, 5, 7, 8, 13, 16);

/** How values are laid out: each value of a node by its place in the list. */
export const arrangements: fc.Arbitrary<readonly Arrangement[]> = fc
  .tuple(
    fc.constantFrom("nhwc" as const, "rowMajor" as const),
    fc.array(
      fc.record({
        order: fc.constantFrom("nhwc" as const, "rowMajor" as const),
        same: fc.boolean(),
        gap: fc.constantFrom(0, 0, 3, 4),
        halo: fc.constantFrom(
          { top: 0, left: 0, bottom: 0, right: 0 },
          { top: 1, left: 2, bottom: 0, right: 1 },
        ),
      }),
      { minLength: 6, maxLength: 6 },
    ),
  )
  .map(([order, list]) =>
    list.map(({ same, ...own }) => ({ ...own, order: same ? order : own.order })),
  );

/** How a kernel is run. */
export interface KernelCase {
  readonly arrangements: readonly Arrangement[];
  readonly target: "wasm" | "typescript";
  readonly calls: number;
  readonly seed: number;
}

export const kernelCases: fc.Arbitrary<KernelCase> = fc.record({
  arrangements,
  target: fc.constantFrom("wasm", "typescript"),
  calls: fc.integer({ min: 1, max: 3 }),
  seed: fc.nat(1000),
});

/** The results of a node by the reference evaluator. */
export function reference(
  node: Node,
  data: ReadonlyMap<Value, Float32Array | Uint8Array>,
): readonly Float64Array[] {
  const named = [...data.keys()].map((value) => ({ value, name: nameOf(value) }));
  const graph = graphOf({
    name: "test",
    inputs: named,
    outputs: node.results.map((value, index) => ({ name: `out${index}`, value })),
    grants: [],
  });
  const given = new Map([...data].map(([value, numbers]) => [nameOf(value), numbers]));
  const outputs = evaluate(graph, given);
  return node.results.map((_, index) => outputs.get(`out${index}`)!.data);
}

const nameOf = (value: Value): string =>
  value.node.op === "input" ? value.node.attrs.name : value.node.name;

const dataFor = (value: Value, seed: number): Float32Array | Uint8Array => {
  const numbers = noise(sizeOf(value.type.shape), seed);
  return value.type.element === "u8" ? Uint8Array.from(numbers, (x) => (x + 2) * 63) : numbers;
};

/** Fails unless numbers are within `tolerance`, relative where they are larger than 1. */
export function expectClose(
  actual: ArrayLike<number>,
  expected: ArrayLike<number>,
  tolerance: number,
): void {
  expect(actual.length).toBe(expected.length);
  for (let i = 0; i < expected.length; i++) {
    const [a, b] = [actual[i]!, expected[i]!];
    const error = Math.abs(a - b) / Math.max(1, Math.abs(b));
    if (!(error <= tolerance) && !Object.is(a, b)) {
      expect.fail(`element ${i} is ${a}, not ${b}`);
    }
  }
}

/** Runs a node's kernel in float32 and float64 and compares both with the reference evaluator. */
export function expectKernel<K extends OpName>(
  node: NodeOf<K>,
  algorithm: Algorithm<K>,
  how: KernelCase,
  { tolerance = 3e-6, data = new Map<Value, Float32Array | Uint8Array>() } = {},
): void {
  const target = how.target === "wasm" ? wasmTarget : typescriptTarget;
  expect(algorithm.refuse(node, target)).toBeUndefined();
  const values = [...new Set([...operandsOf(node as Node), ...node.results])];
  const inputs = values.filter((value) => value.node.op === "input");
  const given = new Map(inputs.map((v, i) => [v, data.get(v) ?? dataFor(v, how.seed + i)]));
  const expected = reference(node as Node, given);
  const wish = (value: Value): Arrangement => how.arrangements[values.indexOf(value) % 6]!;
  for (const execute of [inFloat32, inFloat64]) {
    const options = { target, wish, data: given, execute, calls: how.calls };
    const actual = runNode(node, algorithm, options);
    expected.forEach((numbers, index) => {
      expectClose(actual[index]!, numbers, tolerance);
    });
  }
}
