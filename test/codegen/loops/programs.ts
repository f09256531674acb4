import {
  add,
  advance,
  and,
  binary,
  constant,
  convert,
  FunctionBuilder,
  f32,
  i32,
  lane,
  load,
  loadSplat,
  mul,
  mulAdd,
  select,
  shift,
  shuffle,
  splat,
  sub,
  unary,
  type Variable,
} from "../../../src/codegen/loops/build.js";
import type {
  BinaryOp,
  Expr,
  LoopModule,
  LoopType,
  UnaryOp,
} from "../../../src/codegen/loops/types.js";

export const memoryBytes = 4096;
const numbers = [0, -0, 1, -1.5, 0.1, 3.25, 1e9, -1e-40, 2.5, 0.7, -3, 11];
const special = [0, -0, Number.NaN, 1 / 0, -1 / 0, 1e-40];
const comparisons: readonly BinaryOp[] = ["eq", "ne", "lt", "le", "gt", "ge"];
const arithmetic: readonly BinaryOp[] = ["add", "sub", "mul", "div", "min", "max", "pmin", "pmax"];
const unaries: readonly UnaryOp[] = ["neg", "abs", "sqrt", "floor", "ceil", "nearest"];
const maths: readonly UnaryOp[] = ["exp", "log", "tanh", "erf"];

/** Turns a list of numbers into decisions; when they run out, the first choice is taken. */
class Decisions {
  #at = 0;
  constructor(readonly numbers: readonly number[]) {}
  next(choices: number): number {
    return (this.numbers[this.#at++] ?? 0) % choices;
  }
  of<T>(choices: readonly T[]): T {
    return choices[this.next(choices.length)]!;
  }
}

/** Writes a random kernel that stays inside its memory and within 32 bits. */
class Writer {
  readonly f = new FunctionBuilder("random", "a random kernel");
  readonly x = this.f.param("x", "floats");
  readonly u = this.f.param("u", "bytes");
  readonly n = this.f.param("n", "i32");
  #locals: Variable[] = [this.n];
  constructor(
    readonly d: Decisions,
    readonly vectors: boolean,
  ) {}

  #local(type: LoopType): Expr | undefined {
    const known = this.#locals.filter((local) => local.type === type);
    return known.length > 0 ? this.d.of(known) : undefined;
  }

  #address(depth: number): Expr {
    const base = this.d.next(3) === 0 ? (this.#local("floats") ?? this.x) : this.x;
    if (depth <= 0) return base;
    const by = and(this.i32(depth - 1), 15);
    return advance(advance(base, by, 1 + this.d.next(3)), this.d.next(20) - 8);
  }

  f32(depth: number): Expr {
    const leaf = [
      () => f32(this.d.of(numbers)),
      () => load("f32", this.#address(depth - 1), this.d.next(30)),
      () => this.#local("f32") ?? f32(this.d.of(numbers)),
      () => convert("convert", "f32", this.i32(depth - 1)),
    ];
    if (depth <= 0) return this.d.of(leaf)();
    const a = () => this.f32(depth - 1);
    const wide = () => convert("convert", "f64", a());
    return this.d.of([
      ...leaf,
      () => binary(this.d.of(arithmetic), a(), a()),
      () => unary(this.d.of(unaries), a()),
      () => unary(this.d.of(maths), a()),
      () => mulAdd(a(), a(), a()),
      () => select(this.i32(depth - 1), a(), a()),
      () => binary("pow", a(), a()),
      () => convert("convert", "f32", binary(this.d.of(arithmetic), wide(), wide())),
      () => convert("convert", "f32", mulAdd(wide(), wide(), unary(this.d.of(unaries), wide()))),
      () => convert("reinterpret", "f32", and(this.i32(depth - 1), 0x3fffffff)),
      ...(this.vectors ? [() => lane(this.f32x4(depth - 1), this.d.next(4))] : []),
    ])();
  }

  /** An i32 from −4095 to 4095. */
  i32(depth: number): Expr {
    const leaf = [
      () => i32(this.d.next(20) - 9),
      () => load("i32", this.u, this.d.next(40)),
      () => this.#local("i32") ?? this.n,
    ];
    if (depth <= 0) return this.d.of(leaf)();
    const a = () => this.i32(depth - 1);
    const bounded = (value: Expr) => binary("rem", value, 4096);
    return this.d.of([
      ...leaf,
      () => bounded(this.d.of([add, sub, mul])(a(), a())),
      () =>
        binary(
          this.d.of(["and", "or", "xor", "min", "max", "pmin", "pmax"] as const),
          and(a(), 2047),
          and(a(), 2047),
        ),
      () => binary(this.d.of(["div", "rem"] as const), a(), this.d.of([1, 2, 3, 7, -5])),
      () => binary(this.d.of(comparisons), a(), a()),
      () => binary(this.d.of(comparisons), this.f32(depth - 1), this.f32(depth - 1)),
      () => binary(this.d.of(comparisons), this.#address(depth - 1), this.#address(depth - 1)),
      () => unary(this.d.of(["neg", "abs", "not"] as const), a()),
      () => binary(this.d.of(["and", "or"] as const), unary("not", a()), unary("not", a())),
      () => bounded(shift("shl", a(), this.d.next(8))),
      () => shift("shr", a(), this.d.next(8)),
      () => select(a(), a(), a()),
      () => bounded(convert("truncate", "i32", this.f32(depth - 1))),
      () => bounded(convert("reinterpret", "i32", convert("convert", "f32", a()))),
      ...(this.vectors ? [() => bounded(lane(this.i32x4(depth - 1), this.d.next(4)))] : []),
    ])();
  }

  f32x4(depth: number): Expr {
    const leaf = [
      () => constant("f32x4", this.d.of(numbers)),
      () => load("f32x4", this.#address(depth - 1), this.d.next(30)),
      () => loadSplat(this.#address(depth - 1), this.d.next(30)),
      () => this.#local("f32x4") ?? splat(this.f32(0)),
    ];
    if (depth <= 0) return this.d.of(leaf)();
    const a = () => this.f32x4(depth - 1);
    const lanes = () => [0, 0, 0, 0].map(() => this.d.next(8)) as [number, number, number, number];
    return this.d.of([
      ...leaf,
      () => splat(this.f32(depth - 1)),
      () => binary(this.d.of(arithmetic), a(), a()),
      () => unary(this.d.of(unaries), a()),
      () => unary(this.d.of(maths), a()),
      () => binary("pow", a(), a()),
      () => mulAdd(a(), a(), a()),
      () => shuffle(a(), a(), lanes()),
      () => select(this.mask(depth - 1), a(), a()),
      () => select(this.i32(depth - 1), a(), a()),
      () => convert("convert", "f32x4", this.i32x4(depth - 1)),
    ])();
  }

  mask(depth: number): Expr {
    const compare = () =>
      this.d.next(2) === 0
        ? binary(this.d.of(comparisons), this.f32x4(depth - 1), this.f32x4(depth - 1))
        : binary(this.d.of(comparisons), this.i32x4(depth - 1), this.i32x4(depth - 1));
    if (depth <= 0) return compare();
    return this.d.of([
      compare,
      () =>
        binary(
          this.d.of(["and", "or", "xor"] as const),
          this.mask(depth - 1),
          this.mask(depth - 1),
        ),
      () => unary("not", this.mask(depth - 1)),
    ])();
  }

  i32x4(depth: number): Expr {
    if (depth <= 0)
      return this.d.next(2) === 0 ? splat(this.i32(0)) : constant("i32x4", this.d.next(9) - 4);
    const a = () => this.i32x4(depth - 1);
    return this.d.of([
      () => splat(this.i32(depth - 1)),
      () =>
        binary(
          this.d.of(["add", "sub", "mul", "min", "max", "pmin", "pmax", "xor"] as const),
          a(),
          a(),
        ),
      () => unary(this.d.of(["neg", "abs", "not"] as const), a()),
      () => shift(this.d.of(["shl", "shr"] as const), a(), this.d.next(32)),
      () => select(this.mask(depth - 1), a(), a()),
      () => convert("truncate", "i32x4", this.f32x4(depth - 1)),
    ])();
  }

  #value(depth: number): Expr {
    const kinds = this.vectors ? 4 : 2;
    const make = [
      () => this.f32(depth),
      () => this.i32(depth),
      () => this.f32x4(depth),
      () => this.i32x4(depth),
    ];
    return make[this.d.next(kinds)]!();
  }

  /** Locals made inside are not read outside. */
  #scoped(body: () => void): void {
    const outer = this.#locals;
    this.#locals = [...outer];
    body();
    this.#locals = outer;
  }

  statement(depth: number): void {
    const { f, d } = this;
    const block = () => this.#scoped(() => this.block(depth - 1));
    const choices = [
      () => f.store(this.#address(1), d.next(30), this.f32(3)),
      () => this.#locals.push(f.let(d.of(["a", "b", "for", "m"]), this.#value(3))),
      () => f.store(this.u, d.next(60), this.i32(3)),
      () => this.#set(),
      () =>
        f.store(
          this.#address(1),
          d.next(20),
          this.vectors ? this.f32x4(3) : this.f32(2),
          this.vectors ? 1 + d.next(4) : 1,
        ),
    ];
    if (depth <= 0) return void d.of(choices)();
    d.of([
      ...choices,
      () => f.if(this.i32(2), block, d.next(2) === 0 ? block : undefined),
      () => f.for("i", d.next(3), this.#bound(), 1 + d.next(2), (i) => this.#counted(i, depth)),
      () =>
        f.for("p", this.x, advance(this.x, d.next(7)), 1 + d.next(3), (p) =>
          this.#counted(p, depth),
        ),
      () => f.for("k", 0, 1 + d.next(2), 1, (k) => this.#counted(k, depth)),
    ])();
  }

  #set(): void {
    const free = this.#locals.filter(
      ({ local }) =>
        local.type !== "floats" && local.name !== "n" && !/^[ipk](_|$)/.test(local.name),
    );
    if (free.length === 0) return;
    const local = this.d.of(free);
    const make = {
      f32: () => this.f32(2),
      i32: () => this.i32(2),
      f32x4: () => this.f32x4(2),
      i32x4: () => this.i32x4(2),
    };
    if (local.type in make) this.f.set(local, make[local.type as keyof typeof make]());
  }

  /** Nothing that a body sets. */
  #bound(): Expr {
    return and(this.d.next(2) === 0 ? this.n : load("i32", this.u, 3), 3);
  }

  #counted(counter: Variable, depth: number): void {
    this.#scoped(() => {
      this.#locals.push(counter);
      this.block(depth - 1);
    });
  }

  block(depth: number): void {
    const count = 1 + this.d.next(3);
    for (let i = 0; i < count; i++) this.statement(depth);
  }
}

/** A module of one random kernel, called twice with other arguments. */
export function randomModule(decisions: readonly number[], vectors: boolean): LoopModule {
  const writer = new Writer(new Decisions(decisions), vectors);
  for (let i = 0; i < 16; i++) writer.statement(2);
  const call = (floats: number, bytes: number, n: number) => ({
    function: "random",
    arguments: [
      { kind: "address" as const, bytes: floats },
      { kind: "address" as const, bytes },
      { kind: "i32" as const, value: n },
    ],
    comment: "a random call",
  });
  return {
    functions: [writer.f.done()],
    prepare: [],
    schedule: [call(256, 3000, 3), call(512, 3100, -2)],
    memoryBytes,
  };
}

/** Floats of many magnitudes, then bytes. */
export function fill(memory: ArrayBuffer): void {
  const floats = new Float32Array(memory, 0, 700);
  for (let i = 0; i < floats.length; i++) {
    const isSpecial = i % (i < 36 ? 5 : 41) === 0;
    floats[i] = isSpecial ? special[i % special.length]! : Math.sin(i) * 2 ** ((i % 9) - 4);
  }
  const bytes = new Uint8Array(memory, 2800, memoryBytes - 2800);
  for (let i = 0; i < bytes.length; i++) bytes[i] = (i * 37) % 251;
}

/** Every element as the text of its bits, all NaN alike. */
export function image(memory: ArrayBuffer): readonly string[] {
  const words = new Uint32Array(memory, 0, 700);
  const bits = [...new Float32Array(memory, 0, 700)].map((value, i) =>
    Number.isNaN(value) ? "NaN" : `${words[i]} (${value})`,
  );
  return [...bits, ...[...new Uint8Array(memory, 2800, memoryBytes - 2800)].map(String)];
}

/** The places where two images differ, with both values. */
export const differences = (a: readonly string[], b: readonly string[]): readonly string[] =>
  a.flatMap((value, i) => (value === b[i] ? [] : [`${i}: ${value} and ${b[i]}`]));
