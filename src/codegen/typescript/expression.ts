import type typescript from "typescript";
import { InternalError } from "../../diagnostics/report.js";
import { isComparison, isVector } from "../loops/fold.js";
import type { BinaryOp, Expr, UnaryOp } from "../loops/types.js";
import type { Builtin } from "./builtins.js";

type Typescript = typeof typescript;
type Node = typescript.Expression;
type Binary = Extract<Expr, { readonly kind: "binary" }>;

const mathOfOne: { readonly [K in UnaryOp]?: string } = {
  abs: "abs",
  sqrt: "sqrt",
  floor: "floor",
  ceil: "ceil",
  exp: "exp",
  log: "log",
  tanh: "tanh",
};

const mathOfTwo: { readonly [K in BinaryOp]?: string } = { min: "min", max: "max", pow: "pow" };

/** Whether an i32 is 0 or 1 by construction. */
function isTruth(expr: Expr): boolean {
  if (expr.kind === "unary") return expr.op === "not" && expr.type === "i32";
  if (expr.kind !== "binary") return false;
  return isComparison(expr.op) || isJunction(expr);
}

const isJunction = (expr: Binary): boolean =>
  (expr.op === "and" || expr.op === "or") && isTruth(expr.a) && isTruth(expr.b);

/** Whether the compiler sees a few numbers in an expression: it refuses to compare those with others. */
export const isLiteral = (expr: Expr): boolean =>
  expr.kind === "const" ||
  isTruth(expr) ||
  (expr.kind === "select" && isLiteral(expr.a) && isLiteral(expr.b));

/** Whether an expression is a name or a number, so that writing it twice costs nothing. */
const isShort = (expr: Expr): boolean => expr.kind === "const" || expr.kind === "get";

/** Writes loop expressions as TypeScript over the views `m` (floats) and `u8` (bytes). */
export class ExpressionWriter {
  readonly #factory: typescript.NodeFactory;

  constructor(
    readonly ts: Typescript,
    readonly nameOf: (local: string) => string,
    readonly use: (builtin: Builtin) => void,
  ) {
    this.#factory = ts.factory;
  }

  /** A number of the type of the expression. */
  value(expr: Expr): Node {
    const { ts } = this;
    if (isVector(expr.type)) {
      throw new InternalError(`TypeScript has no ${expr.type}: it takes kernels of one lane`);
    }
    switch (expr.kind) {
      case "const":
        return this.number(expr.value);
      case "get":
        return this.#factory.createIdentifier(this.nameOf(expr.local.name));
      case "unary":
        return this.#unary(expr);
      case "binary":
        return this.#binary(expr);
      case "mulAdd": {
        const product = this.#infix(expr.a, ts.SyntaxKind.AsteriskToken, expr.b);
        return this.#sum(product, expr.c);
      }
      case "load": {
        const element = this.element(expr.address, expr.offset);
        return this.#factory.createNonNullExpression(element);
      }
      case "select": {
        const [a, b] = [this.value(expr.a), this.value(expr.b)];
        return this.#choose(this.condition(expr.condition), a, b);
      }
      case "convert":
        return this.#convert(expr);
      case "advance":
        return this.#advance(expr);
      default:
        throw new InternalError(`TypeScript has no ${expr.kind}`);
    }
  }

  /** An i32 as a condition: true unless 0. */
  condition(expr: Expr): Node {
    const { ts } = this;
    if (expr.kind === "binary" && isComparison(expr.op)) return this.#comparison(expr);
    if (expr.kind === "unary" && expr.op === "not") {
      return this.#factory.createLogicalNot(this.condition(expr.a));
    }
    if (expr.kind === "binary" && isJunction(expr)) {
      const { AmpersandAmpersandToken, BarBarToken } = ts.SyntaxKind;
      const operator = expr.op === "and" ? AmpersandAmpersandToken : BarBarToken;
      const [a, b] = [this.condition(expr.a), this.condition(expr.b)];
      return this.#factory.createBinaryExpression(a, operator, b);
    }
    if (expr.kind === "const") return this.#boolean(expr.value !== 0);
    const zero = this.number(0);
    const kind = ts.SyntaxKind.ExclamationEqualsEqualsToken;
    return this.#factory.createBinaryExpression(this.#anyNumber(expr), kind, zero);
  }

  /** The element of a view that an address and an offset tell. */
  element(address: Expr, offset: number): typescript.ElementAccessExpression {
    const view = this.#factory.createIdentifier(address.type === "bytes" ? "u8" : "m");
    const index = this.#plus(this.value(address), offset);
    return this.#factory.createElementAccessExpression(view, index);
  }

  /** A number as it is written. */
  number(value: number): Node {
    const { factory } = this.ts;
    if (Number.isNaN(value)) return factory.createIdentifier("NaN");
    if (value < 0 || Object.is(value, -0)) {
      const minus = this.ts.SyntaxKind.MinusToken;
      return factory.createPrefixUnaryExpression(minus, this.number(-value));
    }
    if (value === Number.POSITIVE_INFINITY) return factory.createIdentifier("Infinity");
    return factory.createNumericLiteral(String(value));
  }

  /** `node + by`, without `+ 0` and `+ -`. */
  #plus(node: Node, by: number): Node {
    const { PlusToken, MinusToken } = this.ts.SyntaxKind;
    if (by === 0) return node;
    const operator = by < 0 ? MinusToken : PlusToken;
    return this.#factory.createBinaryExpression(node, operator, this.number(Math.abs(by)));
  }

  #call(name: string, ...values: readonly Node[]): Node {
    return this.#factory.createCallExpression(
      this.#factory.createIdentifier(name),
      undefined,
      values,
    );
  }

  #math(name: string, ...values: readonly Node[]): Node {
    const object = this.#factory.createIdentifier("Math");
    const method = this.#factory.createPropertyAccessExpression(object, name);
    return this.#factory.createCallExpression(method, undefined, values);
  }

  #builtin(name: Builtin, ...values: readonly Node[]): Node {
    this.use(name);
    return this.#call(name, ...values);
  }

  #choose(condition: Node, a: Node, b: Node): Node {
    return this.#factory.createConditionalExpression(condition, undefined, a, undefined, b);
  }

  /** Two operands in the order of evaluation; a product on the right of `*` keeps its parentheses. */
  #infix(a: Expr, operator: typescript.BinaryOperator, b: Expr): Node {
    return this.#factory.createBinaryExpression(this.value(a), operator, this.#grouped(b));
  }

  #grouped(b: Expr): Node {
    const right = this.value(b);
    const grouped = this.ts.isBinaryExpression(right);
    return grouped ? this.#factory.createParenthesizedExpression(right) : right;
  }

  /** `left + right`, with a number below 0 subtracted. */
  #sum(left: Node, right: Expr): Node {
    if (right.kind === "const" && right.value !== 0) return this.#plus(left, right.value);
    const plus = this.ts.SyntaxKind.PlusToken;
    return this.#factory.createBinaryExpression(left, plus, this.#addend(right));
  }

  /** A product needs no parentheses behind `+` or `-`; a sum does. */
  #addend(right: Expr): Node {
    const node = this.value(right);
    const { AsteriskToken, SlashToken } = this.ts.SyntaxKind;
    if (!this.ts.isBinaryExpression(node)) return node;
    const operator = node.operatorToken.kind;
    if (operator === AsteriskToken || operator === SlashToken) return node;
    return this.#factory.createParenthesizedExpression(node);
  }

  #unary(expr: Extract<Expr, { readonly kind: "unary" }>): Node {
    const { op, a } = expr;
    const math = mathOfOne[op];
    if (math !== undefined) return this.#math(math, this.value(a));
    if (op === "not") return this.#truth(expr);
    if (op === "erf" || op === "nearest") return this.#builtin(op, this.value(a));
    const minus = this.ts.SyntaxKind.MinusToken;
    if (expr.type !== "i32") {
      return this.#factory.createPrefixUnaryExpression(minus, this.value(a));
    }
    return this.#factory.createBinaryExpression(this.number(0), minus, this.#addend(a));
  }

  #boolean(value: boolean): Node {
    return value ? this.#factory.createTrue() : this.#factory.createFalse();
  }

  /** A value of type `number`, whatever the compiler knows of it. */
  #anyNumber(expr: Expr): Node {
    return isLiteral(expr) ? this.#call("Number", this.value(expr)) : this.value(expr);
  }

  #truth(expr: Expr): Node {
    return this.#choose(this.condition(expr), this.number(1), this.number(0));
  }

  #binary(expr: Binary): Node {
    const { op, a, b } = expr;
    const { SyntaxKind } = this.ts;
    if (isTruth(expr)) return this.#truth(expr);
    const math = mathOfTwo[op];
    if (math !== undefined) return this.#math(math, this.value(a), this.value(b));
    if (op === "pmin" || op === "pmax") return this.#pick(op, a, b);
    if (op === "add") return this.#sum(this.value(a), b);
    if (op === "sub") {
      const left = this.value(a);
      return this.#factory.createBinaryExpression(left, SyntaxKind.MinusToken, this.#addend(b));
    }
    if (a.type !== "i32") {
      const operator = op === "mul" ? SyntaxKind.AsteriskToken : SyntaxKind.SlashToken;
      return this.#infix(a, operator, b);
    }
    return this.#integer(op, a, b);
  }

  /** i32 operators that differ from those on numbers; no result is −0. */
  #integer(op: BinaryOp, a: Expr, b: Expr): Node {
    const { SyntaxKind } = this.ts;
    if (op === "mul") {
      const plain = b.kind === "const" && b.value > 0;
      if (plain) return this.#infix(a, SyntaxKind.AsteriskToken, b);
      return this.#math("imul", this.value(a), this.value(b));
    }
    if (op === "div" || op === "rem") {
      const operator = op === "div" ? SyntaxKind.SlashToken : SyntaxKind.PercentToken;
      const quotient = this.#factory.createParenthesizedExpression(this.#infix(a, operator, b));
      return this.#factory.createBinaryExpression(quotient, SyntaxKind.BarToken, this.number(0));
    }
    const bitwise = {
      and: SyntaxKind.AmpersandToken,
      or: SyntaxKind.BarToken,
      xor: SyntaxKind.CaretToken,
      shl: SyntaxKind.LessThanLessThanToken,
      shr: SyntaxKind.GreaterThanGreaterThanToken,
    } as const;
    if (op in bitwise) return this.#infix(a, bitwise[op as keyof typeof bitwise], b);
    throw new InternalError(`TypeScript has no ${op} of i32`);
  }

  /** `b < a ? b : a` or `a < b ? b : a`; a call where an operand is too long to be written twice. */
  #pick(op: "pmin" | "pmax", a: Expr, b: Expr): Node {
    const [left, right] = [this.value(a), this.value(b)];
    if (!isShort(a) || !isShort(b)) return this.#builtin(op, left, right);
    const less = this.ts.SyntaxKind.LessThanToken;
    const [x, y] = op === "pmin" ? [right, left] : [left, right];
    const condition = this.#factory.createBinaryExpression(x, less, y);
    return this.#choose(condition, right, left);
  }

  #comparison(expr: Binary): Node {
    const { SyntaxKind } = this.ts;
    const operators: { readonly [K in BinaryOp]?: typescript.BinaryOperator } = {
      eq: SyntaxKind.EqualsEqualsEqualsToken,
      ne: SyntaxKind.ExclamationEqualsEqualsToken,
      lt: SyntaxKind.LessThanToken,
      le: SyntaxKind.LessThanEqualsToken,
      gt: SyntaxKind.GreaterThanToken,
      ge: SyntaxKind.GreaterThanEqualsToken,
    };
    const operator = operators[expr.op];
    if (operator === undefined) throw new InternalError(`${expr.op} does not compare`);
    const isNever = [expr.a, expr.b].some((x) => x.kind === "const" && Number.isNaN(x.value));
    if (isNever) return this.#boolean(expr.op === "ne");
    const both = isLiteral(expr.a) && isLiteral(expr.b);
    const left = both ? this.#anyNumber(expr.a) : this.value(expr.a);
    return this.#factory.createBinaryExpression(left, operator, this.value(expr.b));
  }

  #convert(expr: Extract<Expr, { readonly kind: "convert" }>): Node {
    const a = this.value(expr.a);
    if (expr.how === "convert") return a;
    if (expr.how === "truncate") return this.#builtin("truncate", a);
    return this.#builtin(expr.type === "i32" ? "bitsOf" : "floatOf", a);
  }

  #advance(expr: Extract<Expr, { readonly kind: "advance" }>): Node {
    const base = this.value(expr.base);
    const { by, scale } = expr;
    if (by.kind === "const") return this.#plus(base, by.value * scale);
    const { PlusToken, MinusToken, AsteriskToken } = this.ts.SyntaxKind;
    if (scale === 1) {
      return this.#factory.createBinaryExpression(base, PlusToken, this.#addend(by));
    }
    const factor = this.number(Math.abs(scale));
    const distance = this.#factory.createBinaryExpression(this.value(by), AsteriskToken, factor);
    const operator = scale < 0 ? MinusToken : PlusToken;
    return this.#factory.createBinaryExpression(base, operator, distance);
  }
}
