import { describeValue, isBytes, isFloats, lengthOf, printShape } from "./arrays.js";
import type { InputDescription, TensorDescription } from "./description.js";
import { picturesOf } from "./pictures.js";

/** What tensors are to the caller. */
export type TensorArray = Float32Array | Uint8Array;

/** One tensor of the model's border and the part of memory where it lies. */
export interface Port {
  readonly description: TensorDescription;
  readonly view: TensorArray;
}

/** An input and how a caller's value gets there. */
export interface InputPort extends Port {
  write(value: unknown): void;
}

const elementsOf = (shape: readonly number[]): number => shape.reduce((size, n) => size * n, 1);

/** The part of memory that belongs to a tensor. */
export function portOf(description: TensorDescription, buffer: ArrayBufferLike): Port {
  const length = elementsOf(description.shape);
  const view =
    description.dtype === "uint8"
      ? new Uint8Array(buffer, description.address, length)
      : new Float32Array(buffer, description.address, length);
  return { description, view };
}

/** An input port: takes arrays of the tensor's type and length and, where it has settings, pictures. */
export function inputPortOf(description: InputDescription, buffer: ArrayBufferLike): InputPort {
  const port = portOf(description, buffer);
  const writePictures = picturesOf(description, port.view);
  const write = (value: unknown): void => {
    if (writePictures?.(value)) return;
    checkArray("input", description, value);
    port.view.set(value);
  };
  return { ...port, write };
}

/** Throws a TypeError with both shapes unless `value` is an array of the tensor's type and length. */
export function checkArray(
  what: "input" | "output",
  description: TensorDescription,
  value: unknown,
): asserts value is TensorArray {
  const { name, shape, dtype } = description;
  const length = elementsOf(shape);
  const right = dtype === "uint8" ? isBytes(value) : isFloats(value);
  const given = lengthOf(value);
  if (right && given === length) return;
  const type = dtype === "uint8" ? "Uint8Array" : "Float32Array";
  const wanted = `expected ${printShape(shape)}, a ${type} of ${length}${alternatives(description)}`;
  const got = right ? `[${given}], a ` : "";
  throw new TypeError(
    `${what} ${JSON.stringify(name)}: ${wanted}; got ${got}${describeValue(value)}`,
  );
}

function alternatives(description: InputDescription): string {
  if (!description.picture) return "";
  const [images = 1] = description.shape;
  const one = "{ data, width, height } in RGBA bytes";
  return images === 1 ? `, or a picture ${one}` : `, or a list of ${images} pictures ${one}`;
}
