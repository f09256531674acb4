import fc from "fast-check";
import { expect, test } from "vitest";
import { Report } from "../../src/diagnostics/report.js";
import { decodeText } from "../../src/dsl/decode.js";
import { format } from "../../src/dsl/format.js";
import { parse } from "../../src/dsl/parse.js";
import { fixtures } from "./fixtures.js";

const texts = fixtures.map(([, text]) => text);

/** Parses a text, which may be anything; what is free of errors can be formatted. */
function survive(text: string): void {
  const report = new Report();
  const source = parse("fuzz.cnn", text, report);
  for (const { span } of report.diagnostics) {
    expect(span?.start).toBeGreaterThanOrEqual(0);
    expect(span?.end).toBeLessThanOrEqual(text.length);
    expect(span?.start).toBeLessThanOrEqual(span?.end ?? -1);
  }
  if (!report.hasErrors) format(source, text);
}

const words = [
  "model",
  "block",
  "M",
  "{",
  "}",
  "(",
  ")",
  "[",
  "]",
  ":",
  ";",
  ",",
  ".",
  "..",
  "->",
  "=",
  "==",
  "-",
  "+",
  "*",
  "not",
  "and",
  "or",
  "if",
  "else",
  "for",
  "in",
  "it",
  "repeat",
  "residual",
  "let",
  "const",
  "input",
  "output",
  "as",
  "f32",
  "relu",
  "conv",
  "3",
  "3x3",
  "0.5",
  '"a{i}b"',
  '"{',
  "true",
  "optimize",
  "assert",
  "weights",
  "labels",
  "import",
  "//c\n",
  "/*",
  "*/",
  "\n",
  "\\",
  '"',
  "'",
  "é",
  "\u0000",
  "\ufeff",
  "=>",
];

test("soups of tokens end in a tree and a report", () => {
  const soup = fc.array(fc.constantFrom(...words), { maxLength: 60 });
  fc.assert(
    fc.property(soup, fc.constantFrom(" ", "", "\n"), (parts, between) =>
      survive(parts.join(between)),
    ),
    { numRuns: 400, seed: 3 },
  );
});

test("soups of tokens in a model end in a tree and a report", () => {
  const soup = fc.array(fc.constantFrom(...words), { maxLength: 30 });
  fc.assert(
    fc.property(soup, (parts) => survive(`model M { ${parts.join(" ")} }`)),
    { numRuns: 400, seed: 4 },
  );
});

test("networks that end anywhere are read up to there", () => {
  fc.assert(
    fc.property(fc.constantFrom(...texts), fc.nat(), (text, at) =>
      survive(text.slice(0, at % text.length)),
    ),
    { numRuns: 100, seed: 5 },
  );
});

test("networks with a stretch missing or doubled are read", () => {
  fc.assert(
    fc.property(
      fc.constantFrom(...texts),
      fc.nat(),
      fc.nat({ max: 20 }),
      fc.boolean(),
      (text, at, length, twice) => {
        const start = at % text.length;
        const end = start + length;
        survive(text.slice(0, twice ? end : start) + text.slice(twice ? start : end));
      },
    ),
    { numRuns: 200, seed: 6 },
  );
});

test("any bytes are text or a bad byte, and any text is read", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
      const text = decodeText(bytes);
      survive(typeof text === "string" ? text : new TextDecoder("latin1").decode(bytes));
    }),
    { numRuns: 200, seed: 7 },
  );
});
