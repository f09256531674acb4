import { expect, test } from "vitest";
import { CnnParser } from "../../src/dsl/grammar.js";
import { keywordTexts } from "../../src/dsl/tokens.js";

test("two tokens of lookahead tell all constructs apart", () => {
  expect(() => new CnnParser(false)).not.toThrow();
});

test("the keywords are those of the language", () => {
  expect([...keywordTexts].sort().join(" ")).toBe(
    "and assert block const else false for if import in input it labels let model not optimize or output repeat residual true weights",
  );
});
