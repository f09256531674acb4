import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { texts } from "../../scripts/structural-passes/page.js";
import { allPasses } from "../../src/passes/pipeline.js";

const page = readFileSync(new URL("../../docs/structural-passes.md", import.meta.url), "utf8");

test.each(Object.entries(texts))("the page has the script's words: %s", (_, text) => {
  expect(page).toContain(text);
});

test("the passes that the page names are there", () => {
  const named = [...texts.found.matchAll(/\(`([a-z-]+)`\)/g)].map(([, name]) => name);
  expect(named.length).toBeGreaterThan(5);
  expect(allPasses.map(({ name }) => name)).toEqual(expect.arrayContaining(named));
});
