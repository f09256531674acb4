import { expect, test } from "vitest";
import { CompileError, Report } from "../../src/diagnostics/report.js";

const at = (start: number) => ({ span: { file: "a.cnn", start, end: start + 1 } });

test("the same message at the same place is recorded once", () => {
  const report = new Report();
  report.add("single-equals", {}, at(0));
  report.add("single-equals", {}, at(0));
  report.add("single-equals", {}, at(1));
  expect(report.diagnostics).toHaveLength(2);
});

test("diagnostics carry line and column where the text is known", () => {
  const report = new Report();
  report.add("single-equals", {}, at(0));
  report.addSource("a.cnn", "\n =");
  report.add("single-equals", {}, at(2));
  expect(report.diagnostics.map(({ position }) => position)).toEqual([
    undefined,
    { line: 2, column: 2 },
  ]);
});

test("a hundred errors are kept, the others counted", () => {
  const report = new Report();
  for (let i = 0; i < 250; i++) report.add("single-equals", {}, at(i));
  expect(report.diagnostics).toHaveLength(100);
  expect(report.omitted).toBe(150);
  expect(() => report.throwIfErrors()).toThrow(/… and 150 more$/);
});

test("warnings do not stop a stage, errors do and all are carried", () => {
  const report = new Report();
  report.throwIfErrors();
  report.add("single-equals", {}, at(3));
  report.add("bad-escape", { written: "\\q" }, at(1));
  try {
    report.throwIfErrors();
    expect.unreachable();
  } catch (error) {
    if (!(error instanceof CompileError)) throw error;
    expect(error.diagnostics.map(({ name }) => name)).toEqual(["single-equals", "bad-escape"]);
    expect(error.message).toContain("CNN111");
    expect(error.message).toContain("CNN105");
  }
});

test("a stage's messages are put in the order of the text, those before it stay first", () => {
  const report = new Report();
  report.add("single-equals", {}, at(9));
  const result = report.sorted(() => {
    report.add("single-equals", {}, at(5));
    report.add("single-equals", {}, at(2));
    return 7;
  });
  expect(result).toBe(7);
  expect(report.diagnostics.map(({ span }) => span?.start)).toEqual([9, 2, 5]);
});

test("messages about a file that a statement names get the statement's place, others keep theirs", () => {
  const report = new Report();
  const { span } = at(7);
  report.around(span, () => {
    report.around(undefined, () => report.add("file-not-found", { path: "a" }));
    report.add("file-not-found", { path: "b" });
    report.add("file-not-found", { path: "c" }, at(1));
  });
  report.add("file-not-found", { path: "d" });
  expect(report.diagnostics.map((one) => one.span?.start)).toEqual([undefined, 7, 1, undefined]);
});
