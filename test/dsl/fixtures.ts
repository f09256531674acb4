import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import type { Diagnostic } from "../../src/diagnostics/diagnostic.js";
import { Report } from "../../src/diagnostics/report.js";
import type { SourceFile } from "../../src/dsl/ast.js";
import { parse } from "../../src/dsl/parse.js";

const folder = fileURLToPath(new URL("./fixtures/", import.meta.url));

/** Networks that together hold every construct of the language, by file name. */
export const fixtures: readonly (readonly [string, string])[] = readdirSync(folder).map((name) => [
  name,
  readFileSync(folder + name, "utf8"),
]);

/** A text's tree and what was said about it. */
export function read(text: string): { source: SourceFile; diagnostics: readonly Diagnostic[] } {
  const report = new Report();
  const source = parse("test.cnn", text, report);
  return { source, diagnostics: report.diagnostics };
}

/** The tree of a text without mistakes. */
export function readWell(text: string): SourceFile {
  const { source, diagnostics } = read(text);
  if (diagnostics.length > 0) throw new Error(diagnostics.map(({ message }) => message).join("\n"));
  return source;
}

/** A model's first statement, from the text of its body. */
export function readStatement(text: string) {
  const [item] = readWell(`model M { ${text} }`).items;
  if (item?.kind !== "model") throw new Error("no model");
  return item.body.statements[0];
}

/** A tree as plain data: without spans, and without the parentheses that precedence explains. */
export function shapeOf(value: unknown, groups: "keep" | "drop" = "keep"): unknown {
  if (Array.isArray(value)) return value.map((inner) => shapeOf(inner, groups));
  if (typeof value !== "object" || value === null) return value;
  if (groups === "drop" && "kind" in value && value.kind === "group" && "inner" in value) {
    return shapeOf(value.inner, groups);
  }
  const entries = Object.entries(value).filter(
    ([key, inner]) => key !== "span" && inner !== undefined,
  );
  return Object.fromEntries(entries.map(([key, inner]) => [key, shapeOf(inner, groups)]));
}

/** An expression as fully parenthesised text, which shows how it was grouped. */
export function outline(value: unknown): string {
  if (typeof value !== "object" || value === null || !("kind" in value)) return String(value);
  const at = value as Record<string, unknown>;
  switch (at.kind) {
    case "binary":
      return `(${outline(at.left)} ${at.operator} ${outline(at.right)})`;
    case "unary":
      return `(${at.operator} ${outline(at.operand)})`;
    case "member":
      return `${outline(at.object)}.${(at.member as { text: string }).text}`;
    case "group":
      return outline(at.inner);
    case "pipeline":
      return `<${[at.first, ...(at.stages as unknown[])].map(outline).join(" -> ")}>`;
    case "call":
      return (at.callee as { text: string }).text;
    case "current":
      return String(at.which);
    default:
      return String(at.text ?? at.value ?? at.kind);
  }
}
