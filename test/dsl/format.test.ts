import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { format, print } from "../../src/dsl/format.js";
import { tokenize } from "../../src/dsl/read-tokens.js";
import { sourceFile } from "./arbitrary-tree.js";
import { fixtures, read, readWell, shapeOf } from "./fixtures.js";

const formatted = (text: string): string => format(readWell(text), text);

const body = (text: string): string => {
  const lines = formatted(`model M {\n${text}\n}`).split("\n");
  expect(lines.at(-2)).toBe("}");
  return lines
    .slice(1, -2)
    .map((line) => line.slice(2))
    .join("\n");
};

function expectKept(text: string): void {
  const source = readWell(text);
  const once = format(source, text);
  const again = readWell(once);
  expect(shapeOf(again.items)).toEqual(shapeOf(source.items));
  const comments = (of: typeof source) => of.comments.map((comment) => comment.text.trimEnd());
  expect(comments(again)).toEqual(comments(source));
  expect(format(again, once)).toBe(once);
}

test.each(fixtures)("%s keeps its tree and its comments, and is stable", (_name, text) => {
  expectKept(text);
});

test("any tree is printed as text that has the same tree", () => {
  fc.assert(
    fc.property(sourceFile, (source) => {
      const text = print(source);
      const again = readWell(text);
      expect(shapeOf(again.items, "drop")).toEqual(shapeOf(source.items, "drop"));
      expect(format(again, text)).toBe(text);
    }),
    { numRuns: 100, seed: 1 },
  );
});

const commentTexts = fc.constantFrom(
  " // note\n",
  "\n// own line\n",
  " /* inline */ ",
  "\n\n/* a\n   b */\n",
  "\n\n\n",
);

test("comments and empty lines anywhere are kept, and formatting twice changes nothing", () => {
  fc.assert(
    fc.property(
      fc.constantFrom(...fixtures.map(([, text]) => text)),
      fc.array(fc.tuple(fc.nat(), commentTexts), { minLength: 1, maxLength: 6 }),
      (fixture, insertions) => {
        const text = insert(fixture, insertions);
        fc.pre(read(text).diagnostics.length === 0);
        expectKept(text);
      },
    ),
    { numRuns: 60, seed: 2 },
  );
});

/** A text with more texts before some of its tokens. */
function insert(text: string, insertions: readonly (readonly [number, string])[]): string {
  const places = tokenize(text).tokens.map(({ startOffset }) => startOffset);
  const chosen = insertions.map(([n, added]) => [places[n % places.length] ?? 0, added] as const);
  let result = text;
  for (const [place, added] of chosen.sort((a, b) => b[0] - a[0])) {
    result = result.slice(0, place) + added + result.slice(place);
  }
  return result;
}

describe("layout", () => {
  test("spaces are canonical", () => {
    expect(body("conv( 3,3x3 ,stride = 2 )->relu\nlet  a,b=split( 2 )\nx [1,2] (a,)")).toBe(
      "conv(3, 3x3, stride=2) -> relu\nlet a, b = split(2)\nx\n[1, 2]\n(a,)",
    );
    expect(body("-a*-(b+c) % 2 ; not  a==b and 0 .. n-1>2")).toBe(
      "-a * -(b + c) % 2\nnot a == b and 0..n - 1 > 2",
    );
  });

  test("a chain stays on its line when it fits, else breaks before its arrows", () => {
    const stage = "conv(64, 3x3, stride=2, bias=false)";
    expect(body(`${stage} -> ${stage}`)).toBe(`${stage} -> ${stage}`);
    expect(body(`${stage} -> ${stage} -> ${stage}`)).toBe(`${stage}\n  -> ${stage}\n  -> ${stage}`);
  });

  test("arguments break one a line with a comma at the end, tables fill their lines", () => {
    const long = "conv(channels_of_the_first, 3x3)";
    expect(body(`concat(${long}, ${long}, ${long})`)).toBe(
      `concat(\n  ${long},\n  ${long},\n  ${long},\n)`,
    );
    const row = "(100, 200, 300, 400, 500, 600, 700, 800)";
    expect(body(`[${row}, ${row}, ${row}]`)).toBe(`[\n  ${row}, ${row},\n  ${row},\n]`);
  });

  test("a body stays on one line when it was written so and fits", () => {
    expect(body("a: { Basic(64)     Basic(64) }")).toBe("a: { Basic(64)  Basic(64) }");
    expect(body("a: {\n Basic(64) Basic(64) }")).toBe("a: {\n  Basic(64)\n  Basic(64)\n}");
    const calls = Array.from({ length: 9 }, () => "Basic(64, 2)");
    expect(body(`a: { ${calls.join(" ")} }`)).toBe(`a: {\n  ${calls.join("\n  ")}\n}`);
    expect(body("{ }")).toBe("{}");
  });

  test("the last argument may take several lines without the others breaking", () => {
    expect(body("mul(it, {\n gap\n sigmoid\n})")).toBe("mul(it, {\n  gap\n  sigmoid\n})");
  });

  test("at most one empty line is kept, none next to braces", () => {
    expect(formatted("\n\nmodel M {\n\n relu\n\n\n bn\n\n}\n\n\n\nblock B { relu }\n")).toBe(
      "model M {\n  relu\n\n  bn\n}\n\nblock B { relu }\n",
    );
  });

  test("semicolons stand only where the next statement would be read as the end of this one", () => {
    expect(body("input x: f32[1]; { conv(3) }")).toBe("input x: f32[1];\n{ conv(3) }");
    expect(body("relu; (a + b) -> relu")).toBe("relu\n(a + b) -> relu");
    expect(body("{ relu; (a + b) -> relu }")).toBe("{ relu; (a + b) -> relu }");
    expect(body("relu; -1; bn; sigmoid;")).toBe("relu;\n-1\nbn\nsigmoid");
  });

  test("comments stay beside what they were written beside", () => {
    const text = [
      "// top",
      "",
      "model M { // brace",
      "  // own line",
      "  conv(",
      "    3, // first",
      "    3x3 /* inline */,",
      "    /* before */ stride=2, // last",
      "  ) // after",
      "    -> relu // chain",
      "",
      "  // before the brace",
      "}",
      "// end",
      "",
    ].join("\n");
    expect(formatted(text)).toBe(text);
  });

  test("a file of comments, and an empty one", () => {
    expect(formatted("\n\n// a\n\n\n/* b */")).toBe("// a\n\n/* b */\n");
    expect(formatted("  \n ")).toBe("");
  });
});
