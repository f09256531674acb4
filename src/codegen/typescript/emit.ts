import type typescript from "typescript";
import type { Expr, LoopFunction, Stmt } from "../loops/types.js";
import {
  blocksOf,
  eachExpression,
  eachStatement,
  expressionsOf,
  localsReadBy,
} from "../loops/walk.js";
import type { Builtin } from "./builtins.js";
import { type Declaration, type Declarations, declarationsOf } from "./declarations.js";
import { ExpressionWriter, isLiteral } from "./expression.js";
import { Names, safeComment } from "./identifiers.js";

type Typescript = typeof typescript;
type Statement = typescript.Statement;
type For = Extract<Stmt, { readonly kind: "for" }>;

/** A parameter declaration of a simple type. */
function parameter(
  { factory }: Typescript,
  name: string,
  type: string,
): typescript.ParameterDeclaration {
  const reference = factory.createTypeReferenceNode(type);
  return factory.createParameterDeclaration(undefined, undefined, name, undefined, reference);
}

/** A view of memory in emitted code: `m` holds floats, `u8` bytes. */
export type View = "m" | "u8";

/** The views of memory that a function loads from or stores to. */
export function viewsOf(source: LoopFunction): readonly View[] {
  const used = new Set<string>();
  eachStatement(source.body, (statement) => {
    if (statement.kind === "store") used.add(statement.address.type);
    for (const expr of expressionsOf(statement)) {
      eachExpression(expr, (part) => {
        if (part.kind === "load") used.add(part.address.type);
      });
    }
  });
  const views: readonly View[] = ["m", "u8"];
  return views.filter((view) => used.has(view === "m" ? "floats" : "bytes"));
}

/** The parameters that stand for views. */
export const viewParameters = (
  ts: Typescript,
  views: readonly View[],
): typescript.ParameterDeclaration[] =>
  views.map((view) => parameter(ts, view, view === "m" ? "Float32Array" : "Uint8Array"));

/** Writes one loop function as a TypeScript function over the views of memory. */
export class FunctionWriter {
  readonly #names: Names;
  readonly #declarations: Declarations;
  readonly #writer: ExpressionWriter;

  constructor(
    readonly ts: Typescript,
    readonly source: LoopFunction,
    readonly identifier: string,
    taken: Iterable<string>,
    use: (builtin: Builtin) => void,
  ) {
    this.#names = new Names([...taken, "m", "u8"]);
    this.#declarations = declarationsOf(source);
    this.#writer = new ExpressionWriter(ts, (local) => this.#names.of(local), use);
  }

  /** The declaration of the function, its comment in front. */
  write(): typescript.FunctionDeclaration {
    const { ts, source } = this;
    const { factory } = ts;
    const used = localsReadBy(source.body);
    const params = source.params.map(({ name }) => {
      const known = this.#names.of(name);
      return parameter(ts, used.has(name) ? known : this.#names.fresh(`_${known}`), "number");
    });
    const declaration = factory.createFunctionDeclaration(
      undefined,
      undefined,
      this.identifier,
      undefined,
      [...viewParameters(ts, viewsOf(source)), ...params],
      factory.createKeywordTypeNode(ts.SyntaxKind.VoidKeyword),
      factory.createBlock(this.#block(source.body), true),
    );
    const text = `* ${safeComment(source.comment)} `;
    const kind = ts.SyntaxKind.MultiLineCommentTrivia;
    return ts.addSyntheticLeadingComment(declaration, kind, text, true);
  }

  /** The statements of a block; remarks become comments of what follows them. */
  #block(body: readonly Stmt[]): Statement[] {
    const written: Statement[] = [];
    let remarks: string[] = [];
    for (const statement of body) {
      if (statement.kind === "comment") {
        remarks.push(safeComment(statement.text));
        continue;
      }
      const declared = (this.#declarations.before.get(statement) ?? []).map((name) =>
        this.#variable({ name, keyword: "let" }, this.#writer.number(0)),
      );
      const [first, ...rest] = [...declared, this.#statement(statement)];
      if (first) written.push(this.#remarked(first, remarks), ...rest);
      remarks = [];
    }
    return written;
  }

  #remarked(statement: Statement, remarks: readonly string[]): Statement {
    const kind = this.ts.SyntaxKind.SingleLineCommentTrivia;
    for (const remark of remarks) {
      this.ts.addSyntheticLeadingComment(statement, kind, ` ${remark}`, true);
    }
    return statement;
  }

  #statement(statement: Exclude<Stmt, { readonly kind: "comment" }>): Statement {
    const { factory } = this.ts;
    switch (statement.kind) {
      case "set": {
        const value = this.#writer.value(statement.value);
        const declaration = this.#declarations.at.get(statement);
        if (declaration) return this.#variable(declaration, value, isLiteral(statement.value));
        const name = factory.createIdentifier(this.#names.of(statement.local.name));
        return this.#assign(name, value);
      }
      case "store": {
        const element = this.#writer.element(statement.address, statement.offset);
        return this.#assign(element, this.#writer.value(statement.value));
      }
      case "if": {
        const [then = [], otherwise = []] = blocksOf(statement).map((block) => this.#block(block));
        const condition = this.#writer.condition(statement.condition);
        const other = otherwise.length > 0 ? factory.createBlock(otherwise, true) : undefined;
        return factory.createIfStatement(condition, factory.createBlock(then, true), other);
      }
      case "for":
        return this.#loop(statement);
    }
  }

  /** A constant of one number says that it is a number: else it could be compared with no other. */
  #variable(
    { name, keyword }: Declaration,
    value: typescript.Expression,
    literal = false,
  ): Statement {
    const { ts } = this;
    const flags = keyword === "const" ? ts.NodeFlags.Const : ts.NodeFlags.Let;
    const variable = this.#declare(this.#names.of(name), value, literal && keyword === "const");
    const list = ts.factory.createVariableDeclarationList([variable], flags);
    return ts.factory.createVariableStatement(undefined, list);
  }

  #declare(
    name: string,
    value: typescript.Expression,
    typed = false,
  ): typescript.VariableDeclaration {
    const { factory, SyntaxKind } = this.ts;
    const type = typed ? factory.createKeywordTypeNode(SyntaxKind.NumberKeyword) : undefined;
    return factory.createVariableDeclaration(name, undefined, type, value);
  }

  #assign(target: typescript.Expression, value: typescript.Expression): Statement {
    const { factory } = this.ts;
    const short = this.#compound(target, value);
    return factory.createExpressionStatement(short ?? factory.createAssignment(target, value));
  }

  /** `x += y` for `x = x + y`, and so for differences and products; undefined for all else. */
  #compound(
    target: typescript.Expression,
    value: typescript.Expression,
  ): typescript.Expression | undefined {
    const { ts } = this;
    if (!ts.isBinaryExpression(value) || !ts.isIdentifier(value.left)) return undefined;
    if (!ts.isIdentifier(target) || target.text !== value.left.text) return undefined;
    const { PlusToken, MinusToken, AsteriskToken } = ts.SyntaxKind;
    const { PlusEqualsToken, MinusEqualsToken, AsteriskEqualsToken } = ts.SyntaxKind;
    const operators = new Map<number, typescript.AssignmentOperator>([
      [PlusToken, PlusEqualsToken],
      [MinusToken, MinusEqualsToken],
      [AsteriskToken, AsteriskEqualsToken],
    ]);
    const operator = operators.get(value.operatorToken.kind);
    return operator && ts.factory.createBinaryExpression(target, operator, value.right);
  }

  /** A bound that is not a name or a number is computed once, beside the counter. */
  #bound(
    counter: string,
    to: Expr,
  ): { readonly name?: string; readonly node: typescript.Expression } {
    const node = this.#writer.value(to);
    if (to.kind === "const" || to.kind === "get") return { node };
    const name = this.#names.fresh(`${counter}End`);
    return { name, node };
  }

  #loop(loop: For): Statement {
    const { ts } = this;
    const { factory } = ts;
    const name = this.#names.of(loop.local.name);
    const counter = factory.createIdentifier(name);
    const bound = this.#bound(name, loop.to);
    const end = bound.name === undefined ? bound.node : factory.createIdentifier(bound.name);
    const declarations = [
      this.#declare(name, this.#writer.value(loop.from)),
      ...(bound.name === undefined ? [] : [this.#declare(bound.name, bound.node)]),
    ];
    const list = factory.createVariableDeclarationList(declarations, ts.NodeFlags.Let);
    const less = factory.createBinaryExpression(counter, ts.SyntaxKind.LessThanToken, end);
    const step = this.#writer.number(loop.step);
    const plus = ts.SyntaxKind.PlusEqualsToken;
    const next =
      loop.step === 1
        ? factory.createPostfixIncrement(counter)
        : factory.createBinaryExpression(counter, plus, step);
    const body = factory.createBlock(this.#block(loop.body), true);
    return factory.createForStatement(list, less, next, body);
  }
}
