import { describe, expect, test } from "vitest";
import { codeFrame } from "../../src/diagnostics/frame.js";
import { Lines } from "../../src/diagnostics/position.js";
import { type Palette, renderDiagnostic } from "../../src/diagnostics/render.js";
import { Report } from "../../src/diagnostics/report.js";

const frame = (text: string, start: number, end: number): string[] =>
  codeFrame(new Lines(text), { file: "a.cnn", start, end }).split("\n");

describe("frames", () => {
  test("underline exactly the span", () => {
    expect(frame("model M {\n\trelu bn\n}", 16, 18)).toEqual(["2 |  relu bn", "  |       ^^"]);
  });

  test("mark one column where the span is empty", () => {
    expect(frame("ab", 2, 2)).toEqual(["1 | ab", "  |   ^"]);
    expect(frame("", 0, 0)).toEqual(["1 |", "  | ^"]);
  });

  test("show the first and the last line of a long span", () => {
    const text = "a {\n  b\n  c\n}";
    expect(frame(text, 2, text.length)).toEqual(["1 | a {", "  |   ^", "  ...", "4 | }", "  | ^"]);
    expect(frame("a {\n  b }", 2, 9)).toEqual(["1 | a {", "  |   ^", "2 |   b }", "  |   ^^^"]);
  });

  test("line numbers of two widths stand below one another", () => {
    const text = `${"\n".repeat(8)}a\nb`;
    expect(frame(text, 8, 11)).toEqual([" 9 | a", "   | ^", "10 | b", "   | ^"]);
  });

  test("long lines are clipped around the span", () => {
    const [source = "", marks = ""] = frame(`${"x".repeat(500)}HERE${"y".repeat(500)}`, 500, 504);
    expect(source.length).toBeLessThan(110);
    expect(source.slice(marks.indexOf("^"), marks.lastIndexOf("^") + 1)).toBe("HERE");
    expect(source).toMatch(/^1 \| …x+HEREy+…$/);
  });

  test("a span that is longer than the clip is underlined up to it", () => {
    const [source = "", marks = ""] = frame("z".repeat(300), 0, 300);
    expect(marks.length).toBeLessThanOrEqual(source.length);
  });

  test("control characters keep their column and lose their power", () => {
    expect(frame("a\u001b[31mb\u202e c", 6, 7)).toEqual([
      "1 | a\ufffd[31mb\ufffd c",
      "  |       ^",
    ]);
  });
});

const reportOne = (): Report => {
  const report = new Report();
  const text = "model M {\n  conv(3\n}";
  report.addSource("dir/a.cnn", text);
  const span = { file: "dir/a.cnn", start: 19, end: 20 };
  const opened = { file: "dir/a.cnn", start: 16, end: 17 };
  const notes = [{ message: "'(' was opened here", span: opened }, { message: "called by M" }];
  report.add("unclosed-bracket", { bracket: "(", found: "'}'" }, { span, notes, hint: "close it" });
  return report;
};

test("a diagnostic is its message, place, frame, hint, and notes with theirs", () => {
  const [diagnostic] = reportOne().diagnostics;
  expect(diagnostic && renderDiagnostic(diagnostic)).toBe(
    [
      "error CNN107: '(' is not closed: expected ')', found '}'",
      "  --> dir/a.cnn:3:1",
      "3 | }",
      "  | ^",
      "  hint: close it",
      "  note: '(' was opened here",
      "  --> dir/a.cnn:2:7",
      "2 |   conv(3",
      "  |       ^",
      "  note: called by M",
    ].join("\n"),
  );
});

test("a palette paints, and changes no text", () => {
  const paint = (text: string) => `<${text}>`;
  const palette: Palette = {
    severity: { error: paint, warning: paint, info: paint },
    strong: paint,
    faint: paint,
  };
  const [diagnostic] = reportOne().diagnostics;
  if (!diagnostic) throw new Error();
  const painted = renderDiagnostic(diagnostic, palette);
  expect(painted).toContain("<error CNN107>: <'(' is not closed");
  expect(painted.replaceAll(/[<>]/g, "")).toBe(
    renderDiagnostic(diagnostic).replaceAll(/[<>]/g, ""),
  );
});

test("names from outside cannot steer the terminal or forge lines", () => {
  const report = new Report();
  report.addSource("\u001b[2Ja.cnn", "x");
  const span = { file: "\u001b[2Ja.cnn", start: 0, end: 1 };
  report.add("unknown-element-type", { type: "\u001b[31m\u202e\rerror" }, { span });
  const [diagnostic] = report.diagnostics;
  const text = diagnostic ? renderDiagnostic(diagnostic) : "";
  expect(text).toContain("\\u{1b}[31m\\u{202e}\\u{d}error");
  expect(text.replaceAll("\n", "")).not.toMatch(/[\p{Cc}\p{Cf}]/u);
});
