import type { Body, Expression, IfExpression, SourceFile, Statement } from "../ast.js";

/** All expressions of a file's blocks and models, in no particular order. */
export function expressionsIn(file: SourceFile): Expression[] {
  const bodies = file.items.flatMap((item) => ("body" in item ? [item.body] : []));
  const waiting = bodies.flatMap(ofBody);
  const found: Expression[] = [];
  for (let next = waiting.pop(); next; next = waiting.pop()) {
    found.push(next);
    waiting.push(...inside(next));
  }
  return found;
}

/** All statements of a file's blocks and models at their first level. */
export const statementsIn = (file: SourceFile): Statement[] =>
  file.items.flatMap((item) => ("body" in item ? item.body.statements : []));

const ofBody = (body: Body): Expression[] => body.statements.flatMap(ofStatement);

function ofStatement(statement: Statement): Expression[] {
  switch (statement.kind) {
    case "expression":
      return [statement.expression];
    case "let":
    case "const":
      return [statement.value];
    case "output":
      return statement.value ? [statement.value] : [];
    case "for":
      return [statement.list, ...ofBody(statement.body)];
    case "repeat":
      return [statement.count, ...ofBody(statement.body)];
    default:
      return [];
  }
}

const ofIf = ({ then, otherwise }: IfExpression): Expression[] => {
  if (!otherwise) return ofBody(then);
  return [...ofBody(then), ...("kind" in otherwise ? [otherwise] : ofBody(otherwise))];
};

/** The expressions that stand directly in another. */
function inside(expression: Expression): readonly Expression[] {
  switch (expression.kind) {
    case "pipeline":
      return [expression.first, ...expression.stages];
    case "call":
      return (expression.arguments ?? []).map(({ value }) => value);
    case "residual":
      return [...(expression.shortcut ? [expression.shortcut] : []), ...ofBody(expression.body)];
    case "if":
      return [expression.condition, ...ofIf(expression)];
    case "body":
      return ofBody(expression.body);
    case "list":
    case "tuple":
      return expression.items;
    case "group":
      return [expression.inner];
    case "binary":
      return [expression.left, expression.right];
    case "unary":
      return [expression.operand];
    case "member":
      return [expression.object];
    default:
      return [];
  }
}
