import { execFileSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import path from "node:path";
import { expect, test } from "vitest";

const root = path.join(import.meta.dirname, "..");
const tracked = execFileSync("git", ["ls-files"], { cwd: root, encoding: "utf8" })
  .split("\n")
  .filter((file) => file !== "" && existsSync(path.join(root, file)));
const textOf = (file: string): string => readFileSync(path.join(root, file), "utf8");
const sources = tracked.filter((file) => /^src\/.*\.ts$/.test(file));

test("no source file is longer than 400 lines, generated text aside", () => {
  const long = sources
    .filter((file) => !file.endsWith("runtime-text.ts"))
    .map((file) => [file, textOf(file).split("\n").length] as const)
    .filter(([, lines]) => lines > 400);
  expect(long).toEqual([]);
});

test("sources hold no suppression, no loose type and no loose end", () => {
  const loose = sources.filter((file) =>
    /@ts-(ignore|expect-error)|:\s*any\b|\bas any\b|biome-ignore|\bTODO\b|\bFIXME\b/.test(
      textOf(file),
    ),
  );
  expect(loose).toEqual([]);
});

test("lockfiles name no download addresses", () => {
  const locks = tracked.filter((file) => file.endsWith("package-lock.json"));
  expect(locks.length).toBeGreaterThan(0);
  expect(locks.filter((file) => textOf(file).includes('"resolved"'))).toEqual([]);
});

test("no file names the host of a package registry", () => {
  const host = new RegExp(["https?://[a-z0-9.-]*(registry", "npmjs", "npmmirror)"].join("|"), "i");
  const text = tracked.filter((file) => !/\.(png|safetensors|bin)$/.test(file));
  expect(text.filter((file) => host.test(textOf(file)))).toEqual([]);
});

test("the map of the house fits on 200 lines", () => {
  expect(textOf("ARCHITECTURE.md").split("\n").length).toBeLessThanOrEqual(200);
});
