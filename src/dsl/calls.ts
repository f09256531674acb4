import { bindArguments, readArguments, type Signature } from "./arguments.js";
import type { CallExpression, Parameter } from "./ast.js";
import type { Expansion, Frame } from "./expansion.js";
import { arriving, evaluate } from "./expressions.js";
import { evaluateFact } from "./facts.js";
import { attempt, callMerge, merges, spanOfCall } from "./merges.js";
import { evaluateNumberFunction } from "./number-calls.js";
import { numberFunctions } from "./numbers.js";
import { OperatorStage } from "./operator-stage.js";
import type { Arrival, Operator } from "./operators/definition.js";
import { PathScope } from "./paths.js";
import { declare, factNames, optionWords, reportUnknown } from "./reserved.js";
import { type Binding, type Block, Scope } from "./scope.js";
import { close, openStage, refuseLabel } from "./stages.js";
import { runBody } from "./statements.js";
import {
  type Datum,
  describe,
  holdsTensor,
  isUnknown,
  listOf,
  printShape,
  shapeOf,
  string,
  tensorOf,
  unknown,
} from "./values.js";

/** A name with or without arguments: a value, an option word, a block, a number function or an operator. */
export function evaluateCall(
  x: Expansion,
  call: CallExpression,
  frame: Frame,
  piped: boolean,
): Datum {
  const name = call.callee.text;
  const binding = frame.scope.find(name);
  if (binding?.kind === "refused") return unknown;
  if (binding?.kind === "block") return callBlock(x, binding.block, call, frame);
  if (binding) return reference(x, binding, call, piped);
  if (merges.has(name)) return callMerge(x, call, frame);
  const operator = x.operators.get(name);
  if (operator) return applyOperator(x, operator, call, frame);
  if (piped && (optionWords.has(name) || factNames.has(name) || numberFunctions.has(name))) {
    return x.fail("not-a-stage", { name, what: "no operator or block" }, call.callee.span);
  }
  if (optionWords.has(name)) return plain(x, call, "an option word", string(name));
  if (factNames.has(name)) return evaluateFact(x, call, frame);
  if (numberFunctions.has(name)) return evaluateNumberFunction(x, call, frame);
  return reportUnknown(x, call.callee, frame.scope, piped);
}

function plain(x: Expansion, call: CallExpression, what: string, value: Datum): Datum {
  refuseLabel(x, call.label, what);
  if (!call.arguments) return value;
  return x.fail("not-a-stage", { name: call.callee.text, what }, call.callee.span);
}

function reference(x: Expansion, binding: Binding, call: CallExpression, piped: boolean): Datum {
  const what = binding.kind === "value" ? "a value" : "a model";
  if (piped || binding.kind !== "value") {
    const notes = [{ message: "it is named here", span: binding.span }];
    return x.fail("not-a-stage", { name: call.callee.text, what }, call.callee.span, notes);
  }
  return plain(x, call, what, binding.value);
}

const wanted: Readonly<Record<Arrival, string>> = {
  image: "[channels, height, width]",
  vector: "a vector",
  "image or vector": "[channels, height, width] or a vector",
  any: "a tensor",
};

function accepts(takes: Arrival, rank: number): boolean {
  if (takes === "any") return true;
  return (takes !== "vector" && rank === 3) || (takes !== "image" && rank === 1);
}

function adviceFor(operator: Operator, rank: number): string | undefined {
  if (operator.takes === "vector" && rank === 3) return "put flatten before it, or gap -> flatten";
  return rank === 1 ? "reshape(channels, height, width) makes an image of a vector" : undefined;
}

function applyOperator(
  x: Expansion,
  operator: Operator,
  call: CallExpression,
  frame: Frame,
): Datum {
  const stage = openStage(x, call.label, frame, call.span);
  const values = readArguments(x, operator.parameters, call, frame);
  if (frame.fixed !== undefined) return unknown;
  const span = spanOfCall(call);
  const input = arriving(x, frame, operator.name, span);
  if (!values || input.kind !== "tensor") return unknown;
  const shape = shapeOf(input.tensor);
  if (!accepts(operator.takes, shape.length)) {
    const details = {
      op: operator.name,
      wanted: wanted[operator.takes],
      actual: printShape(shape),
      advice: adviceFor(operator, shape.length),
    };
    return x.fail("wrong-input", details, span);
  }
  const builder = new OperatorStage(x, operator.name, stage.path, span, input.tensor);
  const made = attempt(x, span, operator.name, () => operator.apply(builder, values));
  if (!made) return unknown;
  return close(stage, "node" in made ? tensorOf(made) : listOf(made.map(tensorOf)));
}

function cycleOf(x: Expansion, block: Block): string | undefined {
  const at = x.calls.findIndex((call) => call.block.definition === block.definition);
  if (at < 0) return undefined;
  const names = x.calls.slice(at).map((call) => call.block.definition.name.text);
  return [...names, block.definition.name.text].join(" -> ");
}

/** What a block can be called with. */
export const signatureOfBlock = ({ definition }: Block): Signature => ({
  callee: definition.name.text,
  parameters: definition.parameters.map((parameter) => ({
    name: parameter.name.text,
    required: parameter.default === undefined,
    fallback: parameter.default && "…",
  })),
});

function blockArguments(x: Expansion, block: Block, call: CallExpression, frame: Frame) {
  const bound = bindArguments(x, signatureOfBlock(block), call.arguments ?? [], call.span);
  const given = new Map<string, Datum>();
  for (const [{ name }, { value }] of bound.pairs) given.set(name, evaluate(x, value, frame));
  return given;
}

/** Binds parameters in order; a default may use earlier ones, `in` and `it`. */
export function bindParameters(
  x: Expansion,
  parameters: readonly Parameter[],
  given: ReadonlyMap<string, Datum>,
  frame: Frame,
): void {
  const fixed = { ...frame, fixed: "the default of a parameter" };
  for (const { name, default: fallback } of parameters) {
    const value = given.get(name.text) ?? (fallback ? evaluate(x, fallback, fixed) : unknown);
    declare(x, frame.scope, name, value);
  }
}

const callCost = 10;

function callBlock(x: Expansion, block: Block, call: CallExpression, frame: Frame): Datum {
  x.step(call.span, callCost);
  const stage = openStage(x, call.label, frame, call.span);
  const given = blockArguments(x, block, call, frame);
  const { name, parameters, body } = block.definition;
  const cycle = cycleOf(x, block);
  if (cycle) return x.fail("recursive-block", { cycle }, call.callee.span);
  if (frame.fixed !== undefined) return unknown;
  const input = arriving(x, frame, name.text, spanOfCall(call));
  const inner: Frame = {
    scope: new Scope(block.home),
    current: input,
    input,
    path: new PathScope(stage.path),
    place: "block",
    repeating: false,
  };
  const result = x.inside({ block, span: spanOfCall(call) }, () => {
    bindParameters(x, parameters, given, inner);
    return runBody(x, body, inner);
  });
  if (isUnknown(result) || holdsTensor(result)) return close(stage, result);
  const where = `the value of the block '${name.text}'`;
  return x.fail("wrong-value", { where, wanted: "a tensor", actual: describe(result) }, body.span);
}
