import { expect, test } from "vitest";
import { Names, safeComment, safeIdentifier } from "../../../src/codegen/typescript/identifiers.js";

test.each([
  ["layer1.0.conv1", "layer1_0_conv1"],
  ["0.weight", "_0_weight"],
  ["class", "class_"],
  ["", "_"],
  ["*/ x", "___x"],
  ["größe", "gr__e"],
  ["arguments", "arguments_"],
  ["__proto__", "__proto__"],
])("%j becomes the identifier %s", (name, identifier) => {
  expect(safeIdentifier(name)).toBe(identifier);
});

test.each([
  ["a */ b", "a * / b"],
  ["a **/", "a"],
  ["a\r\n\tb\u2028c", "a b c"],
  ["\u202Ea\u0000b", "a b"],
  ["# sourceMappingURL=x", "sourceMappingURL=x"],
  ["/// <reference path='x'/>", "<reference path='x'/>"],
  ["@ts-ignore", "@ ts-ignore"],
  ["<!-- </script>", "< !-- < /script>"],
  ["plain · text", "plain · text"],
])("%j becomes the comment %j", (text, comment) => {
  expect(safeComment(text)).toBe(comment);
});

test("a comment is bounded", () => {
  expect(safeComment("x".repeat(100_000))).toHaveLength(200);
});

test("names that become equal are kept apart, and each stays the same", () => {
  const names = new Names(["a_b"]);
  expect([names.of("a.b"), names.of("a/b"), names.of("a.b"), names.fresh("a.b")]).toEqual([
    "a_b_2",
    "a_b_3",
    "a_b_2",
    "a_b_4",
  ]);
});
