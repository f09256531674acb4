import { type SettledCall, settledCalls } from "./ranges.js";
import type { Call, Expr, LoopFunction, LoopModule, Stmt } from "./types.js";

const infix: Readonly<Record<string, string>> = {
  add: "+",
  sub: "-",
  mul: "*",
  div: "/",
  rem: "%",
  and: "&",
  or: "|",
  xor: "^",
  shl: "<<",
  shr: ">>",
  eq: "==",
  ne: "!=",
  lt: "<",
  le: "<=",
  gt: ">",
  ge: ">=",
};

const printNumber = (value: number): string => (Object.is(value, -0) ? "-0" : String(value));

/** Operands that are themselves infix stand in parentheses: the text has one reading. */
function operand(expr: Expr): string {
  const text = printExpression(expr);
  const isInfix =
    expr.kind === "mulAdd" ||
    expr.kind === "advance" ||
    expr.kind === "select" ||
    (expr.kind === "binary" && infix[expr.op] !== undefined);
  return isInfix ? `(${text})` : text;
}

function distance(expr: Extract<Expr, { readonly kind: "advance" }>): string {
  const { by, scale } = expr;
  if (by.kind !== "const") return scale === 1 ? `+ ${operand(by)}` : `+ ${operand(by)} * ${scale}`;
  const whole = by.value * scale;
  return whole < 0 ? `- ${-whole}` : `+ ${whole}`;
}

/** An expression as text: `acc + f32x4[x + 4] * w0`. Loads name the type they read. */
function printExpression(expr: Expr): string {
  switch (expr.kind) {
    case "const":
      return expr.type === "i32" ? String(expr.value) : `${expr.type} ${printNumber(expr.value)}`;
    case "get":
      return expr.local.name;
    case "unary":
      return `${expr.op}(${printExpression(expr.a)})`;
    case "binary": {
      const sign = infix[expr.op];
      if (sign !== undefined) return `${operand(expr.a)} ${sign} ${operand(expr.b)}`;
      return `${expr.op}(${printExpression(expr.a)}, ${printExpression(expr.b)})`;
    }
    case "mulAdd":
      return `${operand(expr.a)} * ${operand(expr.b)} + ${operand(expr.c)}`;
    case "load":
      return `${expr.type}[${place(expr.address, expr.offset)}]`;
    case "loadSplat":
      return `splat f32[${place(expr.address, expr.offset)}]`;
    case "splat":
      return `splat(${printExpression(expr.a)})`;
    case "lane":
      return `${operand(expr.a)}.${expr.lane}`;
    case "shuffle": {
      const [a, b] = [printExpression(expr.a), printExpression(expr.b)];
      return `shuffle(${a}, ${b}, ${expr.lanes.join(" ")})`;
    }
    case "select": {
      const [a, b] = [operand(expr.a), operand(expr.b)];
      return `${operand(expr.condition)} ? ${a} : ${b}`;
    }
    case "convert":
      return `${expr.how} ${expr.type}(${printExpression(expr.a)})`;
    case "advance":
      return `${operand(expr.base)} ${distance(expr)}`;
  }
}

const place = (address: Expr, offset: number): string =>
  offset === 0 ? printExpression(address) : `${operand(address)} + ${offset}`;

const line = (text: string): string => text.replace(/[\r\n\u2028\u2029]+/g, " ");

function printStatement(statement: Stmt, indent: string): string {
  const inner = `${indent}  `;
  switch (statement.kind) {
    case "comment":
      return `${indent}; ${line(statement.text)}\n`;
    case "set":
      return `${indent}${statement.local.name} = ${printExpression(statement.value)}\n`;
    case "store": {
      const { address, offset, value, lanes } = statement;
      const type = value.type === "i32" ? "u8" : value.type;
      const part = lanes === undefined ? type : `${type}:${lanes}`;
      return `${indent}${part}[${place(address, offset)}] = ${printExpression(value)}\n`;
    }
    case "for": {
      const { local, from, to, step, body } = statement;
      const range = `${printExpression(from)} to ${printExpression(to)} step ${step}`;
      return `${indent}for ${local.name}: ${local.type} = ${range}\n${printBlock(body, inner)}`;
    }
    case "if": {
      const { condition, then, otherwise } = statement;
      const head = `${indent}if ${printExpression(condition)}\n${printBlock(then, inner)}`;
      return otherwise.length === 0
        ? head
        : `${head}${indent}else\n${printBlock(otherwise, inner)}`;
    }
  }
}

const printBlock = (body: readonly Stmt[], indent: string): string =>
  body.map((statement) => printStatement(statement, indent)).join("");

/** One kernel as text, stable: what `inspect` shows and tests compare. */
export function printFunction({ name, comment, params, body }: LoopFunction): string {
  const list = params.map((param) => `${param.name}: ${param.type}`).join(", ");
  return `; ${line(comment)}\nfunction ${name}(${list})\n${printBlock(body, "  ")}`;
}

function printCall(call: SettledCall): string {
  const values = call.arguments.map((value) =>
    value.kind === "address" ? `@${value.bytes}` : String(value.value),
  );
  return `  ${call.function}(${values.join(", ")})  ; ${line(call.comment)}\n`;
}

const printCalls = (calls: readonly Call[]): string => settledCalls(calls).map(printCall).join("");

/** All kernels of a module, then the calls of one inference with byte addresses as `@bytes`. */
export function printModule({ functions, prepare, schedule, memoryBytes }: LoopModule): string {
  const kernels = functions.map((kernel) => `${printFunction(kernel)}\n`).join("");
  const before = prepare.length > 0 ? `prepare once\n${printCalls(prepare)}` : "";
  return `${kernels}${before}run in ${memoryBytes} bytes\n${printCalls(schedule)}`;
}
