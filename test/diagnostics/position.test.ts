import { expect, test } from "vitest";
import { Lines } from "../../src/diagnostics/position.js";

test("lines end with LF, CRLF or CR", () => {
  const lines = new Lines("a\nbb\r\nccc\rd");
  expect(lines.count).toBe(4);
  expect([1, 2, 3, 4, 5].map((line) => lines.textOf(line))).toEqual(["a", "bb", "ccc", "d", ""]);
});

test("columns count from one, tabs as one", () => {
  const lines = new Lines("\tx\n\t\ty");
  expect(lines.positionAt(1)).toEqual({ line: 1, column: 2 });
  expect(lines.positionAt(5)).toEqual({ line: 2, column: 3 });
  expect(lines.positionAt(6)).toEqual({ line: 2, column: 4 });
});

test("a line break belongs to the line that it ends", () => {
  const lines = new Lines("ab\ncd");
  expect(lines.positionAt(2)).toEqual({ line: 1, column: 3 });
  expect(lines.positionAt(3)).toEqual({ line: 2, column: 1 });
});

test("a byte-order mark takes no column", () => {
  expect(new Lines("\ufeffab").positionAt(1)).toEqual({ line: 1, column: 1 });
  expect(new Lines("\ufeffab").textOf(1)).toBe("ab");
});
