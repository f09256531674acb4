import { InternalError } from "../../diagnostics/report.js";
import {
  binaryNumbers,
  conversionNumbers,
  type Precision,
  type TwoNumbers,
  unaryNumbers,
} from "./arithmetic.js";
import { isComparison, isVector } from "./fold.js";
import type { Expr, Local, LoopFunction, Stmt } from "./types.js";

/** The memory of a module as the two kinds of address see it. */
export interface Memory {
  readonly floats: Float32Array;
  readonly bytes: Uint8Array;
}

type Action = () => void;
type Scalar = () => number;
/** A vector: four numbers from a slot on, right after `run`. */
interface Vector {
  readonly at: number;
  run(): void;
}

const nothing: Action = () => {};
const lanes = [0, 1, 2, 3] as const;

/**
 * Turns one function into closures over a frame of numbers. A scalar local has one slot, a vector four;
 * vector expressions get slots of their own, so nothing is allocated while running.
 */
export class FunctionCompiler {
  readonly #slots = new Map<string, number>();
  readonly #frame: number[] = [];

  constructor(
    readonly source: LoopFunction,
    readonly memory: Memory,
    readonly precision: Precision,
  ) {}

  /** The function; arguments are numbers, addresses counted in elements. */
  compile(): (...values: number[]) => void {
    const frame = this.#frame;
    const params = this.source.params.map((param) => this.#slot(param));
    const body = this.#block(this.source.body);
    return (...values) => {
      for (const [i, slot] of params.entries()) frame[slot] = values[i] ?? Number.NaN;
      body();
    };
  }

  #reserve(count: number): number {
    const at = this.#frame.length;
    for (let i = 0; i < count; i++) this.#frame.push(0);
    return at;
  }

  #slot(local: Local): number {
    const known = this.#slots.get(local.name);
    if (known !== undefined) return known;
    const slot = this.#reserve(isVector(local.type) ? 4 : 1);
    this.#slots.set(local.name, slot);
    return slot;
  }

  #block(body: readonly Stmt[]): Action {
    const actions = body.map((statement) => this.#statement(statement));
    if (actions.length === 1 && actions[0]) return actions[0];
    return () => {
      for (const action of actions) action();
    };
  }

  #statement(statement: Stmt): Action {
    switch (statement.kind) {
      case "comment":
        return nothing;
      case "set":
        return this.#set(statement.local, statement.value);
      case "store":
        return this.#store(statement);
      case "for":
        return this.#loop(statement);
      case "if": {
        const condition = this.#scalar(statement.condition);
        const then = this.#block(statement.then);
        const otherwise = this.#block(statement.otherwise);
        return () => (condition() !== 0 ? then() : otherwise());
      }
    }
  }

  #set(local: Local, value: Expr): Action {
    const frame = this.#frame;
    const slot = this.#slot(local);
    if (!isVector(value.type)) {
      const compute = this.#scalar(value);
      return () => {
        frame[slot] = compute();
      };
    }
    const vector = this.#vector(value);
    return () => {
      vector.run();
      for (const lane of lanes) frame[slot + lane] = frame[vector.at + lane]!;
    };
  }

  #loop(loop: Extract<Stmt, { readonly kind: "for" }>): Action {
    const frame = this.#frame;
    const slot = this.#slot(loop.local);
    const [from, to] = [this.#scalar(loop.from), this.#scalar(loop.to)];
    const body = this.#block(loop.body);
    const { step } = loop;
    return () => {
      const end = to();
      for (let at = from(); at < end; at += step) {
        frame[slot] = at;
        body();
      }
    };
  }

  #address(address: Expr, offset: number, count: number): Scalar {
    const base = this.#scalar(address);
    const { length } = address.type === "bytes" ? this.memory.bytes : this.memory.floats;
    const { name } = this.source;
    return () => {
      const start = base();
      const at = start + offset;
      if (!(start >= 0 && at + count <= length)) {
        const where = `${address.type}[${start} + ${offset}] of ${length}`;
        throw new InternalError(`loop function ${name}: ${count} elements at ${where}`);
      }
      return at;
    };
  }

  #store(store: Extract<Stmt, { readonly kind: "store" }>): Action {
    const frame = this.#frame;
    const { floats, bytes } = this.memory;
    const { address, offset, value } = store;
    if (value.type !== "f32x4") {
      const at = this.#address(address, offset, 1);
      const compute = this.#scalar(value);
      const view = value.type === "i32" ? bytes : floats;
      return () => {
        view[at()] = compute();
      };
    }
    const count = store.lanes ?? 4;
    const at = this.#address(address, offset, count);
    const vector = this.#vector(value);
    return () => {
      vector.run();
      const start = at();
      for (let lane = 0; lane < count; lane++) floats[start + lane] = frame[vector.at + lane]!;
    };
  }

  #scalar(expr: Expr): Scalar {
    const frame = this.#frame;
    switch (expr.kind) {
      case "const": {
        const rounds = expr.type === "f32" && this.precision === "float32";
        const value = rounds ? Math.fround(expr.value) : expr.value;
        return () => value;
      }
      case "get": {
        const slot = this.#slot(expr.local);
        return () => frame[slot]!;
      }
      case "unary": {
        const [f, a] = [unaryNumbers(expr.op, expr.type, this.precision), this.#scalar(expr.a)];
        return () => f(a());
      }
      case "binary":
        return this.#binary(binaryNumbers(expr.op, expr.a.type, this.precision), expr);
      case "mulAdd":
        return this.#mulAdd(expr);
      case "load": {
        const at = this.#address(expr.address, expr.offset, 1);
        const view = expr.type === "i32" ? this.memory.bytes : this.memory.floats;
        return () => view[at()]!;
      }
      case "lane": {
        const vector = this.#vector(expr.a);
        return () => {
          vector.run();
          return frame[vector.at + expr.lane]!;
        };
      }
      case "select": {
        const condition = this.#scalar(expr.condition);
        const [a, b] = [this.#scalar(expr.a), this.#scalar(expr.b)];
        return () => {
          const [x, y] = [a(), b()];
          return condition() !== 0 ? x : y;
        };
      }
      case "convert": {
        const f = conversionNumbers(expr.how, expr.type, this.precision);
        const a = this.#scalar(expr.a);
        return () => f(a());
      }
      case "advance": {
        const [base, by] = [this.#scalar(expr.base), this.#scalar(expr.by)];
        const { scale } = expr;
        return () => base() + by() * scale;
      }
      default:
        throw new InternalError(`${expr.kind} is no scalar`);
    }
  }

  #binary(f: TwoNumbers, expr: Extract<Expr, { readonly kind: "binary" }>): Scalar {
    const [a, b] = [this.#scalar(expr.a), this.#scalar(expr.b)];
    return () => f(a(), b());
  }

  #mulAdd(expr: Extract<Expr, { readonly kind: "mulAdd" }>): Scalar {
    const [a, b, c] = [this.#scalar(expr.a), this.#scalar(expr.b), this.#scalar(expr.c)];
    if (expr.type === "f32" && this.precision === "float32") {
      return () => Math.fround(Math.fround(a() * b()) + c());
    }
    return () => a() * b() + c();
  }

  #vector(expr: Expr): Vector {
    switch (expr.kind) {
      case "get":
        return { at: this.#slot(expr.local), run: nothing };
      case "const":
        return this.#each([], () => {
          const rounds = expr.type === "f32x4" && this.precision === "float32";
          return rounds ? Math.fround(expr.value) : expr.value;
        });
      case "unary": {
        const f = unaryNumbers(expr.op, expr.type, this.precision);
        return this.#each([expr.a], f);
      }
      case "binary":
        return this.#binaryLanes(expr);
      case "mulAdd": {
        const round: (x: number) => number = this.precision === "float32" ? Math.fround : (x) => x;
        return this.#each([expr.a, expr.b, expr.c], (a, b, c) => round(round(a * b) + c));
      }
      case "convert":
        return this.#each([expr.a], conversionNumbers(expr.how, expr.type, this.precision));
      case "load":
        return this.#loadLanes(expr.address, expr.offset, 1);
      case "loadSplat":
        return this.#loadLanes(expr.address, expr.offset, 0);
      case "splat":
        return this.#splat(expr.a);
      case "shuffle":
        return this.#shuffle(expr);
      case "select":
        return this.#selectLanes(expr);
      default:
        throw new InternalError(`${expr.kind} is no vector`);
    }
  }

  /** A vector made lane by lane; operands may be vectors or scalars. */
  #each(operands: readonly Expr[], f: (a: number, b: number, c: number) => number): Vector {
    const frame = this.#frame;
    const vectors = operands.map((operand) => this.#vector(operand));
    const at = this.#reserve(4);
    const [a, b, c] = [vectors[0]?.at ?? at, vectors[1]?.at ?? at, vectors[2]?.at ?? at];
    const run = () => {
      for (const vector of vectors) vector.run();
      for (let lane = 0; lane < 4; lane++) {
        frame[at + lane] = f(frame[a + lane]!, frame[b + lane]!, frame[c + lane]!);
      }
    };
    return { at, run };
  }

  #binaryLanes(expr: Extract<Expr, { readonly kind: "binary" }>): Vector {
    const f = binaryNumbers(expr.op, expr.a.type, this.precision);
    const operands = [expr.a, expr.b];
    return this.#each(operands, isComparison(expr.op) ? (a, b) => -f(a, b) | 0 : (a, b) => f(a, b));
  }

  #loadLanes(address: Expr, offset: number, stride: 0 | 1): Vector {
    const frame = this.#frame;
    const { floats } = this.memory;
    const from = this.#address(address, offset, stride === 0 ? 1 : 4);
    const at = this.#reserve(4);
    const run = () => {
      const start = from();
      for (let lane = 0; lane < 4; lane++) frame[at + lane] = floats[start + lane * stride]!;
    };
    return { at, run };
  }

  #splat(value: Expr): Vector {
    const frame = this.#frame;
    const compute = this.#scalar(value);
    const at = this.#reserve(4);
    return { at, run: () => frame.fill(compute(), at, at + 4) };
  }

  #shuffle(expr: Extract<Expr, { readonly kind: "shuffle" }>): Vector {
    const frame = this.#frame;
    const [a, b] = [this.#vector(expr.a), this.#vector(expr.b)];
    const at = this.#reserve(4);
    const sources = expr.lanes.map((lane) => (lane < 4 ? a.at + lane : b.at + lane - 4));
    const run = () => {
      a.run();
      b.run();
      for (let lane = 0; lane < 4; lane++) frame[at + lane] = frame[sources[lane]!]!;
    };
    return { at, run };
  }

  #selectLanes(expr: Extract<Expr, { readonly kind: "select" }>): Vector {
    const { condition, a, b } = expr;
    const { name } = this.source;
    if (condition.type === "i32x4") {
      return this.#each([a, b, condition], (x, y, mask) => {
        if (mask === 0 || mask === -1) return mask !== 0 ? x : y;
        throw new InternalError(`loop function ${name}: lane ${mask} is no mask`);
      });
    }
    const frame = this.#frame;
    const choose = this.#scalar(condition);
    const [x, y] = [this.#vector(a), this.#vector(b)];
    const at = this.#reserve(4);
    const run = () => {
      x.run();
      y.run();
      const from = choose() !== 0 ? x.at : y.at;
      for (let lane = 0; lane < 4; lane++) frame[at + lane] = frame[from + lane]!;
    };
    return { at, run };
  }
}
