const typedArrayPrototype: object = Object.getPrototypeOf(Uint8Array.prototype);
const getterOf = (key: PropertyKey): ((this: unknown) => unknown) =>
  Object.getOwnPropertyDescriptor(typedArrayPrototype, key)?.get ?? (() => undefined);
const tagGetter = getterOf(Symbol.toStringTag);
const lengthGetter = getterOf("length");
const bufferGetter = getterOf("buffer");

/** The kind of a typed array (`"Float32Array"`) from its own slots, whatever realm made it; undefined for all else. */
export const kindOf = (value: unknown): unknown => tagGetter.call(value);

/** The length of a typed array from its own slots: no getter of the caller's runs. -1 for all else. */
export const lengthOf = (value: unknown): number =>
  kindOf(value) === undefined ? -1 : Number(lengthGetter.call(value));

export const isFloats = (value: unknown): value is Float32Array => kindOf(value) === "Float32Array";
export const isBytes = (value: unknown): value is Uint8Array => kindOf(value) === "Uint8Array";

/** A value as an error message names it; runs no code of the caller's. */
export function describeValue(value: unknown): string {
  const kind = kindOf(value);
  if (kind !== undefined) return `${kind} of ${lengthGetter.call(value)}${detachedNote(value)}`;
  if (value === null || value === undefined) return String(value);
  if (Array.isArray(value)) return `an Array of ${value.length}`;
  return typeof value === "object" ? "an object" : `a ${typeof value}`;
}

function detachedNote(array: unknown): string {
  const buffer = bufferGetter.call(array);
  try {
    if (buffer instanceof ArrayBuffer) new Uint8Array(buffer);
    return "";
  } catch {
    return " (its buffer was transferred away)";
  }
}

/** `[1, 3, 224, 224]`. */
export const printShape = (shape: readonly number[]): string => `[${shape.join(", ")}]`;

/** `"a", "b"`, as error messages list names. */
export const printNames = (names: readonly string[]): string =>
  names.map((name) => JSON.stringify(name)).join(", ");
