/** Numbers in rows and columns, row-major, in double precision. Not to be written once it is handed on. */
export interface Matrix {
  readonly rows: number;
  readonly columns: number;
  readonly data: Float64Array;
}

/** A matrix of the numbers given, row-major; zeros when there are none. */
export function matrixOf(rows: number, columns: number, data?: ArrayLike<number>): Matrix {
  const numbers = data ? Float64Array.from(data) : new Float64Array(rows * columns);
  return { rows, columns, data: numbers };
}

/** One row, as a view. */
export const rowOf = ({ columns, data }: Matrix, row: number): Float64Array =>
  data.subarray(row * columns, (row + 1) * columns);

/** Mᵀ. */
export function transpose({ rows, columns, data }: Matrix): Matrix {
  const turned = matrixOf(columns, rows);
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++) {
      turned.data[column * rows + row] = data[row * columns + column]!;
    }
  }
  return turned;
}

/** A · B. Zeros of A take no time. */
export function multiply(left: Matrix, right: Matrix): Matrix {
  const product = matrixOf(left.rows, right.columns);
  for (let row = 0; row < left.rows; row++) {
    const sums = rowOf(product, row);
    for (let k = 0; k < left.columns; k++) {
      const factor = left.data[row * left.columns + k]!;
      if (factor !== 0) addScaled(sums, factor, rowOf(right, k));
    }
  }
  return product;
}

/** M · Mᵀ, `[rows, rows]`: every row with every row. */
export function gram(matrix: Matrix): Matrix {
  const { rows } = matrix;
  const products = matrixOf(rows, rows);
  for (let i = 0; i < rows; i++) {
    const row = rowOf(matrix, i);
    for (let j = 0; j <= i; j++) {
      const product = dot(row, rowOf(matrix, j));
      products.data[i * rows + j] = product;
      products.data[j * rows + i] = product;
    }
  }
  return products;
}

/** Σ a · b over the length of the first. */
export function dot(a: Float64Array, b: Float64Array): number {
  const { length } = a;
  let [s0, s1, s2, s3] = [0, 0, 0, 0];
  let at = 0;
  for (; at + 3 < length; at += 4) {
    s0 += a[at]! * b[at]!;
    s1 += a[at + 1]! * b[at + 1]!;
    s2 += a[at + 2]! * b[at + 2]!;
    s3 += a[at + 3]! * b[at + 3]!;
  }
  for (; at < length; at++) s0 += a[at]! * b[at]!;
  return s0 + s1 + (s2 + s3);
}

/** a ← a + factor · b, over the length of the first. */
export function addScaled(a: Float64Array, factor: number, b: Float64Array): void {
  const { length } = a;
  for (let at = 0; at < length; at++) a[at]! += factor * b[at]!;
}

/** The Frobenius norm: the root of the sum of squares. */
export const normOf = (numbers: Float64Array): number => Math.sqrt(dot(numbers, numbers));

/** |actual − wanted| / |wanted| in the Frobenius norm; 0 when both are zero. */
export function relativeError(actual: ArrayLike<number>, wanted: ArrayLike<number>): number {
  let [error, size] = [0, 0];
  for (let at = 0; at < wanted.length; at++) {
    error += (actual[at]! - wanted[at]!) ** 2;
    size += wanted[at]! ** 2;
  }
  return error === 0 ? 0 : Math.sqrt(error / size);
}
