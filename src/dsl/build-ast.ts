import type { CstNode, IToken } from "chevrotain";
import type {
  Body,
  Comment,
  ConstStatement,
  DefinitionItem,
  Expression,
  ForStatement,
  Identifier,
  InputStatement,
  Item,
  LabelsStatement,
  LetStatement,
  OutputStatement,
  Parameter,
  Setting,
  SourceFile,
  Statement,
} from "./ast.js";
import type { BuildContext } from "./build-ast-context.js";
import { buildExpression, buildList, expressions } from "./build-ast-expression.js";
import { buildIdentifier, buildLabel, buildString } from "./build-ast-label.js";
import * as cst from "./cst.js";

/** The parse tree as a syntax tree; what an error left incomplete is left out. */
export function buildSourceFile(
  context: BuildContext,
  at: CstNode,
  comments: readonly IToken[],
  length: number,
): SourceFile {
  const { file } = context;
  return {
    file,
    items: cst.nodes(at, "item").flatMap((item) => buildItem(context, item) ?? []),
    comments: comments.map((comment) => buildComment(file, comment)),
    span: { file, start: 0, end: length },
  };
}

function buildComment(file: string, at: IToken): Comment {
  return { text: at.image, span: cst.spanOfToken(file, at) };
}

function buildItem(context: BuildContext, at: CstNode): Item | undefined {
  const imported = cst.node(at, "importItem");
  if (imported) {
    const path = cst.token(imported, "Text");
    const span = cst.spanOfNode(context.file, imported);
    return path && { kind: "import", path: buildString(context, path), span };
  }
  const constant = cst.node(at, "constStatement");
  if (constant) return buildConst(context, constant);
  const definition = cst.node(at, "definition");
  return definition && buildDefinition(context, definition);
}

function buildDefinition(context: BuildContext, at: CstNode): DefinitionItem | undefined {
  const name = cst.token(at, "Identifier");
  const body = cst.node(at, "body");
  if (!name || !body) return undefined;
  const written = cst.node(at, "parameters");
  const parameters = written ? cst.nodes(written, "parameter") : [];
  return {
    kind: cst.token(at, "Model") ? "model" : "block",
    name: buildIdentifier(context, name),
    parameters: parameters.flatMap((parameter) => buildParameter(context, parameter) ?? []),
    body: buildBody(context, body),
    span: cst.spanOfNode(context.file, at),
  };
}

function buildParameter(context: BuildContext, at: CstNode): Parameter | undefined {
  const name = cst.token(at, "Identifier");
  if (!name) return undefined;
  return {
    name: buildIdentifier(context, name),
    default: buildExpression(context, cst.node(at, "expression")),
    span: cst.spanOfNode(context.file, at),
  };
}

/** `{ … }` with the statements that could be understood. */
export function buildBody(context: BuildContext, at: CstNode): Body {
  const written = cst.nodes(at, "statement");
  const statements = written.flatMap((statement) => buildStatement(context, statement) ?? []);
  const separators = cst.tokens(at, "Semicolon").map(({ startOffset }) => startOffset);
  checkSigns(context, statements, separators);
  return { statements, span: cst.spanOfNode(context.file, at) };
}

/** `a -> b - c` would be two statements, the second of them `-c`: never what was meant. */
function checkSigns(
  context: BuildContext,
  statements: readonly Statement[],
  separators: readonly number[],
): void {
  for (const [i, statement] of statements.entries()) {
    const before = statements[i - 1];
    if (!before || !endsInPipeline(before) || statement.kind !== "expression") continue;
    const sign = leftmost(statement.expression);
    const [from, to] = [before.span.end, statement.span.start];
    if (sign.kind !== "unary" || sign.operator !== "-") continue;
    if (separators.some((offset) => offset >= from && offset < to)) continue;
    const span = { file: context.file, start: to, end: to + 1 };
    context.report.add("pipeline-operand", { operator: "-" }, { span });
  }
}

function endsInPipeline(statement: Statement): boolean {
  if (statement.kind === "expression") return statement.expression.kind === "pipeline";
  const takesValue = statement.kind === "let" || statement.kind === "output";
  return takesValue && statement.value?.kind === "pipeline";
}

function leftmost(expression: Expression): Expression {
  for (let at = expression; ; ) {
    if (at.kind === "binary") at = at.left;
    else if (at.kind === "member") at = at.object;
    else if (at.kind === "pipeline") at = at.first;
    else return at;
  }
}

type StatementBuilder = (context: BuildContext, at: CstNode) => Statement | undefined;

const statementBuilders: Readonly<Record<string, StatementBuilder>> = {
  inputStatement: buildInput,
  outputStatement: buildOutput,
  weightsStatement(context, at) {
    const path = cst.token(at, "Text");
    const span = cst.spanOfNode(context.file, at);
    return path && { kind: "weights", path: buildString(context, path), span };
  },
  labelsStatement: buildLabels,
  assertStatement(context, at) {
    const condition = buildExpression(context, cst.node(at, "expression"));
    return condition && { kind: "assert", condition, span: cst.spanOfNode(context.file, at) };
  },
  optimizeStatement(context, at) {
    const lines = expressions(context, at);
    return { kind: "optimize", lines, span: cst.spanOfNode(context.file, at) };
  },
  constStatement: buildConst,
  letStatement: buildLet,
  forStatement: buildFor,
  repeatStatement(context, at) {
    const count = buildExpression(context, cst.node(at, "expression"));
    const body = cst.node(at, "body");
    if (!count || !body) return undefined;
    const span = cst.spanOfNode(context.file, at);
    return { kind: "repeat", count, body: buildBody(context, body), span };
  },
  expression(context, at) {
    if (isAssignment(context, at)) return undefined;
    const expression = buildExpression(context, at);
    return expression && { kind: "expression", expression, span: expression.span };
  },
};

function buildStatement(context: BuildContext, at: CstNode): Statement | undefined {
  for (const rule of Object.keys(at.children)) {
    const inner = cst.node(at, rule);
    const builder = statementBuilders[rule];
    if (inner && builder) return builder(context, inner);
  }
  return undefined;
}

/** `x = …` as a statement; reported. */
function isAssignment(context: BuildContext, at: CstNode): boolean {
  const [operator] = cst.nodes(at, "operator");
  const sign = operator && cst.token(operator, "Assign");
  const name = sign && soleName(cst.node(at, "operand"));
  if (!sign || !name) return false;
  const span = cst.spanOfToken(context.file, sign);
  context.report.add("assignment", { name: name.image }, { span });
  return true;
}

/** The name that an operand consists of. */
function soleName(operand: CstNode | undefined): IToken | undefined {
  const primary = operand && cst.node(operand, "primary");
  const stage = primary && cst.node(primary, "stage");
  const call = stage && cst.node(stage, "call");
  return call && cst.token(call, "Identifier");
}

function buildInput(context: BuildContext, at: CstNode): InputStatement | undefined {
  const written = cst.node(at, "label");
  const label = written && buildLabel(context, written);
  const type = cst.node(at, "type");
  const element = type && cst.token(type, "Identifier");
  if (!label || !type || !element) return undefined;
  const alias = cst.token(at, "Identifier");
  const settings = cst.node(at, "settings");
  return {
    kind: "input",
    label,
    alias: alias && buildIdentifier(context, alias),
    element: buildElement(context, element),
    shape: expressions(context, type),
    settings: settings
      ? cst.nodes(settings, "setting").flatMap((setting) => buildSetting(context, setting) ?? [])
      : [],
    span: cst.spanOfNode(context.file, at),
  };
}

function buildElement(context: BuildContext, at: IToken): "f32" | "u8" {
  if (at.image === "f32" || at.image === "u8") return at.image;
  const span = cst.spanOfToken(context.file, at);
  context.report.add("unknown-element-type", { type: at.image }, { span });
  return "f32";
}

function buildSetting(context: BuildContext, at: CstNode): Setting | undefined {
  const name = cst.token(at, "Identifier");
  const value = buildExpression(context, cst.node(at, "expression"));
  if (!name || !value) return undefined;
  return { name: buildIdentifier(context, name), value, span: cst.spanOfNode(context.file, at) };
}

function buildOutput(context: BuildContext, at: CstNode): OutputStatement | undefined {
  const written = cst.node(at, "label");
  const label = written && buildLabel(context, written);
  if (!label) return undefined;
  const value = buildExpression(context, cst.node(at, "expression"));
  return { kind: "output", label, value, span: cst.spanOfNode(context.file, at) };
}

function buildLabels(context: BuildContext, at: CstNode): LabelsStatement | undefined {
  const path = cst.token(at, "Text");
  const list = cst.node(at, "list");
  const value = path ? buildString(context, path) : list && buildList(context, list);
  return value && { kind: "labels", value, span: cst.spanOfNode(context.file, at) };
}

function buildConst(context: BuildContext, at: CstNode): ConstStatement | undefined {
  const name = cst.token(at, "Identifier");
  const value = buildExpression(context, cst.node(at, "expression"));
  if (!name || !value) return undefined;
  const span = cst.spanOfNode(context.file, at);
  return { kind: "const", name: buildIdentifier(context, name), value, span };
}

function buildLet(context: BuildContext, at: CstNode): LetStatement | undefined {
  const names = identifiers(context, at);
  const value = buildExpression(context, cst.node(at, "expression"));
  if (names.length === 0 || !value) return undefined;
  return { kind: "let", names, value, span: cst.spanOfNode(context.file, at) };
}

function buildFor(context: BuildContext, at: CstNode): ForStatement | undefined {
  const pattern = cst.node(at, "pattern");
  const list = buildExpression(context, cst.node(at, "expression"));
  const body = cst.node(at, "body");
  if (!pattern || !list || !body) return undefined;
  return {
    kind: "for",
    names: identifiers(context, pattern),
    destructures: cst.token(pattern, "OpenParen") !== undefined,
    list,
    body: buildBody(context, body),
    span: cst.spanOfNode(context.file, at),
  };
}

function identifiers(context: BuildContext, at: CstNode): Identifier[] {
  return cst.tokens(at, "Identifier").map((name) => buildIdentifier(context, name));
}
