import { compileFile } from "../../src/compile.js";
import type { CompileOptions } from "../../src/compile-options.js";
import type { Compiled } from "../../src/compiled.js";
import { instantiate } from "../../src/instantiate.js";
import { sizeOf } from "../../src/ir/types.js";

/** Numbers under a name, in the order of the shape's axes. */
export interface NamedTensor {
  readonly name: string;
  readonly shape: readonly number[];
  readonly data: Float32Array | Uint8Array;
}

/** A compiled model, what it was given and what it made of it. */
export interface Computed {
  readonly compiled: Compiled;
  readonly inputs: readonly NamedTensor[];
  readonly outputs: readonly NamedTensor[];
}

/** Makes the numbers of an input from its shape and its place among the inputs. */
export type Filling = (shape: readonly number[], place: number) => Float32Array;

/** Compiles a model's file and runs it once. Bytes of pictures are taken from numbers between 0 and 255. */
export async function computeFile(
  file: string,
  options: CompileOptions,
  fill: Filling,
): Promise<Computed> {
  const compiled = await compileFile(file, options);
  const inputs = Object.entries(compiled.inputs).map(([name, { shape, dtype }], place) => {
    const numbers = fill(shape, place);
    return { name, shape, data: dtype === "uint8" ? Uint8Array.from(numbers) : numbers };
  });
  const model = await instantiate(compiled);
  const results = model.run(Object.fromEntries(inputs.map(({ name, data }) => [name, data])));
  const outputs = Object.entries(compiled.outputs).map(([name, { shape }]) => ({
    name,
    shape,
    data: floatsOf(results[name], sizeOf(shape)),
  }));
  model.dispose();
  return { compiled, inputs, outputs };
}

/** A copy of what a run gave: the model's memory goes away. */
function floatsOf(array: ArrayLike<number> | undefined, size: number): Float32Array {
  if (array?.length !== size) throw new Error(`a result has ${array?.length} numbers, not ${size}`);
  return Float32Array.from(array);
}
