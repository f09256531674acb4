import type { ElementType } from "../../ir/types.js";
import { advance, eq, type FunctionBuilder, min, shuffle, vectorsOf } from "../loops/build.js";
import type { Expr } from "../loops/types.js";
import type { KernelTarget } from "../target.js";
import { type Nest, type Strided, simplify } from "./nest.js";
import { type Range, unitsOf, writeStrided } from "./strided-loops.js";

/** Four vectors, rows of a 4 by 4 block, as its columns. */
function transposed(f: FunctionBuilder, rows: readonly Expr[]): readonly Expr[] {
  const [a, b, c, d] = rows as readonly [Expr, Expr, Expr, Expr];
  const low = [f.let("t", shuffle(a, b, [0, 4, 1, 5])), f.let("t", shuffle(c, d, [0, 4, 1, 5]))];
  const high = [f.let("t", shuffle(a, b, [2, 6, 3, 7])), f.let("t", shuffle(c, d, [2, 6, 3, 7]))];
  return [low, high].flatMap(([left, right]) => [
    shuffle(left!, right!, [0, 1, 4, 5]),
    shuffle(left!, right!, [2, 3, 6, 7]),
  ]);
}

/** A plane whose columns lie behind each other in the result and whose rows do in the operand. */
interface Plane {
  readonly rows: number;
  readonly columns: number;
  /** Distance of rows in the result. */
  readonly resultStride: number;
  /** Distance of columns in the operand. */
  readonly operandStride: number;
}

/** Copies a plane in blocks of 4 by 4; blocks at the ends store only what is theirs. */
class PlaneWriter {
  readonly #v = vectorsOf({ lanes: 4 });

  constructor(
    readonly f: FunctionBuilder,
    readonly plane: Plane,
  ) {}

  write(result: Expr, operand: Expr): void {
    const { rows, resultStride } = this.plane;
    const whole = rows - (rows % 4);
    this.#walk(whole, result, 4 * resultStride, operand, 4, (to, from) => this.#band(to, from, 4));
    if (whole < rows) this.#lastBand(result, operand, whole);
  }

  /** Bands `start` to `end` of four rows each; the last may have fewer. */
  writeBands(result: Expr, operand: Expr, { start, end }: Range): void {
    const { f } = this;
    const { rows, resultStride } = this.plane;
    const rest = rows % 4;
    const whole = (rows - rest) / 4;
    f.for("band", start, rest > 0 ? min(end, whole) : end, 1, (band) => {
      const to = f.let("to", advance(result, band, 4 * resultStride));
      this.#band(to, f.let("from", advance(operand, band, 4)), 4);
    });
    if (rest > 0) f.if(eq(end, whole + 1), () => this.#lastBand(result, operand, 4 * whole));
  }

  #lastBand(result: Expr, operand: Expr, row: number): void {
    const { rows, resultStride } = this.plane;
    this.#band(advance(result, row * resultStride), advance(operand, row), rows - row);
  }

  /** Up to four rows of the result. */
  #band(result: Expr, operand: Expr, rows: number): void {
    const { columns, operandStride } = this.plane;
    const whole = columns - (columns % 4);
    this.#walk(whole, result, 4, operand, 4 * operandStride, (to, from) =>
      this.#block(to, from, rows, 4),
    );
    if (whole === columns) return;
    const rest = columns - whole;
    this.#block(advance(result, whole), advance(operand, whole * operandStride), rows, rest);
  }

  /** `size / 4` times; both addresses move along. */
  #walk(
    size: number,
    result: Expr,
    resultStep: number,
    operand: Expr,
    operandStep: number,
    body: (result: Expr, operand: Expr) => void,
  ): void {
    const { f } = this;
    if (size === 4) body(result, operand);
    if (size <= 4) return;
    const from = f.let("p", operand);
    const first = f.let("first", result);
    f.for("y", first, advance(first, (size / 4) * resultStep), resultStep, (y) => {
      body(y, from);
      f.set(from, advance(from, operandStep));
    });
  }

  #block(result: Expr, operand: Expr, rows: number, columns: number): void {
    const { f, plane } = this;
    const loads = [...Array(columns).keys()].map((column) =>
      f.let("a", this.#v.load(operand, column * plane.operandStride)),
    );
    const filled = [0, 1, 2, 3].map((column) => loads[column] ?? loads[0]!);
    for (const [row, value] of transposed(f, filled).slice(0, rows).entries()) {
      f.store(result, row * plane.resultStride, value, columns);
    }
  }
}

/** The axis along which the operand is contiguous while the result is along the innermost, if any. */
function rowAxisOf({ extents, operands }: Nest): number | undefined {
  const [result, operand] = operands;
  const innermost = extents.length - 1;
  if (result?.strides[innermost] !== 1 || operand?.strides[innermost] === 1) return undefined;
  if (operand?.strides[innermost] === 0) return undefined;
  const axis = operand?.strides.indexOf(1) ?? -1;
  return axis < 0 ? undefined : axis;
}

/** The axis outside the planes whose indices a range counts; undefined where there is one plane. */
const outerAxis = ({ extents }: Nest, rowAxis: number): number | undefined =>
  [...extents.keys()].find((axis) => axis !== rowAxis && axis !== extents.length - 1);

/** Plane by plane; a range counts indices of the outermost axis that is not the plane's, or bands of rows. */
function writePlanes(
  f: FunctionBuilder,
  nest: Nest,
  rowAxis: number,
  addresses: readonly [Expr, Expr],
  range: Range | undefined,
): void {
  const [result, operand] = nest.operands as readonly [Strided, Strided];
  const innermost = nest.extents.length - 1;
  const plane: Plane = {
    rows: nest.extents[rowAxis]!,
    columns: nest.extents[innermost]!,
    resultStride: result.strides[rowAxis]!,
    operandStride: operand.strides[innermost]!,
  };
  const outer = [...nest.extents.keys()].filter((axis) => axis !== rowAxis && axis !== innermost);
  const writer = new PlaneWriter(f, plane);
  const visit = ([axis, ...inner]: readonly number[], to: Expr, from: Expr): void => {
    if (axis === undefined) {
      const [result, operand] = [f.let("to", to), f.let("from", from)];
      if (range && outer.length === 0) writer.writeBands(result, operand, range);
      else writer.write(result, operand);
      return;
    }
    const ranged = range && axis === outer[0] ? range : { start: 0, end: nest.extents[axis]! };
    f.for("i", ranged.start, ranged.end, 1, (i) =>
      visit(inner, advance(to, i, result.strides[axis]!), advance(from, i, operand.strides[axis]!)),
    );
  };
  visit(outer, advance(addresses[0], result.offset), advance(addresses[1], operand.offset));
}

/** A copy of elements: where they go and come from, and how it is written. */
interface Copy {
  /** Units of a range; 1 when it takes none. */
  readonly units: number;
  /** Writes all, or the units of a range. */
  write(f: FunctionBuilder, result: Expr, operand: Expr, range?: Range): void;
}

/**
 * `result[i] = operand[i]` for every index of a nest of these two, in any order of axes. Vectors where
 * both are contiguous along one axis, blocks of 4 by 4 where each is along another, else one by one.
 */
export function copyOf(nest: Nest, element: ElementType, target: KernelTarget): Copy {
  const simple = simplify(nest);
  const rowAxis = element === "f32" && target.lanes === 4 ? rowAxisOf(simple) : undefined;
  if (rowAxis === undefined) {
    return {
      units: unitsOf(simple),
      write: (f, result, operand, range) =>
        writeStrided(f, target, simple, [result, operand], (read) => read(1), range),
    };
  }
  const outer = outerAxis(simple, rowAxis);
  return {
    units: simple.extents[outer ?? -1] ?? Math.ceil(simple.extents[rowAxis]! / 4),
    write: (f, result, operand, range) => writePlanes(f, simple, rowAxis, [result, operand], range),
  };
}

/** The type of an address of elements. */
export const addressOf = (element: ElementType): "floats" | "bytes" =>
  element === "f32" ? "floats" : "bytes";
