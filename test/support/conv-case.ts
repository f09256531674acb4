import fc from "fast-check";
import { constantOf } from "../../src/ir/build.js";
import type { Value } from "../../src/ir/graph.js";
import type { Epilogue, UnaryFunction } from "../../src/ir/ops/arithmetic.js";
import type { Pair, Sides } from "../../src/ir/ops/conv.js";
import { sizeOf } from "../../src/ir/types.js";
import { inputOf, noise } from "./kernel-case.js";

const small = fc.integer({ min: 0, max: 2 });

/** What slides over an image, any of it uneven. */
export interface WindowCase {
  readonly kernel: Pair;
  readonly stride: Pair;
  readonly dilation: Pair;
  readonly pads: Sides;
}

const upTo = (most: number): fc.Arbitrary<Pair> =>
  fc.tuple(fc.integer({ min: 1, max: most }), fc.integer({ min: 1, max: most }));

/** Plain windows as often as strange ones. */
export const windows: fc.Arbitrary<WindowCase> = fc.oneof(
  fc.record({
    kernel: fc.constantFrom<Pair>([1, 1], [3, 3], [5, 5], [1, 3], [3, 1]),
    stride: fc.constantFrom<Pair>([1, 1], [2, 2]),
    dilation: fc.constant<Pair>([1, 1]),
    pads: fc.constantFrom<Sides>([0, 0, 0, 0], [1, 1, 1, 1]),
  }),
  fc.record({
    kernel: upTo(4),
    stride: upTo(3),
    dilation: upTo(3),
    pads: fc.tuple(small, small, small, small),
  }),
);

/** What follows a convolution: activations, residuals and factors of several shapes. */
export interface EndCase {
  readonly epilogue: Epilogue;
  readonly shapes: readonly ("whole" | "channels" | "perImage" | "pixels" | "one")[];
  readonly constant: boolean;
}

export const ends: fc.Arbitrary<EndCase> = fc
  .tuple(
    fc.array(fc.constantFrom("whole", "channels", "perImage", "pixels", "one"), { maxLength: 2 }),
    fc.constantFrom("add", "mul", "sub", "max"),
    fc.constantFrom("left", "right"),
    fc.constantFrom<UnaryFunction | undefined>(
      undefined,
      { kind: "leakyRelu", slope: 0.25 },
      { kind: "silu" },
    ),
    fc.nat(2),
    fc.boolean(),
  )
  .map(([shapes, fn, side, activation, place, constant]) => ({
    shapes,
    constant,
    epilogue: shapes
      .map((_, extra): Epilogue[number] => ({ kind: "binary", fn, extra, side }))
      .toSpliced(place, 0, ...(activation ? [{ kind: "unary", fn: activation } as const] : [])),
  }));

/** Operands for the steps that read one, for a result of this shape. */
export function extrasFor(end: EndCase, result: readonly number[]): Value[] {
  const [n = 1, c = 1, ...image] = result;
  const ones = image.map(() => 1);
  const shapes = {
    whole: result,
    channels: [c, ...ones],
    perImage: [n, c, ...ones],
    pixels: [n, 1, ...image],
    one: [],
  };
  return end.shapes.map((kind, index) =>
    end.constant ? randomConstant(shapes[kind], 50 + index) : inputOf(...shapes[kind]),
  );
}

/** A constant of noise. */
export const randomConstant = (shape: readonly number[], seed: number): Value =>
  constantOf(shape, noise(sizeOf(shape), seed), "parameter", { name: `constant${seed}` });
