import { InternalError } from "../../diagnostics/report.js";
import { constant, convert, get, mulAdd, type Variable } from "./expression.js";
import type { Expr, Local, LoopFunction, LoopType, Stmt } from "./types.js";
import { eachExpression, eachStatement, expressionsOf } from "./walk.js";

/** Names of all locals of a function. */
function namesOf(source: LoopFunction): Set<string> {
  const names = new Set(source.params.map((param) => param.name));
  eachStatement(source.body, (statement) => {
    if (statement.kind === "set" || statement.kind === "for") names.add(statement.local.name);
    for (const expr of expressionsOf(statement)) {
      eachExpression(expr, (part) => {
        if (part.kind === "get") names.add(part.local.name);
      });
    }
  });
  return names;
}

/**
 * Where an expansion puts its statements. Temporaries are dead once the result is known, so the
 * expansions of one function share them by name and type; results are new locals.
 */
export class MathScope {
  readonly #taken: Set<string>;
  readonly #temporaries = new Map<string, Local>();
  #statements: Stmt[] = [];

  constructor(source: LoopFunction) {
    this.#taken = namesOf(source);
  }

  /** A temporary of an expansion. */
  let(name: string, value: Expr): Variable {
    const key = `${name} ${value.type}`;
    const local = this.#temporaries.get(key) ?? this.#local(name, value.type);
    this.#temporaries.set(key, local);
    return this.#set(local, value);
  }

  /** The value of a whole expansion. */
  result(name: string, value: Expr): Variable {
    return this.#set(this.#local(name, value.type), value);
  }

  /** The statements since the last call. */
  take(): readonly Stmt[] {
    const statements = this.#statements;
    this.#statements = [];
    return statements;
  }

  #set(local: Local, value: Expr): Variable {
    this.#statements.push({ kind: "set", local, value });
    return get(local);
  }

  #local(name: string, type: LoopType): Local {
    let unique = name;
    for (let n = 2; this.#taken.has(unique); n++) unique = `${name}_${n}`;
    this.#taken.add(unique);
    return { name: unique, type };
  }
}

/** The integer type with as many lanes as a float type. */
const integersOf = (type: LoopType): "i32" | "i32x4" => (type === "f32x4" ? "i32x4" : "i32");

const floatsOf = (type: LoopType): "f32" | "f32x4" => (type === "i32x4" ? "f32x4" : "f32");

export const bits = (x: Expr): Expr => convert("reinterpret", integersOf(x.type), x);
export const fromBits = (x: Expr): Expr => convert("reinterpret", floatsOf(x.type), x);
export const toFloats = (x: Expr): Expr => convert("convert", floatsOf(x.type), x);

/** `Σ coefficients[i] · xⁱ`. */
export function polynomial(coefficients: readonly number[], x: Expr): Expr {
  const [last, ...rest] = coefficients.toReversed();
  if (last === undefined) throw new InternalError("a polynomial without coefficients");
  return rest.reduce<Expr>((sum, c) => mulAdd(sum, x, c), constant(x.type, last));
}
