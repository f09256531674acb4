import fc from "fast-check";
import type {
  Argument,
  BinaryOperator,
  Body,
  Expression,
  Identifier,
  Item,
  Label,
  SourceFile,
  StageExpression,
  Statement,
} from "../../src/dsl/ast.js";

const span = { file: "tree.cnn", start: 0, end: 0 };

const identifier: fc.Arbitrary<Identifier> = fc
  .constantFrom("a", "relu", "conv", "as", "f32", "channels", "inner_2", "x3", "If")
  .map((text) => ({ text, span }));

const text = fc.oneof(
  fc.constantFrom("", "a{b}", 'a"b', "\\", "\n\t", "é", "layer1.0", "\u2028", "*/", "$" + "{x}"),
  fc.string({ maxLength: 6 }),
);

const string = text.map((value) => ({ kind: "string" as const, value, span }));

const literal: fc.Arbitrary<Expression> = fc.oneof(
  fc
    .nat({ max: 4096 })
    .map((value): Expression => ({ kind: "number", value, integer: true, text: `${value}`, span })),
  fc.constantFrom("0.5", "1e-3", "2.25").map(
    (written): Expression => ({
      kind: "number",
      value: Number(written),
      integer: false,
      text: written,
      span,
    }),
  ),
  fc.tuple(fc.nat({ max: 9 }), fc.nat({ max: 9 })).map(
    ([height, width]): Expression => ({
      kind: "size",
      height,
      width,
      text: `${height}x${width}`,
      span,
    }),
  ),
  string,
  fc.boolean().map((value): Expression => ({ kind: "boolean", value, span })),
  fc
    .constantFrom("in" as const, "it" as const)
    .map((which): Expression => ({ kind: "current", which, span })),
);

const operators: readonly BinaryOperator[] = [
  "+",
  "-",
  "*",
  "/",
  "%",
  "==",
  "!=",
  "<",
  "<=",
  ">",
  ">=",
  "and",
  "or",
  "..",
];

type Tree = {
  expression: Expression;
  stage: StageExpression;
  body: Body;
  statement: Statement;
  label: Label;
};

const tree = fc.letrec<Tree>((tie) => {
  const few = <T>(one: fc.Arbitrary<T>, least = 0) =>
    fc.array(one, { minLength: least, maxLength: 3 });
  const maybe = <T>(one: fc.Arbitrary<T>) => fc.option(one, { nil: undefined });
  const expression = tie("expression");
  const body = tie("body");
  const label = tie("label");
  const argument = fc.record({
    name: maybe(identifier),
    value: expression,
    span: fc.constant(span),
  });
  const call: fc.Arbitrary<StageExpression> = fc.record({
    kind: fc.constant("call" as const),
    label: maybe(label),
    callee: identifier,
    arguments: maybe(few<Argument>(argument)),
    span: fc.constant(span),
  });
  return {
    label: fc.oneof(
      fc
        .constantFrom("conv1", "in", "not", "for", "as")
        .map((word) => ({ parts: [word], quoted: false, span })),
      fc
        .tuple(text, fc.option(expression.filter(isFreeOfQuotes), { nil: undefined }), text)
        .map(([a, inner, b]) => ({
          parts: inner ? [a || "p", inner, b || "q"] : [a + b || "r"],
          quoted: true,
          span,
        })),
    ),
    expression: fc.oneof(
      { maxDepth: 4, depthSize: "small" },
      literal,
      tie("stage"),
      fc.record({
        kind: fc.constantFrom("list" as const),
        items: few(expression),
        span: fc.constant(span),
      }),
      fc.record({
        kind: fc.constantFrom("tuple" as const),
        items: few(expression, 1),
        span: fc.constant(span),
      }),
      fc.record({
        kind: fc.constant("member" as const),
        object: expression,
        member: identifier,
        span: fc.constant(span),
      }),
      fc.record({
        kind: fc.constant("unary" as const),
        operator: fc.constantFrom("-" as const, "not" as const),
        operand: expression,
        span: fc.constant(span),
      }),
      fc.record({
        kind: fc.constant("binary" as const),
        operator: fc.constantFrom(...operators),
        left: expression,
        right: expression,
        span: fc.constant(span),
      }),
      fc.record({
        kind: fc.constant("pipeline" as const),
        first: expression,
        stages: few(tie("stage"), 1),
        span: fc.constant(span),
      }),
    ),
    stage: fc.oneof(
      { maxDepth: 4, depthSize: "small" },
      call,
      fc.record({
        kind: fc.constant("body" as const),
        label: maybe(label),
        body,
        span: fc.constant(span),
      }),
      fc.record({
        kind: fc.constant("residual" as const),
        label: maybe(label),
        shortcut: maybe(expression),
        body,
        span: fc.constant(span),
      }),
      fc.record({
        kind: fc.constant("if" as const),
        label: maybe(label),
        condition: expression,
        // biome-ignore lint/suspicious/noThenProperty: the tree calls it so; nobody awaits it.
        then: body,
        otherwise: maybe(body),
        span: fc.constant(span),
      }),
    ),
    body: fc.record({ statements: few(tie("statement")), span: fc.constant(span) }),
    statement: fc.oneof(
      { maxDepth: 4, depthSize: "small" },
      expression.map((inner): Statement => ({ kind: "expression", expression: inner, span })),
      fc.record({
        kind: fc.constant("const" as const),
        name: identifier,
        value: expression,
        span: fc.constant(span),
      }),
      fc.record({
        kind: fc.constant("let" as const),
        names: few(identifier, 1),
        value: expression,
        span: fc.constant(span),
      }),
      fc.record({
        kind: fc.constant("output" as const),
        label,
        value: maybe(expression),
        span: fc.constant(span),
      }),
      fc.record({
        kind: fc.constant("assert" as const),
        condition: expression,
        span: fc.constant(span),
      }),
      fc.record({
        kind: fc.constant("repeat" as const),
        count: expression,
        body,
        span: fc.constant(span),
      }),
      fc.record({ kind: fc.constant("weights" as const), path: string, span: fc.constant(span) }),
      fc.record({
        kind: fc.constant("optimize" as const),
        lines: few(expression),
        span: fc.constant(span),
      }),
      fc.record({
        kind: fc.constant("for" as const),
        names: few(identifier, 1),
        destructures: fc.constant(true),
        list: expression,
        body,
        span: fc.constant(span),
      }),
      fc.record({
        kind: fc.constant("input" as const),
        label,
        alias: maybe(identifier),
        element: fc.constantFrom("f32" as const, "u8" as const),
        shape: few(expression, 1),
        settings: few(fc.record({ name: identifier, value: expression, span: fc.constant(span) })),
        span: fc.constant(span),
      }),
    ),
  };
});

/** Between a label's braces no string can stand. */
function isFreeOfQuotes(expression: Expression): boolean {
  return (
    !JSON.stringify(expression).includes('"kind":"string"') &&
    !JSON.stringify(expression).includes('"quoted":true')
  );
}

const item: fc.Arbitrary<Item> = fc.oneof(
  fc.record({ kind: fc.constant("import" as const), path: string, span: fc.constant(span) }),
  fc.record({
    kind: fc.constant("const" as const),
    name: identifier,
    value: tree.expression,
    span: fc.constant(span),
  }),
  fc.record({
    kind: fc.constantFrom("block" as const, "model" as const),
    name: identifier,
    parameters: fc.array(
      fc.record({
        name: identifier,
        default: fc.option(tree.expression, { nil: undefined }),
        span: fc.constant(span),
      }),
      { maxLength: 3 },
    ),
    body: tree.body,
    span: fc.constant(span),
  }),
);

/** Trees that the grammar can yield, in places that it allows, without comments and parentheses. */
export const sourceFile: fc.Arbitrary<SourceFile> = fc
  .array(item, { maxLength: 3 })
  .map((items) => ({ file: "tree.cnn", items, comments: [], span }));
