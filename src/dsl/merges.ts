import type { Span } from "../diagnostics/diagnostic.js";
import type { Value as Tensor } from "../ir/graph.js";
import type { BinaryFunction } from "../ir/ops/arithmetic.js";
import { ShapeError } from "../ir/ops/operator.js";
import { argumentDatum, bindArguments, readAs } from "./arguments.js";
import type { BinaryOperator, CallExpression } from "./ast.js";
import type { Expansion, Frame } from "./expansion.js";
import { evaluate } from "./expressions.js";
import { callNumberFunction } from "./number-calls.js";
import { axisOf } from "./operators/axes.js";
import { type Axis, axis as axisKind } from "./operators/kinds.js";
import { close, openScope, refuseLabel } from "./stages.js";
import {
  type Datum,
  describe,
  isNumeric,
  isUnknown,
  type Numeric,
  printShape,
  shapeOf,
  tensorOf,
  unknown,
} from "./values.js";

/** Operators that take pipelines as operands, and what they do to two tensors. */
export const merges: ReadonlyMap<string, BinaryFunction | "concat"> = new Map<
  string,
  BinaryFunction | "concat"
>([
  ["add", "add"],
  ["sub", "sub"],
  ["mul", "mul"],
  ["div", "div"],
  ["max", "max"],
  ["min", "min"],
  ["pow", "pow"],
  ["equal", "equal"],
  ["less", "less"],
  ["less_equal", "lessOrEqual"],
  ["mask", "mask"],
  ["leak", "prelu"],
  ["concat", "concat"],
]);

/** The operator's span without its label. */
export const spanOfCall = (call: CallExpression): Span => ({
  ...call.span,
  start: call.callee.span.start,
});

/** Runs what builds nodes; a shape that does not fit is reported at `span`, under the name of `op`. */
export function attempt<T>(x: Expansion, span: Span, op: string, make: () => T): T | undefined {
  try {
    return make();
  } catch (error) {
    if (!(error instanceof ShapeError)) throw error;
    const { code, details, hint }: ShapeError = error;
    x.fail(code, "op" in details ? { ...details, op } : details, span, [], hint);
    return undefined;
  }
}

function node(
  x: Expansion,
  frame: Frame,
  span: Span,
  op: string,
  make: (name: string) => Tensor,
): Datum {
  const tensor = attempt(x, span, op, () => make(frame.path.prefix));
  if (!tensor) return unknown;
  x.nodes.push(tensor.node);
  return tensorOf(tensor);
}

/** `-tensor`. */
export function negate(x: Expansion, tensor: Tensor, frame: Frame, span: Span): Datum {
  return node(x, frame, span, "-", (name) => {
    const attrs = { fn: { kind: "neg" } } as const;
    return x.node("unary", { input: tensor }, attrs, { name, span }).results[0]!;
  });
}

const fits = (a: readonly number[], b: readonly number[]): boolean =>
  a.length === b.length && a.every((n, axis) => n === b[axis] || n === 1 || b[axis] === 1);

/** What would make two shapes fit, where one convolution does. */
function adviceFor(
  op: string,
  left: readonly number[],
  right: readonly number[],
): string | undefined {
  const [c, h, w] = left;
  const [d, i, j] = right;
  if (left.length !== right.length) {
    const vector = left.length === 1 ? c : d;
    if (left.length !== 1 && right.length !== 1) return undefined;
    return `a vector does not spread over an image: reshape(${vector}, 1, 1) makes it [c, 1, 1]`;
  }
  if (left.length !== 3 || !c || !d || !h || !i || !w || !j) return undefined;
  const stride = h % i === 0 && w % j === 0 && h / i === w / j ? h / i : undefined;
  const where = op === "residual" ? "to the shortcut" : "to the first operand";
  const branches = op === "residual" ? "branches" : "operands";
  if (stride === 1 && c !== d) {
    return `the ${branches} have ${c} and ${d} channels: add conv(${d}, 1x1) ${where}`;
  }
  if (stride === undefined || stride === 1) return undefined;
  return `the ${branches} are ${h}x${w} and ${i}x${j}: add conv(${d}, 1x1, stride=${stride}) ${where}`;
}

function scalar(x: Expansion, number: Numeric, span: Span): Tensor | undefined {
  const data = Float32Array.of(number.value);
  if (!Number.isFinite(data[0])) {
    x.fail("number-out-of-range", { expression: `${number.value} as a 32-bit float` }, span);
    return undefined;
  }
  const attrs = { role: "literal", shape: [], data } as const;
  return x.node("constant", {}, attrs, { name: "", span }).results[0];
}

function operand(x: Expansion, datum: Datum, span: Span): Tensor | undefined {
  if (isNumeric(datum)) return scalar(x, datum, span);
  return datum.kind === "tensor" ? datum.tensor : undefined;
}

function pairUp(
  x: Expansion,
  op: string,
  fn: BinaryFunction,
  pair: readonly [Datum, Datum],
  frame: Frame,
  span: Span,
): Datum {
  const [a, b] = pair;
  if (a.kind === "tensor" && b.kind === "tensor") {
    const shapes = [shapeOf(a.tensor), shapeOf(b.tensor)] as const;
    if (!fits(...shapes)) {
      const [left, right] = [printShape(shapes[0]), printShape(shapes[1])];
      const details = { op, left, right, advice: adviceFor(op, ...shapes) };
      return x.fail("operands-do-not-fit", details, span);
    }
  }
  const [left, right] = [operand(x, a, span), operand(x, b, span)];
  if (!left || !right) return unknown;
  return node(x, frame, span, op, (name) => {
    return x.node("binary", { left, right }, { fn }, { name, span }).results[0]!;
  });
}

/** Merges two or more data of which one at least is a tensor, from left to right. */
export function combine(
  x: Expansion,
  op: string,
  fn: BinaryFunction,
  operands: readonly Datum[],
  frame: Frame,
  span: Span,
): Datum {
  if (operands.some(isUnknown)) return unknown;
  const wrong = operands.find((datum) => datum.kind !== "tensor" && !isNumeric(datum));
  if (wrong) return x.fail("wrong-operands", { operator: op, actual: describe(wrong) }, span);
  return operands.reduce((left, right) => {
    return isUnknown(left) ? left : pairUp(x, op, fn, [left, right], frame, span);
  });
}

const arithmeticFunctions: ReadonlyMap<BinaryOperator, BinaryFunction> = new Map([
  ["+", "add"],
  ["-", "sub"],
  ["*", "mul"],
  ["/", "div"],
]);

/** `+ - * /` with a tensor on a side; undefined when that is no such thing. */
export function arithmeticOnTensors(
  x: Expansion,
  operator: BinaryOperator,
  left: Datum,
  right: Datum,
  frame: Frame,
  span: Span,
): Datum | undefined {
  const fn = arithmeticFunctions.get(operator);
  const allowed = [left, right].every((datum) => datum.kind === "tensor" || isNumeric(datum));
  if (!fn || !allowed) return undefined;
  if (frame.fixed !== undefined) return x.fail("stage-misplaced", { where: frame.fixed }, span);
  return combine(x, `'${operator}'`, fn, [left, right], frame, span);
}

interface Operands {
  readonly data: readonly Datum[];
  readonly axis: Axis;
  readonly ok: boolean;
}

function readOperands(x: Expansion, call: CallExpression, frame: Frame): Operands {
  const callee = call.callee.text;
  const parameters = [
    { name: "operands", required: false, rest: true },
    ...(callee === "concat" ? [{ name: "axis", required: false, fallback: "0" }] : []),
  ];
  const bound = bindArguments(x, { callee, parameters }, call.arguments ?? [], call.span);
  const data: Datum[] = [];
  let axis: Axis = 0;
  let { ok } = bound;
  for (const [{ name }, { value }] of bound.pairs) {
    if (name === "axis") {
      const datum = argumentDatum(x, axisKind, value, frame);
      const read = readAs(x, axisKind, datum, { parameter: name, callee, span: value.span });
      if (read) axis = read.value;
      else ok = false;
    } else data.push(evaluate(x, value, frame));
  }
  if (data.length === 0 && frame.current?.kind === "list") data.push(frame.current);
  const spread = data.flatMap((datum) => (datum.kind === "list" ? datum.items : [datum]));
  x.step(call.span, spread.length);
  return { data: spread, axis, ok };
}

function concatenate(x: Expansion, { data, axis }: Operands, frame: Frame, span: Span): Datum {
  const inputs = data.flatMap((datum) => (datum.kind === "tensor" ? [datum.tensor] : []));
  const wrong = data.find((datum) => datum.kind !== "tensor");
  if (wrong) return x.fail("wrong-operands", { operator: "concat", actual: describe(wrong) }, span);
  const first = inputs[0];
  if (!first) return unknown;
  const shape = shapeOf(first);
  const along = attempt(x, span, "concat", () => axisOf({ operator: "concat", shape }, axis));
  if (along === undefined) return unknown;
  const other = inputs.find(({ type }) => {
    const same = type.shape.every((n, index) => index === along || n === first.type.shape[index]);
    return type.shape.length !== first.type.shape.length || !same;
  });
  if (other) {
    const [left, right] = [printShape(shape), printShape(shapeOf(other))];
    const where = along === 0 ? "the batch" : `axis ${along - 1}`;
    const advice = `they may differ along ${where} only`;
    return x.fail("operands-do-not-fit", { op: "concat", left, right, advice }, span);
  }
  return node(x, frame, span, "concat", (name) => {
    return x.node("concat", { inputs }, { axis: along }, { name, span }).results[0]!;
  });
}

/** A merge of tensors; `max` and `min` of numbers are number functions. */
export function callMerge(x: Expansion, call: CallExpression, frame: Frame): Datum {
  const op = call.callee.text;
  const span = spanOfCall(call);
  const opened = openScope(x, call.label, frame, call.span);
  const operands = readOperands(x, call, opened.frame);
  const { data } = operands;
  if (!operands.ok || data.some(isUnknown)) return close(opened.stage, unknown);
  const numbers = data.filter(isNumeric);
  if ((op === "max" || op === "min") && data.length > 0 && numbers.length === data.length) {
    refuseLabel(x, call.label, "a number");
    return callNumberFunction(x, call, numbers);
  }
  if (frame.fixed !== undefined) return x.fail("stage-misplaced", { where: frame.fixed }, span);
  if (data.length < 2) return x.fail("too-few-operands", { op, actual: data.length }, span);
  const fn = merges.get(op);
  if (fn === "concat") return close(opened.stage, concatenate(x, operands, opened.frame, span));
  if (!fn || numbers.length === data.length) {
    return x.fail("wrong-operands", { operator: op, actual: "numbers only" }, span);
  }
  return close(opened.stage, combine(x, op, fn, data, opened.frame, span));
}
