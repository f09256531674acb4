import { expectTypeOf, test } from "vitest";
import type { Multiply } from "../../src/dsl/builder/arithmetic.js";
import {
  add,
  avgpool,
  conv,
  deconv,
  dwconv,
  f32,
  flatten,
  gap,
  type Image,
  label,
  linear,
  maxpool,
  model,
  pwconv,
  relu,
  reshape,
  residual,
  type Shape,
  softmax,
  split,
  upsample,
  type Value,
} from "../../src/dsl/builder/index.js";

/** The types of what a function builds in a model; nothing of it is looked at when it runs. */
const check = (build: (image: Value<readonly [3, 224, 224]>) => void): void => {
  model("M", { image: f32(3, 224, 224) }, ({ image }) => {
    build(image);
    return { y: image };
  });
};

type Of<V> = V extends Value<infer S> ? S : never;

test("windows give literal sizes", () => {
  check((image) => {
    const a = image.pipe(conv(64, 7, { stride: 2, bias: false }));
    expectTypeOf<Of<typeof a>>().toEqualTypeOf<readonly [64, 112, 112]>();
    const b = a.pipe(relu, maxpool(3, { stride: 2, pad: 1 }));
    expectTypeOf<Of<typeof b>>().toEqualTypeOf<readonly [64, 56, 56]>();
    const c = b.pipe(conv(8, [1, 7], { pad: 0 }), avgpool(2));
    expectTypeOf<Of<typeof c>>().toEqualTypeOf<readonly [8, 28, 25]>();
    const d = c.pipe(dwconv(3, { stride: [2, 3], pad: "same", multiplier: 4 }), upsample(2));
    expectTypeOf<Of<typeof d>>().toEqualTypeOf<readonly [32, 28, 18]>();
    const e = d.pipe(conv(5, 2), pwconv(6));
    expectTypeOf<Of<typeof e>>().toEqualTypeOf<readonly [6, 27, 17]>();
  });
});

test("images become vectors of as many elements", () => {
  check((image) => {
    const all = image.pipe(conv(512, 1, { stride: 32 }), flatten);
    expectTypeOf<Of<typeof all>>().toEqualTypeOf<readonly [25_088]>();
    const few = image.pipe(gap, flatten, linear(10), softmax);
    expectTypeOf<Of<typeof few>>().toEqualTypeOf<readonly [10]>();
    const pooled = image.pipe(gap.with({ keepdims: false }));
    expectTypeOf<Of<typeof pooled>>().toEqualTypeOf<readonly [3]>();
    expectTypeOf<Multiply<123_456, 7_890>>().toEqualTypeOf<974_067_840>();
  });
});

test("sizes that are not literal are numbers", () => {
  const out: number = Number("5");
  check((image) => {
    const a = image.pipe(conv(out, 3, { dilation: 2 }), deconv(7, 2));
    expectTypeOf<Of<typeof a>>().toEqualTypeOf<readonly [7, number, number]>();
    const b = image.pipe(conv(out, 3), relu);
    expectTypeOf<Of<typeof b>>().toEqualTypeOf<readonly [number, 224, 224]>();
    const c = image.pipe(flatten, reshape(6, -1));
    expectTypeOf<Of<typeof c>>().toEqualTypeOf<readonly [6, number]>();
  });
});

test("functions and labels hand shapes on", () => {
  const down = <S extends Image>(x: Value<S>) => x.pipe(conv(16, 3, { stride: 2 }), relu);
  check((image) => {
    const a = image.pipe(down, label("second", down), residual(conv(16, 3).as("body")));
    expectTypeOf<Of<typeof a>>().toEqualTypeOf<readonly [16, 56, 56]>();
    const b = image.pipe((x) => add(x, x.pipe(conv(3, 3))));
    expectTypeOf<Of<typeof b>>().toEqualTypeOf<readonly [3, 224, 224]>();
    const c = add(image, image.pipe(gap));
    expectTypeOf<Of<typeof c>>().toEqualTypeOf<readonly [3, 224, 224]>();
    const parts = image.pipe(split(3));
    expectTypeOf(parts.length).toEqualTypeOf<3>();
    expectTypeOf<Of<(typeof parts)[0]>>().toEqualTypeOf<Shape>();
  });
});

/** Never run: each marked line must fail to compile. */
const wrong = (image: Value<readonly [3, 8, 8]>): void => {
  // @ts-expect-error linear takes a vector
  image.pipe(relu, linear(10));
  // @ts-expect-error conv takes an image
  image.pipe(flatten, conv(8, 3));
  // @ts-expect-error the shapes have other channels
  add(image, image.pipe(conv(4, 3)));
  // @ts-expect-error there is no such argument
  conv(8, 3, { strides: 2 });
  // @ts-expect-error a kernel is a size
  conv(8, "3x3");
  // @ts-expect-error conv needs its kernel
  conv(8);
  // @ts-expect-error there is no such input
  model("M", { image: f32(1, 4, 4) }, ({ picture }) => ({ y: picture }));
  // @ts-expect-error outputs are values
  model("M", { image: f32(1, 4, 4) }, () => ({ y: 3 }));
};

test("what does not fit does not compile", () => {
  expectTypeOf(wrong).toBeFunction();
});
