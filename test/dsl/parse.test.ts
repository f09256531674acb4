import { describe, expect, test } from "vitest";
import { Report } from "../../src/diagnostics/report.js";
import { parse } from "../../src/dsl/parse.js";
import { fixtures, outline, read, readStatement, readWell, shapeOf } from "./fixtures.js";

const expressionOf = (text: string) => {
  const statement = readStatement(text);
  if (statement?.kind !== "expression") throw new Error(`a ${statement?.kind}`);
  return statement.expression;
};

const grouped = (text: string): string => outline(expressionOf(text));

const messages = (text: string): string[] =>
  read(text).diagnostics.map(
    ({ name, span, message }) => `${name}@${span?.start}-${span?.end} ${message}`,
  );

const names = (text: string): string[] => read(text).diagnostics.map(({ name }) => name);

test.each(fixtures)("%s is read without complaint", (_name, text) => {
  expect(read(text).diagnostics).toEqual([]);
});

describe("precedence", () => {
  test.each([
    ["a or b and c", "(a or (b and c))"],
    ["not a == b and c", "((not (a == b)) and c)"],
    ["a + b * c - d", "((a + (b * c)) - d)"],
    ["a - b - c", "((a - b) - c)"],
    ["-a * b", "((- a) * b)"],
    ["a * -b + c", "((a * (- b)) + c)"],
    ["- - a", "(- (- a))"],
    ["-a.b.c", "(- a.b.c)"],
    ["a + b < c * d", "((a + b) < (c * d))"],
    ["0..n - 1", "(0 .. (n - 1))"],
    ["a or b..c", "((a or b) .. c)"],
    ["(a + b) * c", "((a + b) * c)"],
    ["a + b -> relu -> bn", "<(a + b) -> relu -> bn>"],
    ["not not a", "(not (not a))"],
    ["a / b % c", "((a / b) % c)"],
    ["in.channels != it.width", "(in.channels != it.width)"],
    ["if a { 1 } else { 2 } + 3", "(if + 3)"],
  ])("%s is %s", (text, expected) => {
    expect(grouped(text)).toBe(expected);
  });

  test("a stage without parentheses is not an operand after an arrow", () => {
    expect(names("model M { a -> relu + b }")).toEqual(["pipeline-operand"]);
    expect(names("model M { let x = a -> relu - b }")).toEqual(["pipeline-operand"]);
    expect(names("model M { a -> relu; -1 }")).toEqual([]);
    expect(names("model M { add(a -> relu * 2, b) }")).toEqual(["pipeline-operand"]);
    expect(names("model M { a -> relu.shape }")).toEqual(["pipeline-operand"]);
  });

  test("comparisons and ranges do not chain", () => {
    expect(names("model M { a < b <= c }")).toEqual(["chained-comparison"]);
    expect(names("model M { 0..1..2 }")).toEqual(["chained-comparison"]);
    expect(names("model M { a < b and b < c }")).toEqual([]);
  });

  test("not after a tighter operator wants parentheses", () => {
    expect(names("model M { a == not b }")).toEqual(["not-needs-parentheses"]);
    expect(names("model M { a == (not b) }")).toEqual([]);
    expect(names("model M { a and not b }")).toEqual([]);
  });
});

describe("lines and separators", () => {
  test("arguments stand on the line where their name ends", () => {
    const model = (text: string) => readWell(`model M { ${text} }`).items[0];
    const count = (text: string) => {
      const item = model(text);
      return item?.kind === "model" ? item.body.statements.length : 0;
    };
    expect(count("relu (a)")).toBe(1);
    expect(count("relu\n(a)")).toBe(2);
    expect(count("relu /* \n */ (a)")).toBe(2);
    expect(count("relu; (a)")).toBe(2);
    expect(count("relu\n- a")).toBe(1);
    expect(count("relu\n-> bn")).toBe(1);
    expect(count("relu (\n a\n)")).toBe(1);
  });

  test("a brace after an input's type begins its settings", () => {
    expect(names("model M { input x: f32[1] { mean = 1 } }")).toEqual([]);
    expect(names("model M { input x: f32[1] { conv(3) } }")).not.toEqual([]);
    expect(names("model M { input x: f32[1]; { conv(3) } }")).toEqual([]);
  });

  test("carriage returns end lines, tabs are one column, a byte-order mark is none", () => {
    const { diagnostics } = read("\ufeffmodel M {\r\n\t\tconv(3 4)\r\n}");
    expect(diagnostics[0]?.position).toEqual({ line: 2, column: 10 });
    expect(read("\ufeff$").diagnostics[0]?.position).toEqual({ line: 1, column: 1 });
    expect(names("model M { }\ufeff")).toEqual(["unexpected-character"]);
  });

  test("comments are kept with their places", () => {
    const text = "// a\nmodel M { /* b */ relu } // c";
    const { comments } = readWell(text);
    expect(comments.map(({ text }) => text)).toEqual(["// a", "/* b */", "// c"]);
    for (const comment of comments) {
      expect(text.slice(comment.span.start, comment.span.end)).toBe(comment.text);
    }
  });
});

describe("labels", () => {
  const labelOf = (text: string) => {
    const expression = expressionOf(text);
    return "label" in expression ? expression.label : undefined;
  };

  test.each(["in", "not", "for", "model", "let", "residual", "true", "as", "input"])(
    "the keyword %s may be one",
    (word) => {
      expect(labelOf(`${word}: conv(3)`)?.parts).toEqual([word]);
      expect(shapeOf(expressionOf(`a -> ${word}: conv(3)`))).toMatchObject({
        stages: [{ label: { parts: [word] } }],
      });
    },
  );

  test("else may not", () => {
    expect(names("model M { else: conv(3) }")).toEqual(["unexpected-token"]);
  });

  test("a keyword label ends the statement before it", () => {
    expect(shapeOf(readWell("model M { a\nand: conv(3) }").items[0])).toMatchObject({
      body: {
        statements: [
          { expression: { kind: "call" } },
          { expression: { label: { parts: ["and"] } } },
        ],
      },
    });
  });

  test("braces in a string hold expressions, with places in the file", () => {
    const text = 'model M { "a{i + 1}b\\u007b": conv(3) }';
    const source = readWell(text);
    const item = source.items[0];
    const statement = item?.kind === "model" ? item.body.statements[0] : undefined;
    if (statement?.kind !== "expression" || !("label" in statement.expression)) throw new Error();
    const parts = statement.expression.label?.parts ?? [];
    expect(parts.map((part) => (typeof part === "string" ? part : outline(part)))).toEqual([
      "a",
      "(i + 1)",
      "b{",
    ]);
    const inner = parts[1];
    if (typeof inner !== "object") throw new Error();
    expect(text.slice(inner.span.start, inner.span.end)).toBe("i + 1");
  });

  test("mistakes between the braces are reported where they stand", () => {
    expect(messages('model M { "a{i + }": conv(3) }')).toEqual([
      "unexpected-token@17-17 expected a stage or a value, found '}'",
    ]);
    expect(messages('model M { "a{i": conv(3) "b}": bn }')).toEqual([
      "unmatched-brace-in-label@12-13 '{' in a label has no partner",
      "unmatched-brace-in-label@27-28 '}' in a label has no partner",
    ]);
    expect(messages('model M { "a{i j}": conv(3) }')).toEqual([
      "unexpected-token@15-16 expected an operator or '}', found 'j'",
    ]);
  });
});

describe("numbers and strings", () => {
  test("keep their value and their writing", () => {
    expect(shapeOf(expressionOf("1_000"))).toEqual({
      kind: "number",
      value: 1000,
      integer: true,
      text: "1_000",
    });
    expect(shapeOf(expressionOf("1e-3"))).toMatchObject({ value: 0.001, integer: false });
    expect(shapeOf(expressionOf("0.5"))).toMatchObject({ value: 0.5, integer: false });
    expect(shapeOf(expressionOf("1x7"))).toMatchObject({ kind: "size", height: 1, width: 7 });
    expect(shapeOf(expressionOf('"\\u00e9\\n\\ud83d\\ude00\\/"'))).toEqual({
      kind: "string",
      value: "é\n😀/",
    });
  });

  test.each(["3px", "3x3x3", "1_", "1__0", "1.5px", "0x", "1e", "3X3"])(
    "%s is not a number",
    (text) => {
      expect(messages(`model M { ${text} }`)).toEqual([
        `bad-number@10-${10 + text.length} '${text}' is not a number: a letter follows the digits directly`,
      ]);
    },
  );

  test("a dot has digits on both sides", () => {
    expect(read("model M { .5 }").diagnostics[0]?.hint).toContain("0.5");
    expect(names("model M { 5. }")).toEqual(["unexpected-token"]);
  });

  test("only JSON's escapes count, and a bad one is underlined alone", () => {
    expect(messages('model M { weights "a\\qb" }')).toEqual([
      "bad-escape@20-22 '\\q' is not an escape of a string",
    ]);
    expect(names('model M { weights "\\u12" }')).toEqual(["bad-escape"]);
    expect(names('model M { weights "\\ud800" }')).toEqual(["bad-escape"]);
    expect(names('model M { weights "a\tb" }')).toEqual(["control-character-in-string"]);
  });

  test("a number past the largest is an error", () => {
    expect(names("model M { 9007199254740991 }")).toEqual([]);
    expect(names("model M { 9007199254740992 }")).toEqual(["number-too-large"]);
    expect(names("model M { 1e999 }")).toEqual(["number-too-large"]);
    expect(names(`model M { ${"9".repeat(100_000)} }`)).toEqual(["number-too-large"]);
  });
});

describe("recovery", () => {
  test("several mistakes are reported in one run, in the order of the text", () => {
    const text = "relu\nmodel M {\n let = 3\n conv(3 4)\n a -> 5\n}\nblock for { relu }";
    expect(names(text)).toEqual([
      "outside-definition",
      "missing-name",
      "unexpected-token",
      "stage-expected",
      "reserved-word",
    ]);
  });

  test("what was understood stays in the tree", () => {
    const { source } = read(
      "block A { relu }\nblock B { conv(3 4) bn\n sigmoid }\nblock C { tanh }",
    );
    expect(source.items.map((item) => "name" in item && item.name.text)).toEqual(["A", "B", "C"]);
  });

  test("one forgotten bracket is one error, which says where it was opened", () => {
    const text = "model M {\n  conv(6, 5x5 -> relu\n  flatten\n}\nblock B { relu }";
    const { diagnostics, source } = read(text);
    expect(diagnostics).toHaveLength(1);
    expect(diagnostics[0]?.message).toBe("'(' is not closed: expected ')', found 'flatten'");
    expect(diagnostics[0]?.notes[0]).toMatchObject({ position: { line: 2, column: 7 } });
    expect(source.items).toHaveLength(2);
  });

  test("a model whose brace was forgotten does not swallow the next", () => {
    const { diagnostics, source } = read("model A { relu\nmodel B { bn }");
    expect(diagnostics.map(({ name }) => name)).toEqual(["unclosed-bracket"]);
    expect(source.items).toHaveLength(2);
  });

  test("a bracket too many is one error", () => {
    expect(names("model A { relu ) bn }")).toEqual(["unopened-bracket"]);
  });

  test.each([
    ["a && b", "foreign-operator"],
    ["a || b", "foreign-operator"],
    ["!a", "foreign-operator"],
    ["a => relu", "foreign-operator"],
    ["a |> relu", "foreign-operator"],
    ["if a = b { relu }", "single-equals"],
    ["x = conv(3)", "assignment"],
    ["concat(conv(3) relu, bn)", "missing-arrow"],
    ["'x'", "unexpected-character"],
    ["# a comment", "unexpected-character"],
    ['weights "abc', "unterminated-string"],
    ["relu }\n/* no end", "unterminated-comment"],
    ["input x: f16[1]", "unknown-element-type"],
    ["const = 3", "missing-name"],
    ["let for = relu", "reserved-word"],
  ])("%s is only %s", (text, name) => {
    const inner = text.includes("/*") ? `model M { ${text}` : `model M {\n${text}\n}`;
    expect(new Set(names(inner))).toEqual(new Set([name]));
  });
});

describe("limits", () => {
  const parseOnly = (text: string) => {
    const report = new Report();
    parse("big.cnn", text, report);
    return report.diagnostics.map(({ name }) => name);
  };

  test("64 brackets may be open, 65 may not", () => {
    const nested = (n: number) => `model M ${"{".repeat(n)}${"}".repeat(n)}`;
    expect(parseOnly(nested(64))).toEqual([]);
    expect(parseOnly(nested(65))).toEqual(["too-many-open-brackets"]);
    expect(parseOnly(nested(10_000))).toEqual(["too-many-open-brackets"]);
    expect(parseOnly("const a = ".concat("(".repeat(100_000)))).toEqual(["too-many-open-brackets"]);
  });

  test("4 MB of source, counted in bytes, is the most", () => {
    const mebibyte = 1024 * 1024;
    expect(parseOnly(`//${"x".repeat(4 * mebibyte - 2)}`)).toEqual([]);
    expect(parseOnly(`//${"x".repeat(4 * mebibyte - 1)}`)).toEqual(["source-too-large"]);
    expect(parseOnly(`//${"é".repeat(2 * mebibyte)}`)).toEqual(["source-too-large"]);
  });

  test.each([
    ["sums", `const a = 1${" + 1".repeat(100_000)}`, ["operators-too-deep"]],
    ["signs", `const a = ${"-".repeat(100_000)}1`, ["operators-too-deep"]],
    ["negations", `const a = ${"not ".repeat(30_000)}true`, ["operators-too-deep"]],
    ["members", `const a = b${".c".repeat(30_000)}`, ["operators-too-deep"]],
    ["powers", `const a = ${"1 + 1 * ".repeat(10_000)}1`, ["operators-too-deep"]],
    ["else ifs", `model M { if a { }${" else if a { }".repeat(100_000)} }`, ["operators-too-deep"]],
    ["arrows", `model M { relu${" -> relu".repeat(100_000)} }`, []],
    ["statements", `model M { ${"relu ".repeat(30_000)} }`, []],
    ["elements", `const a = [${"1, ".repeat(30_000)}]`, []],
  ])("long rows of %s do not overflow the stack", (_what, text, expected) => {
    expect(parseOnly(text)).toEqual(expected);
  });

  test("256 operators may stand inside one another", () => {
    expect(parseOnly(`const a = 1${" + 1".repeat(256)}`)).toEqual([]);
    expect(parseOnly(`const a = 1${" + 1".repeat(257)}`)).toEqual(["operators-too-deep"]);
  });

  test("more than a million tokens are refused", () => {
    expect(parseOnly("-".repeat(1_000_001))).toEqual(["too-many-tokens"]);
  });
});
