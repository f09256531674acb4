/**
 * How kernels write loops. A kernel takes addresses as parameters, collects statements in nested
 * callbacks and reads like its formula; this one scales `pixels` rows of `channels` numbers:
 *
 *     const v = vectorsOf(target);                          // 4 lanes or 1
 *     const f = new FunctionBuilder("scale_49x10", "y[p][c] = s[c] · x[p][c], 49 x 10");
 *     const x = f.param("x", "floats");
 *     const s = f.param("s", "floats");
 *     const y = f.param("y", "floats");
 *     const to = f.let("to", y);
 *     f.for("from", x, advance(x, pixels * stride), stride, (from) => {
 *       for (const { at, count } of v.cut(channels)) {      // unrolled; the last part is partial
 *         f.store(to, at, mul(v.load(s, at), v.load(from, at)), count);
 *       }
 *       f.set(to, advance(to, stride));
 *     });
 *     return f.done();
 *
 * Numbers stand for constants of the type they meet. Constant parts of an address become the offset of
 * the load or store, so keep one address local and write `v.load(from, at + k)`; loop over addresses in
 * the innermost loop, for it then needs no multiplication. Rules that `checkFunction` holds to: an
 * address local never lies outside memory (a base in front of it traps in WebAssembly), a loop's bound
 * is evaluated once, and its body sets neither the counter nor what the bound reads; i32 stays in range.
 */
import { InternalError } from "../../diagnostics/report.js";
import { branch } from "./branch.js";
import { constant, get, type Operand, place, type Variable } from "./expression.js";
import { isAddress } from "./fold.js";
import type { Expr, Local, LoopFunction, LoopType, Stmt } from "./types.js";

export * from "./expression.js";
export * from "./vectors.js";

/** Builds one kernel; see the example at the top of this file. */
export class FunctionBuilder {
  readonly #params: Local[] = [];
  readonly #taken = new Set<string>();
  #body: Stmt[] = [];

  constructor(
    readonly name: string,
    readonly comment: string,
  ) {}

  /** The next parameter: an address, or a number that bounds a range. */
  param(name: string, type: "floats" | "bytes" | "i32"): Variable {
    const local = this.#local(name, type);
    this.#params.push(local);
    return get(local);
  }

  /** A new local that starts with a value; `set` changes it. A name in use gets a number. */
  let(name: string, value: Expr): Variable {
    const local = this.#local(name, value.type);
    this.#body.push({ kind: "set", local, value });
    return get(local);
  }

  /** Assigns to a local. */
  set(variable: Variable, value: Operand): void {
    const typed = typeof value === "number" ? constant(variable.type, value) : value;
    if (typed.type !== variable.type) {
      throw new InternalError(`${this.name}: set of ${variable.local.name} to ${typed.type}`);
    }
    this.#body.push({ kind: "set", local: variable.local, value: typed });
  }

  /**
   * `address[offset] = value`; of an f32x4 the first `lanes` lanes. A partial vector of a one-lane
   * target has one lane, so the same call serves both.
   */
  store(address: Expr, offset: number, value: Expr, lanes = value.type === "f32x4" ? 4 : 1): void {
    if (!isAddress(address.type)) throw new InternalError(`${this.name}: store to ${address.type}`);
    const whole = value.type === "f32x4" ? 4 : 1;
    if (!Number.isInteger(lanes) || lanes < 1 || lanes > whole) {
      throw new InternalError(`${this.name}: store of ${lanes} lanes of ${value.type}`);
    }
    const partial = lanes < whole ? { lanes } : {};
    this.#body.push({ kind: "store", ...place(address, offset), value, ...partial });
  }

  /**
   * `for (name = from; name < to; name += step)` over an i32 or an address; the step counts elements.
   * The counter is read in the body only.
   */
  for(name: string, from: Operand, to: Operand, step: number, body: (at: Variable) => void): void {
    const known = typeof from !== "number" ? from.type : typeof to !== "number" ? to.type : "i32";
    const [start, end] = [from, to].map((bound) =>
      typeof bound === "number" ? constant(known, bound) : bound,
    );
    if (start?.type !== known || end?.type !== known) {
      throw new InternalError(`${this.name}: loop ${name} from ${start?.type} to ${end?.type}`);
    }
    const local = this.#local(name, known);
    const statements = this.#collect(() => body(get(local)));
    this.#body.push({ kind: "for", local, from: start, to: end, step, body: statements });
  }

  /** Runs one side or the other; the condition is an i32, true unless 0. */
  if(condition: Expr, then: () => void, otherwise: () => void = () => {}): void {
    if (condition.type !== "i32") throw new InternalError(`${this.name}: if of ${condition.type}`);
    this.#body.push(branch(condition, this.#collect(then), this.#collect(otherwise)));
  }

  /** A line for the reader of the generated code. */
  remark(text: string): void {
    this.#body.push({ kind: "comment", text });
  }

  /** The finished kernel. */
  done(): LoopFunction {
    const { name, comment } = this;
    return { name, comment, params: [...this.#params], body: [...this.#body] };
  }

  #local(name: string, type: LoopType): Local {
    let unique = name;
    for (let n = 2; this.#taken.has(unique); n++) unique = `${name}_${n}`;
    this.#taken.add(unique);
    return { name: unique, type };
  }

  #collect(body: () => void): Stmt[] {
    const outer = this.#body;
    this.#body = [];
    body();
    const inner = this.#body;
    this.#body = outer;
    return inner;
  }
}
