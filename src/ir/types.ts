/** What one element of a tensor is while a compiled model runs. */
export type ElementType = "f32" | "u8";

/** Element type and full shape (rank 0 to 6, any batch axis included). */
export interface TensorType {
  readonly element: ElementType;
  readonly shape: readonly number[];
}

export const f32 = (...shape: readonly number[]): TensorType => ({ element: "f32", shape });
export const u8 = (...shape: readonly number[]): TensorType => ({ element: "u8", shape });

/** The number of elements of a shape. */
export const sizeOf = (shape: readonly number[]): number => shape.reduce((size, n) => size * n, 1);

export const sameShape = (a: readonly number[], b: readonly number[]): boolean =>
  a.length === b.length && a.every((n, axis) => n === b[axis]);

export const sameType = (a: TensorType, b: TensorType): boolean =>
  a.element === b.element && sameShape(a.shape, b.shape);

/** `f32[1,3,224,224]`, as printed everywhere. */
export const printType = (type: TensorType): string => `${type.element}[${type.shape.join(",")}]`;

/** Row-major strides of a shape, in elements. */
export function stridesOf(shape: readonly number[]): number[] {
  const strides = shape.map(() => 1);
  for (let axis = shape.length - 2; axis >= 0; axis--) {
    strides[axis] = (strides[axis + 1] ?? 1) * (shape[axis + 1] ?? 1);
  }
  return strides;
}
