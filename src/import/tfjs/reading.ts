import { InternalError, type Report } from "../../diagnostics/report.js";
import { build, constantOf } from "../../ir/build.js";
import type { Value } from "../../ir/graph.js";
import type { Role } from "../../ir/ops/leaf.js";
import { ShapeError } from "../../ir/ops/operator.js";
import { sizeOf, stridesOf } from "../../ir/types.js";
import { type StoredTensor, toFloat32 } from "../../weights/store.js";
import { JsonError } from "./json.js";

/** A layer or node that cannot be compiled, and why. */
export class Refusal extends Error {
  override readonly name = "Refusal";
}

export const refuse = (why: string): never => {
  throw new Refusal(why);
};

/** How a stored tensor becomes a parameter: its axes in another order, then its elements in another shape. */
export interface Arrangement {
  readonly permutation?: readonly number[];
  readonly shape?: readonly number[];
}

/** Names of which no two are equal. */
export class Names {
  readonly #taken = new Set<string>();
  readonly #next = new Map<string, number>();

  /** The name wished, or with the first number from `from` on behind it that makes it new. */
  add(wished: string, from: number): string {
    let name = wished;
    for (let n = this.#next.get(wished) ?? from; this.#taken.has(name); n++) {
      name = `${wished}_${n}`;
      this.#next.set(wished, n + 1);
    }
    this.#taken.add(name);
    return name;
  }
}

/** The most numbers that constants made while reading may have. */
const maxLiterals = 2 ** 26;

/** The most nodes of a model. */
export const maxParts = 100_000;

/** What the reading of one model collects: parameters with their tensors, and what cannot be compiled. */
export class Reading {
  readonly tensors = new Map<string, StoredTensor>();
  readonly #parameters = new Map<string, Value>();
  readonly #refused: { name: string; op: string; why: string }[] = [];
  readonly #labels = new Names();
  #literals = 0;
  #parts = 0;

  constructor(
    readonly file: string,
    readonly report: Report,
  ) {}

  /** Makes one layer or node. What refuses it is kept for `finish`, and undefined given. */
  attempt<T>(name: string, op: string, make: () => T): T | undefined {
    this.#parts++;
    if (this.#parts > maxParts) {
      this.report.add("tfjs-too-large", { file: this.file, limit: maxParts });
      this.report.throwIfErrors();
    }
    try {
      return make();
    } catch (error) {
      if (error instanceof Refusal) this.refuse(name, op, error.message);
      else if (error instanceof ShapeError) {
        const { code, details, hint }: ShapeError = error;
        const notes = [{ message: `in ${op} ${JSON.stringify(name.slice(0, 120))}` }];
        this.report.add(code, details, { hint, notes });
      } else throw error;
      return undefined;
    }
  }

  refuse(name: string, op: string, why: string): void {
    this.#refused.push({ name, op, why });
  }

  /** Reports everything that cannot be compiled, at once. */
  finish(): void {
    const [file, nodes] = [this.file, this.#refused];
    if (nodes.length > 0) this.report.add("tfjs-unsupported", { file, nodes });
    this.report.throwIfErrors();
  }

  /** A label that nothing else has. */
  uniqueLabel(wished: string): string {
    return this.#labels.add(wished, 2);
  }

  /** A parameter of the shape; the same one for the same path. Its tensor may be missing. */
  parameter(
    path: string,
    shape: readonly number[],
    stored: StoredTensor | undefined,
    { role = "parameter", ...arrangement }: Arrangement & { readonly role?: Role } = {},
  ): Value {
    const known = this.#parameters.get(path);
    if (known) return known;
    const value = build("parameter", {}, { path, role, shape }, { name: path });
    this.#parameters.set(path, value);
    if (stored) this.tensors.set(path, arranged(stored, arrangement));
    return value;
  }

  literal(shape: readonly number[], of: (at: number) => number): Value {
    this.#literals += sizeOf(shape);
    if (this.#literals > maxLiterals) {
      refuse(`the constants up to here have more than ${maxLiterals} numbers`);
    }
    return constantOf(
      shape,
      Float32Array.from({ length: sizeOf(shape) }, (_, at) => of(at)),
    );
  }
}

/** A tensor that keeps its own shape where that does not fit the arrangement: binding tells so. */
function arranged(stored: StoredTensor, { permutation, shape }: Arrangement): StoredTensor {
  const isPermuted = permutation !== undefined && permutation.length === stored.shape.length;
  const own = isPermuted ? permutation.map((axis) => stored.shape[axis]!) : stored.shape;
  const reshaped = shape && sizeOf(shape) === sizeOf(own) ? shape : own;
  const read = () => {
    const data = toFloat32(stored.read());
    const moved = isPermuted ? permuted(data, stored.shape, permutation) : data;
    return { dtype: "float32", shape: reshaped, data: moved } as const;
  };
  return { dtype: "float32", shape: reshaped, read };
}

/** The numbers with their axes in another order. */
function permuted(
  data: Float32Array,
  shape: readonly number[],
  permutation: readonly number[],
): Float32Array {
  const strides = stridesOf(shape);
  const moves = permutation.map((axis) => strides[axis]!);
  const sizes = permutation.map((axis) => shape[axis]!);
  const index = sizes.map(() => 0);
  const moved = new Float32Array(data.length);
  let from = 0;
  for (let to = 0; to < moved.length; to++) {
    moved[to] = data[from]!;
    for (let axis = sizes.length - 1; axis >= 0; axis--) {
      index[axis]! += 1;
      from += moves[axis]!;
      if (index[axis]! < sizes[axis]!) break;
      from -= moves[axis]! * sizes[axis]!;
      index[axis] = 0;
    }
  }
  return moved;
}

/** Runs what reads JSON, and reports what is not as it must be. */
export function orMalformed<T>(file: string, report: Report, run: () => T): T {
  try {
    return run();
  } catch (error) {
    if (!(error instanceof JsonError)) throw error;
    const { place, message: problem } = error;
    report.add("tfjs-malformed", { file, place, problem });
    report.throwIfErrors();
    throw new InternalError("an error was reported and not thrown");
  }
}
