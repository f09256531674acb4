import { bindArguments, signatureOf } from "./arguments.js";
import type {
  Argument,
  Body,
  CallExpression,
  DefinitionItem,
  Expression,
  Label,
  Statement,
} from "./ast.js";
import { signatureOfBlock } from "./calls.js";
import type { Expansion } from "./expansion.js";
import { declare, factNames, isKnown, reportUnknown } from "./reserved.js";
import { Scope } from "./scope.js";
import { unknown } from "./values.js";

/** Where a check stands: its names, and whether facts may be read. */
interface Place {
  readonly scope: Scope;
  readonly asserting: boolean;
}

/**
 * Checks the names of a block or model without expanding it, so that mistakes are found in blocks
 * that nothing calls and in branches not taken. Reports nothing that the expansion would accept.
 */
export function checkDefinition(x: Expansion, definition: DefinitionItem, home: Scope): void {
  const scope = new Scope(home);
  const place = { scope, asserting: false };
  for (const { name, default: fallback } of definition.parameters) {
    if (fallback) checkExpression(x, fallback, place);
    declare(x, scope, name, unknown);
  }
  checkBody(x, definition.body, place);
}

function checkBody(x: Expansion, body: Body, place: Place): void {
  const inner = { ...place, scope: new Scope(place.scope) };
  for (const statement of body.statements) checkStatement(x, statement, inner);
}

function checkStatement(x: Expansion, statement: Statement, place: Place): void {
  switch (statement.kind) {
    case "expression":
      checkExpression(x, statement.expression, place);
      break;
    case "const":
      checkExpression(x, statement.value, place);
      declare(x, place.scope, statement.name, unknown);
      break;
    case "let":
      checkExpression(x, statement.value, place);
      for (const name of statement.names) declare(x, place.scope, name, unknown);
      break;
    case "for": {
      checkExpression(x, statement.list, place);
      const scope = new Scope(place.scope);
      for (const name of statement.names) declare(x, scope, name, unknown);
      checkBody(x, statement.body, { ...place, scope });
      break;
    }
    case "repeat":
      checkExpression(x, statement.count, place);
      checkBody(x, statement.body, place);
      break;
    case "output":
      checkLabel(x, statement.label, place);
      if (statement.value) checkExpression(x, statement.value, place);
      break;
    case "assert":
      checkExpression(x, statement.condition, { ...place, asserting: true });
      break;
    case "input":
      for (const size of statement.shape) checkExpression(x, size, place);
      bindInput(statement, place.scope);
      break;
    default:
  }
}

/** An input's name, unchecked: the expansion knows whether it is one. */
function bindInput(statement: Extract<Statement, { kind: "input" }>, scope: Scope): void {
  const [only] = statement.label.parts;
  const name = statement.alias?.text ?? (typeof only === "string" ? only : "");
  const { span } = statement.alias ?? statement.label;
  if (!scope.own(name)) scope.bind(name, { kind: "value", span, value: unknown });
}

function checkLabel(x: Expansion, label: Label | undefined, place: Place): void {
  for (const part of label?.parts ?? []) {
    if (typeof part !== "string") checkExpression(x, part, place);
  }
}

function checkExpression(x: Expansion, expression: Expression, place: Place): void {
  const each = (...inner: readonly (Expression | undefined)[]): void => {
    for (const one of inner) if (one) checkExpression(x, one, place);
  };
  if ("label" in expression) checkLabel(x, expression.label, place);
  switch (expression.kind) {
    case "list":
    case "tuple":
      each(...expression.items);
      break;
    case "member":
      each(expression.object);
      break;
    case "unary":
      each(expression.operand);
      break;
    case "binary":
      each(expression.left, expression.right);
      break;
    case "group":
      each(expression.inner);
      break;
    case "pipeline":
      each(expression.first, ...expression.stages);
      break;
    case "call":
      checkCall(x, expression, place);
      break;
    case "residual":
      each(expression.shortcut);
      checkBody(x, expression.body, place);
      break;
    case "body":
      checkBody(x, expression.body, place);
      break;
    case "if":
      each(expression.condition);
      checkBody(x, expression.then, place);
      if (expression.otherwise && "kind" in expression.otherwise) each(expression.otherwise);
      else if (expression.otherwise) checkBody(x, expression.otherwise, place);
      break;
    default:
  }
}

/** Arguments whose bare names are words or paths of the parameter, not names of values. */
function takesWords(x: Expansion, call: CallExpression, argument: Argument): boolean {
  const { value } = argument;
  if (call.callee.text === "shape") return true;
  if (call.callee.text === "concat" && argument.name?.text === "axis") return true;
  if (value.kind !== "call" || value.arguments) return false;
  const operator = x.operators.get(call.callee.text);
  return [...(operator?.parameters.values() ?? [])].some(({ kind }) => kind.words !== undefined);
}

function checkCall(x: Expansion, call: CallExpression, place: Place): void {
  const name = call.callee.text;
  const binding = place.scope.find(name);
  if (factNames.has(name) && !binding && !place.asserting) {
    x.fail("fact-misplaced", { name }, call.callee.span);
  } else if (!binding && !isKnown(x, name)) reportUnknown(x, call.callee, place.scope, false);
  const args = call.arguments ?? [];
  const operator = x.operators.get(name);
  if (binding?.kind === "block") {
    bindArguments(x, signatureOfBlock(binding.block), args, call.span);
  } else if (!binding && operator) {
    bindArguments(x, signatureOf(name, operator.parameters), args, call.span);
  }
  for (const argument of args) {
    if (!takesWords(x, call, argument)) checkExpression(x, argument.value, place);
  }
}
