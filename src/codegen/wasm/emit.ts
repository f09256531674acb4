import type binaryen from "binaryen";
import { InternalError } from "../../diagnostics/report.js";
import { isAddress, isVector } from "../loops/fold.js";
import { runsAtLeastOnce } from "../loops/trips.js";
import type { BinaryOp, Expr, Local, LoopFunction, LoopType, Stmt } from "../loops/types.js";
import { binaryInstruction, conversionInstruction, unaryInstruction } from "./operations.js";
import type { MulAdd } from "./relaxed.js";

type Binaryen = typeof binaryen;
type Ref = binaryen.ExpressionRef;

/** Bytes of one element that an address of a type counts. */
const elementBytes = (type: LoopType): number => (type === "floats" ? 4 : 1);

/** A value that is read twice: computed where it is first read, then taken from a local. */
interface Twice {
  readonly first: Ref;
  again(): Ref;
}

/** Writes one loop function into a binaryen module. Addresses are held in bytes. */
export class FunctionEmitter {
  readonly #indices = new Map<string, number>();
  readonly #vars: binaryen.Type[] = [];
  #labels = 0;

  constructor(
    readonly lib: Binaryen,
    readonly module: binaryen.Module,
    readonly source: LoopFunction,
    /** What fuses `mulAdd` of f32x4; without it, it is two instructions. */
    readonly fused?: MulAdd,
  ) {
    for (const param of source.params) this.#indices.set(param.name, this.#indices.size);
  }

  emit(): void {
    const { lib, module, source } = this;
    const body = this.#block(source.body);
    const params = lib.createType(source.params.map((param) => this.#type(param.type)));
    module.addFunction(source.name, params, lib.none, this.#vars, body);
  }

  #type(type: LoopType): binaryen.Type {
    if (isVector(type)) return this.lib.v128;
    if (type === "f32") return this.lib.f32;
    return type === "f64" ? this.lib.f64 : this.lib.i32;
  }

  #fresh(type: LoopType): number {
    this.#vars.push(this.#type(type));
    return this.source.params.length + this.#vars.length - 1;
  }

  #index(local: Local): number {
    const known = this.#indices.get(local.name);
    if (known !== undefined) return known;
    const index = this.#fresh(local.type);
    this.#indices.set(local.name, index);
    return index;
  }

  #block(statements: readonly Stmt[]): Ref {
    const refs = statements.flatMap((statement) => this.#statement(statement));
    const [only] = refs;
    if (refs.length === 1 && only !== undefined) return only;
    return refs.length === 0 ? this.module.nop() : this.module.block(null, refs);
  }

  #statement(statement: Stmt): readonly Ref[] {
    switch (statement.kind) {
      case "comment":
        return [];
      case "set":
        return [this.#set(this.#index(statement.local), statement.value)];
      case "store":
        return this.#store(statement);
      case "if": {
        const condition = this.#expr(statement.condition);
        const then = this.#block(statement.then);
        if (statement.otherwise.length === 0) return [this.module.if(condition, then)];
        return [this.module.if(condition, then, this.#block(statement.otherwise))];
      }
      case "for":
        return this.#loop(statement);
    }
  }

  #set(index: number, value: Expr): Ref {
    return this.module.local.set(index, this.#expr(value));
  }

  /** A bound that every pass may read: a constant, a local, or a fresh local set before the loop. */
  #bound(to: Expr): { readonly before: readonly Ref[]; read(): Ref } {
    if (to.kind === "const" || to.kind === "get") return { before: [], read: () => this.#expr(to) };
    const index = this.#fresh(to.type);
    const read = () => this.module.local.get(index, this.lib.i32);
    return { before: [this.#set(index, to)], read };
  }

  /** One add, one compare and one branch a pass, at the bottom; a test in front only where needed. */
  #loop(loop: Extract<Stmt, { readonly kind: "for" }>): readonly Ref[] {
    const { module, lib } = this;
    const label = `l${this.#labels++}`;
    const index = this.#index(loop.local);
    const start = this.#set(index, loop.from);
    const bound = this.#bound(loop.to);
    const body = this.#block(loop.body);
    const here = () => module.local.get(index, lib.i32);
    const step = module.i32.const((loop.step * elementBytes(loop.local.type)) | 0);
    const next = module.local.tee(index, module.i32.add(here(), step), lib.i32);
    const less = isAddress(loop.local.type) ? module.i32.lt_u : module.i32.lt_s;
    const again = module.br_if(label, less(next, bound.read()));
    const whole = module.loop(label, module.block(null, [body, again]));
    const before = [...bound.before, start];
    if (runsAtLeastOnce(loop)) return [...before, whole];
    return [...before, module.if(less(here(), bound.read()), whole)];
  }

  #store(store: Extract<Stmt, { readonly kind: "store" }>): readonly Ref[] {
    const { module } = this;
    const offset = store.offset * elementBytes(store.address.type);
    const address = () => this.#expr(store.address);
    if (store.value.type === "i32") {
      return [module.i32.store8(offset, 1, address(), this.#expr(store.value))];
    }
    if (store.value.type === "f32") {
      return [module.f32.store(offset, 4, address(), this.#expr(store.value))];
    }
    if ((store.lanes ?? 4) === 4) {
      return [module.v128.store(offset, 4, address(), this.#expr(store.value))];
    }
    return this.#storeLanes(store, offset);
  }

  #storeLanes(store: Extract<Stmt, { readonly kind: "store" }>, offset: number): readonly Ref[] {
    const { v128 } = this.module;
    const lanes = store.lanes ?? 4;
    if (lanes === 1) return [v128.store32_lane(offset, 4, 0, ...this.#operands(store))];
    if (lanes === 2) return [v128.store64_lane(offset, 4, 0, ...this.#operands(store))];
    const address = this.#twice(store.address);
    const value = this.#twice(store.value);
    return [
      v128.store64_lane(offset, 4, 0, address.first, value.first),
      v128.store32_lane(offset + 8, 4, 2, address.again(), value.again()),
    ];
  }

  #operands(store: Extract<Stmt, { readonly kind: "store" }>): [Ref, Ref] {
    return [this.#expr(store.address), this.#expr(store.value)];
  }

  #twice(value: Expr): Twice {
    if (value.kind === "const" || value.kind === "get") {
      return { first: this.#expr(value), again: () => this.#expr(value) };
    }
    const index = this.#fresh(value.type);
    const type = this.#type(value.type);
    const first = this.module.local.tee(index, this.#expr(value), type);
    return { first, again: () => this.module.local.get(index, type) };
  }

  #expr(expr: Expr): Ref {
    const { module } = this;
    switch (expr.kind) {
      case "const":
        return this.#const(expr.type, expr.value);
      case "get":
        return module.local.get(this.#index(expr.local), this.#type(expr.type));
      case "unary":
        return this.#unary(expr);
      case "binary":
        return this.#binary(expr);
      case "mulAdd":
        return this.#mulAdd(expr);
      case "load":
        return this.#load(expr);
      case "loadSplat":
        return module.v128.load32_splat(expr.offset * 4, 4, this.#expr(expr.address));
      case "splat":
        return module[expr.type].splat(this.#expr(expr.a));
      case "lane": {
        const lanes = expr.type === "f32" ? module.f32x4 : module.i32x4;
        return lanes.extract_lane(this.#expr(expr.a), expr.lane);
      }
      case "shuffle": {
        const bytes = expr.lanes.flatMap((lane) => [0, 1, 2, 3].map((byte) => lane * 4 + byte));
        return module.i8x16.shuffle(this.#expr(expr.a), this.#expr(expr.b), bytes);
      }
      case "select":
        return this.#select(expr);
      case "convert":
        return conversionInstruction(expr.how, expr.a.type, expr.type)(module, this.#expr(expr.a));
      case "advance":
        return this.#advance(expr);
    }
  }

  #const(type: LoopType, value: number): Ref {
    const { module } = this;
    if (type === "f32") return module.f32.const(value);
    if (type === "f64") return module.f64.const(value);
    if (!isVector(type)) return module.i32.const((value * elementBytes(type)) | 0);
    const lanes = type === "f32x4" ? Float32Array.of(value) : Int32Array.of(value);
    const bytes = [...new Uint8Array(lanes.buffer)];
    return module.v128.const([...bytes, ...bytes, ...bytes, ...bytes]);
  }

  #unary(expr: Extract<Expr, { readonly kind: "unary" }>): Ref {
    const instruction = unaryInstruction(expr.op, expr.type);
    if (instruction) return instruction(this.module, this.#expr(expr.a));
    if (expr.op === "abs" && expr.type === "i32") {
      const { i32 } = this.module;
      const value = this.#twice(expr.a);
      const negated = i32.sub(i32.const(0), value.again());
      return this.module.select(i32.ge_s(value.again(), i32.const(0)), value.first, negated);
    }
    throw new InternalError(`${this.source.name}: WebAssembly has no ${expr.op} of ${expr.type}`);
  }

  #binary(expr: Extract<Expr, { readonly kind: "binary" }>): Ref {
    const { a, b, op } = expr;
    if (a.type === "i32x4" && (op === "shl" || op === "shr") && b.kind === "const") {
      const by = this.module.i32.const(b.value);
      const { i32x4 } = this.module;
      return op === "shl" ? i32x4.shl(this.#expr(a), by) : i32x4.shr_s(this.#expr(a), by);
    }
    const instruction = binaryInstruction(op, a.type);
    if (instruction) return instruction(this.module, this.#expr(a), this.#expr(b));
    return this.#choose(op, a, b);
  }

  /** `min` and `max` without an instruction: `b < a ? b : a` and `a < b ? b : a`. */
  #choose(op: BinaryOp, a: Expr, b: Expr): Ref {
    const less = binaryInstruction("lt", a.type);
    const least = op === "pmin" || op === "min";
    if (!less || !(least || op === "pmax" || op === "max")) {
      throw new InternalError(`${this.source.name}: WebAssembly has no ${op} of ${a.type}`);
    }
    const right = this.#twice(b);
    const left = this.#twice(a);
    const [x, y] = least ? [right.again(), left.again()] : [left.again(), right.again()];
    return this.module.select(less(this.module, x, y), right.first, left.first);
  }

  #mulAdd(expr: Extract<Expr, { readonly kind: "mulAdd" }>): Ref {
    if (expr.type === "f32x4" && this.fused) {
      return this.fused(this.#expr(expr.a), this.#expr(expr.b), this.#expr(expr.c));
    }
    const multiply = binaryInstruction("mul", expr.type);
    const plus = binaryInstruction("add", expr.type);
    if (!multiply || !plus) throw new InternalError(`WebAssembly has no mulAdd of ${expr.type}`);
    const product = multiply(this.module, this.#expr(expr.a), this.#expr(expr.b));
    return plus(this.module, product, this.#expr(expr.c));
  }

  #load(expr: Extract<Expr, { readonly kind: "load" }>): Ref {
    const { module } = this;
    const address = this.#expr(expr.address);
    const offset = expr.offset * elementBytes(expr.address.type);
    if (expr.type === "i32") return module.i32.load8_u(offset, 1, address);
    const { load } = expr.type === "f32" ? module.f32 : module.v128;
    return load(offset, 4, address);
  }

  #select(expr: Extract<Expr, { readonly kind: "select" }>): Ref {
    const [a, b] = [this.#expr(expr.a), this.#expr(expr.b)];
    const condition = this.#expr(expr.condition);
    if (expr.condition.type === "i32x4") return this.module.v128.bitselect(a, b, condition);
    return this.module.select(condition, a, b);
  }

  #advance(expr: Extract<Expr, { readonly kind: "advance" }>): Ref {
    const { i32 } = this.module;
    const scale = expr.scale * elementBytes(expr.type);
    const base = this.#expr(expr.base);
    if (expr.by.kind === "const") return i32.add(base, i32.const((expr.by.value * scale) | 0));
    const by = this.#expr(expr.by);
    return i32.add(base, scale === 1 ? by : i32.mul(by, i32.const(scale | 0)));
  }
}
