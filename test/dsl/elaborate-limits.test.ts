import { describe, expect, test } from "vitest";
import { expand, modelOf, problemsOf } from "../support/expand.js";

describe("whatever a file says, expanding it ends", () => {
  const ends: readonly (readonly [string, string, string, string?])[] = [
    ["a repeat of a billion stages", "repeat 1_000_000_000 { relu }", "too-many-nodes"],
    ["a repeat of a billion consts", "repeat 1_000_000_000 { const k = 1 }", "expansion-too-long"],
    [
      "loops in loops that make nothing",
      "for i in 0..1_000_000_000 { for j in 0..1_000_000_000 { } }",
      "expansion-too-long",
    ],
    [
      "blocks that call each other twice",
      "B0",
      "expansion-too-long",
      `${range(40, (i) => `block B${i} { B${i + 1} B${i + 1} }`)} block B40 { const k = 1 }`,
    ],
    [
      "lists of lists of lists",
      `${range(60, (i) => `const l${i + 1} = [l${i}, l${i}]`)} assert l60 == l59`,
      "assert-failed",
      "const l0 = [0]",
    ],
    [
      "equal lists of lists of lists",
      `${range(60, (i) => `const l${i + 1} = [l${i}, l${i}]`)} assert l60 == [l59, l59]`,
      "expansion-too-long",
      "const l0 = [0]",
    ],
    [
      "a billion in a list",
      "assert (0..1_000_000_000) == (0..1_000_000_000)",
      "expansion-too-long",
    ],
    ["blocks in blocks", "B0", "calls-too-deep", chain(70, 1)],
    ["braces in blocks in braces", "B0", "expansion-too-deep", chain(40, 50)],
    [
      "a mistake in a long loop",
      "for i in 0..1_000_000_000 { let a = conv(3, nothing) }",
      "unknown-name",
    ],
    ["tensors beyond 2^31 elements", "upsample(100_000)", "tensor-too-large"],
    ["weights beyond 2^31 elements", "conv(1_000_000_000, 99x99)", "tensor-too-large"],
    ["a label a thousand long", `"${"a".repeat(1001)}": relu`, "bad-label"],
    [
      "a path a thousand long",
      `${"abcdefghij".repeat(60)}: { ${"b".repeat(500)}: relu }`,
      "bad-label",
    ],
  ];

  test.each(ends)("%s", (_, statements = "", name = "", before = "") => {
    const started = performance.now();
    const { diagnostics } = expand(modelOf(statements, before));
    expect(performance.now() - started).toBeLessThan(15_000);
    expect(diagnostics.map((diagnostic) => diagnostic.name)).toEqual([name]);
    if (diagnostics[0]?.code.startsWith("CNN8")) expect(diagnostics[0].message).toMatch(/\d\d/);
  });

  test("64 calls inside one another are fine", () => {
    expect(problemsOf("B0", chain(63, 1))).toEqual([]);
  });

  test("long sums and many operands are fine", () => {
    const ones = Array.from({ length: 200 }, () => "1").join(" + ");
    expect(problemsOf(`assert ${ones} == 200`)).toEqual([]);
    const many = Array.from({ length: 3_000 }, (_, i) => String(i)).join(", ");
    expect(problemsOf(`assert max(${many}) == 2_999 and max([${many}]) == 2_999`)).toEqual([]);
  });
});

describe("recursion", () => {
  test("is an error that shows the cycle, from the block that repeats", () => {
    const blocks = "block A { B } block B { C } block C { if true { B } }";
    const { diagnostics } = expand(modelOf("A", blocks));
    expect(diagnostics.map(({ name, message }) => [name, message])).toEqual([
      ["recursive-block", "a block cannot contain itself: B -> C -> B"],
    ]);
    expect(diagnostics[0]?.notes).toHaveLength(3);
  });
});

function range(count: number, make: (index: number) => string): string {
  return Array.from({ length: count }, (_, index) => make(index)).join(" ");
}

/** Blocks that each call the next inside so many braces. */
function chain(count: number, braces: number): string {
  const [open, close] = ["{ ".repeat(braces), " }".repeat(braces)];
  const blocks = range(count, (i) => `block B${i} ${open}B${i + 1}${close}`);
  return `${blocks} block B${count} { relu }`;
}
