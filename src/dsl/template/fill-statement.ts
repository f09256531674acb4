import type {
  Body,
  ConstStatement,
  DefinitionItem,
  Expression,
  InputStatement,
  Item,
  LabelsStatement,
  Statement,
  WeightsStatement,
} from "../ast.js";
import { fillExpression, fillLabel, fillName, fillString } from "./fill-expression.js";
import type { Holes } from "./holes.js";
import { isCnnSource, isTensors } from "./interpolation.js";

/** The items of a file; templates that stand among them leave their own. */
export function fillItems(holes: Holes, items: readonly Item[]): Item[] {
  const filled = items.flatMap((item) => fillItem(holes, item));
  return [...holes.brought, ...filled];
}

function fillItem(holes: Holes, at: Item): readonly Item[] {
  if (at.kind === "const") return [fillConst(holes, at, 0)];
  if (at.kind !== "import") return [fillDefinition(holes, at)];
  const hole = holes.whole(at.path.value);
  if (!hole || typeof hole.value === "string") {
    return [{ ...at, path: fillString(holes, at.path) }];
  }
  if (isCnnSource(hole.value) && !hole.value.fragment) holes.bring(hole.value);
  else holes.fail(hole, "outside of models a template of blocks can stand");
  return [];
}

const fillConst = (holes: Holes, at: ConstStatement, depth: number): ConstStatement => ({
  ...at,
  name: fillName(holes, at.name),
  value: fillExpression(holes, at.value, depth),
});

function fillDefinition(holes: Holes, at: DefinitionItem): DefinitionItem {
  const parameters = at.parameters.map((parameter) => ({
    ...parameter,
    name: fillName(holes, parameter.name),
    default: parameter.default && fillExpression(holes, parameter.default, 1),
  }));
  return { ...at, name: fillName(holes, at.name), parameters, body: fillBody(holes, at.body, 0) };
}

/** A body, which stands in so many brackets. */
export function fillBody(holes: Holes, { statements, span }: Body, depth: number): Body {
  holes.reach(depth + 1);
  return { statements: statements.map((at) => fillStatement(holes, at, depth + 1)), span };
}

/** A statement, which stands in so many brackets. */
export function fillStatement(holes: Holes, at: Statement, depth: number): Statement {
  const fill = (inner: Expression) => fillExpression(holes, inner, depth);
  switch (at.kind) {
    case "input":
      return fillInput(holes, at, depth);
    case "output":
      return { ...at, label: fillLabel(holes, at.label, depth), value: at.value && fill(at.value) };
    case "weights":
      return fillWeights(holes, at);
    case "labels":
      return fillLabels(holes, at, depth);
    case "assert":
      return { ...at, condition: fill(at.condition) };
    case "optimize":
      return { ...at, lines: at.lines.map((line) => fillExpression(holes, line, depth + 1)) };
    case "const":
      return fillConst(holes, at, depth);
    case "let":
      return { ...at, names: at.names.map((name) => fillName(holes, name)), value: fill(at.value) };
    case "for": {
      const names = at.names.map((name) => fillName(holes, name));
      return { ...at, names, list: fill(at.list), body: fillBody(holes, at.body, depth) };
    }
    case "repeat":
      return { ...at, count: fill(at.count), body: fillBody(holes, at.body, depth) };
    case "expression":
      return { ...at, expression: fill(at.expression) };
  }
}

/** A list among the sizes of an input is several of them. */
function fillInput(holes: Holes, at: InputStatement, depth: number): InputStatement {
  const shape = at.shape.flatMap((size) => {
    const filled = fillExpression(holes, size, depth + 1);
    return size.kind === "call" && filled.kind === "list" ? filled.items : [filled];
  });
  const settings = at.settings.map((setting) => ({
    ...setting,
    name: fillName(holes, setting.name),
    value: fillExpression(holes, setting.value, depth + 1),
  }));
  const alias = at.alias && fillName(holes, at.alias);
  return { ...at, label: fillLabel(holes, at.label, depth), alias, shape, settings };
}

/** `weights` takes a file's name or tensors. */
function fillWeights(holes: Holes, at: WeightsStatement): WeightsStatement {
  const hole = holes.whole(at.path.value);
  if (!hole || typeof hole.value === "string") return { ...at, path: fillString(holes, at.path) };
  const path = { ...at.path, value: "tensors", span: hole.span };
  if (isTensors(hole.value)) return { ...at, path, tensors: hole.value };
  holes.fail(hole, "weights are a file's name, or tensors { dtype, shape, data } by path");
  return at;
}

function fillLabels(holes: Holes, at: LabelsStatement, depth: number): LabelsStatement {
  const { value } = at;
  if (value.kind !== "string") {
    const filled = fillExpression(holes, value, depth);
    return filled.kind === "list" ? { ...at, value: filled } : at;
  }
  const hole = holes.whole(value.value);
  const data = hole && holes.data(hole);
  if (!hole || data?.kind === "string") return { ...at, value: fillString(holes, value) };
  if (data?.kind === "list") return { ...at, value: data };
  holes.fail(hole, "labels are a file's name or a list of strings");
  return at;
}
