import { bindArguments, readAs, type Signature } from "./arguments.js";
import type { CallExpression } from "./ast.js";
import type { Expansion, Frame } from "./expansion.js";
import { evaluate, settle } from "./expressions.js";
import { numberFunctions } from "./numbers.js";
import type { Kind } from "./operators/kinds.js";
import { refuseLabel } from "./stages.js";
import { type Datum, isNumeric, type Numeric, unknown } from "./values.js";

const anyNumber: Kind<Numeric> = {
  phrase: "a number",
  read: (datum) => (isNumeric(datum) ? datum : undefined),
};

/** A number function on numbers that are known already. */
export function callNumberFunction(
  x: Expansion,
  call: CallExpression,
  values: readonly Numeric[],
): Datum {
  const name = call.callee.text;
  const found = numberFunctions.get(name);
  if (!found) return unknown;
  if (found.variadic && values.length < 2) {
    return x.fail("too-few-operands", { op: name, actual: values.length }, call.span);
  }
  const shown = values.slice(0, 8).map(({ value }) => String(value));
  const expression = `${name}(${[...shown, ...(values.length > 8 ? ["…"] : [])].join(", ")})`;
  return settle(x, found.apply(values, expression), call);
}

/** `floor(x)`, `divisible(x, by)` and the like. */
export function evaluateNumberFunction(x: Expansion, call: CallExpression, frame: Frame): Datum {
  const callee = call.callee.text;
  refuseLabel(x, call.label, "a number function");
  const names = numberFunctions.get(callee)?.parameters ?? [];
  const parameters = names.map((name) => ({ name, required: true }));
  const signature: Signature = { callee, parameters };
  const bound = bindArguments(x, signature, call.arguments ?? [], call.span);
  const values = new Map<string, Numeric>();
  for (const [{ name }, { value }] of bound.pairs) {
    const about = { parameter: name, callee, span: value.span };
    const read = readAs(x, anyNumber, evaluate(x, value, frame), about);
    if (read) values.set(name, read.value);
  }
  const inOrder = names.flatMap((name) => values.get(name) ?? []);
  if (!bound.ok || inOrder.length < names.length) return unknown;
  return callNumberFunction(x, call, inOrder);
}
