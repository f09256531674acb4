import { readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { expect, test } from "vitest";
import { Report } from "../../src/diagnostics/report.js";
import { type ElaborateOptions, elaborateText } from "../../src/dsl/elaborate.js";
import { maxCalls, maxDepth, maxElements, maxNodes, maxSteps } from "../../src/dsl/expansion.js";
import {
  maxOpenBrackets,
  maxOperatorDepth,
  maxSourceBytes,
  maxTokens,
} from "../../src/dsl/limits.js";
import { describeOperators } from "../../src/dsl/operators/describe.js";
import { operators } from "../../src/dsl/operators/index.js";

const page = path.join(import.meta.dirname, "..", "..", "docs", "language.md");
const text = readFileSync(page, "utf8");

interface Snippet {
  /** What stands after the three backticks: `cnn`, and how the snippet is meant. */
  readonly info: string;
  readonly code: string;
  readonly line: number;
}

const snippets: Snippet[] = [...text.matchAll(/^```(cnn.*)\n([\s\S]*?)^```$/gm)].map((match) => ({
  info: match[1] ?? "",
  code: match[2] ?? "",
  line: text.slice(0, match.index).split("\n").length,
}));

const files = new Map(
  snippets.flatMap(({ info, code }) => {
    const name = /^cnn file=(\S+)$/.exec(info)?.[1];
    return name === undefined ? [] : [[name, code] as const];
  }),
);

/** A whole file around a snippet that is only statements or definitions. */
function completed({ info, code }: Snippet): string {
  if (info === "cnn statements") {
    return `model M {\ninput x: f32[8, 16, 16]\n${code}\noutput y\n}`;
  }
  const whole = info === "cnn blocks" || info.startsWith("cnn file=");
  return whole ? `${code}\nmodel M { input x: f32[8, 16, 16] output y }` : code;
}

function problemsOf(snippet: Snippet, options: ElaborateOptions): string[] {
  const report = new Report();
  const read = (name: string): Uint8Array | undefined => {
    const code = files.get(name);
    return code === undefined ? undefined : new TextEncoder().encode(code);
  };
  const result = elaborateText(completed(snippet), "page.cnn", { ...options, read }, report);
  expect(result === undefined).toBe(report.hasErrors);
  return report.diagnostics.map(({ name }) => name);
}

test("the page has its snippets", () => {
  expect(snippets.length).toBeGreaterThan(18);
});

test.each(snippets.map((snippet) => [`line ${snippet.line}: ${snippet.info}`, snippet] as const))(
  "%s compiles",
  (_, snippet) => {
    const [, key = "", value] = /^cnn(?: (\w+)(?:=(\S+))?)?$/.exec(snippet.info) ?? [];
    expect(["", "statements", "blocks", "file", "model", "error"]).toContain(key);
    const expected = key === "error" ? [value] : [];
    expect(problemsOf(snippet, key === "model" ? { model: value } : {})).toEqual(expected);
  },
);

const limits = [
  ["source file", `${maxSourceBytes / 2 ** 20} MB`],
  ["tokens in a file", maxTokens.toLocaleString("en")],
  ["open brackets", String(maxOpenBrackets)],
  ["operators inside one another", String(maxOperatorDepth)],
  ["block calls inside one another", String(maxCalls)],
  ["expressions and bodies inside one another, blocks included", String(maxDepth)],
  ["expressions and statements that a model expands to", maxSteps.toLocaleString("en")],
  ["nodes of a model", maxNodes.toLocaleString("en")],
  ["elements of a tensor", `2^${Math.log2(maxElements)}`],
];

const generated: Record<string, string> = {
  operators: describeOperators(operators),
  limits: ["| | at most |", "|---|---|", ...limits.map((row) => `| ${row.join(" | ")} |`)].join(
    "\n",
  ),
};

test.each(Object.entries(generated))("the table of %s is what the compiler has", (name, table) => {
  const [open, close] = [`<!-- ${name} -->\n`, `\n<!-- /${name} -->`];
  const now = readFileSync(page, "utf8");
  const [start, end] = [now.indexOf(open) + open.length, now.indexOf(close)];
  if (process.env.UPDATE_GOLDEN) {
    writeFileSync(page, `${now.slice(0, start)}${table}${now.slice(end)}`);
  } else expect(now.slice(start, end)).toBe(table);
});

test("the error that the page shows is the one that its snippet gives", () => {
  const snippet = snippets.find(({ info }) => info.startsWith("cnn error="));
  const report = new Report();
  elaborateText(snippet?.code ?? "", "page.cnn", {}, report);
  const shown = report.diagnostics.flatMap(({ code, message, hint, notes }) => [
    `error ${code}: ${message}`,
    `  hint: ${hint}`,
    ...notes.map((note) => `  note: ${note.message}`),
  ]);
  expect(text).toContain(`\`\`\`text\n${shown.join("\n")}\n\`\`\``);
});
