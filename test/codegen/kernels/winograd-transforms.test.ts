import fc from "fast-check";
import { expect, test } from "vitest";
import {
  fourOutputs,
  twoOutputs,
  type WinogradForm,
} from "../../../src/codegen/kernels/winograd-transforms.js";
import { FunctionBuilder, load, mul } from "../../../src/codegen/loops/build.js";
import { expectClose } from "../../support/close.js";
import { runFunction } from "../../support/kernel-site.js";

/** `y = Aᵀ [(G g) ⊙ (Bᵀ d)]` of the three taps and the inputs behind them. */
function transformed(form: WinogradForm, numbers: readonly number[]): Float32Array {
  const f = new FunctionBuilder("line", "one line of a tile");
  const [from, to] = [f.param("from", "floats"), f.param("to", "floats")];
  const read = (first: number, count: number) =>
    [...Array(count).keys()].map((i) => f.let("x", load("f32", from, first + i)));
  const u = form.weight(f, read(0, 3));
  const v = form.input(f, read(3, form.inputs));
  const products = u.map((x, i) => f.let("p", mul(x, v[i]!)));
  form.output(f, products).forEach((y, i) => {
    f.store(to, i, y);
  });
  const memory = new Float32Array(32);
  memory.set(numbers);
  runFunction(f.done(), memory, [0, 16]);
  return memory.slice(16, 16 + form.outputs);
}

test.each([fourOutputs, twoOutputs])("$name: one line is a sum over three neighbours", (form) => {
  expect(form.inputs).toBe(form.outputs + 2);
  const number = fc.integer({ min: -999, max: 999 }).map((x) => x / 500);
  const lines = fc.array(number, { minLength: 3 + form.inputs, maxLength: 3 + form.inputs });
  fc.assert(
    fc.property(lines, (numbers) => {
      const [g0 = 0, g1 = 0, g2 = 0, ...d] = numbers;
      const expected = [...Array(form.outputs).keys()].map(
        (i) => g0 * d[i]! + g1 * d[i + 1]! + g2 * d[i + 2]!,
      );
      expectClose([...transformed(form, numbers), 4], [...expected, 4], 1e-5);
    }),
    { seed: 22, numRuns: 100 },
  );
});
