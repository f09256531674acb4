import { mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { catalogue } from "../../src/diagnostics/catalogue/index.js";
import { embedded } from "./embedded.js";
import { generated } from "./generated.js";
import { handBuilt } from "./hand-built.js";
import { diagnose, readIfThere, samplesFolder } from "./sample.js";

const update = process.env.UPDATE_GOLDEN === "1";

const folders = readdirSync(samplesFolder, { withFileTypes: true })
  .filter((entry) => entry.isDirectory())
  .map(({ name }) => name);

const made = [...Object.keys(generated), ...Object.keys(handBuilt), ...Object.keys(embedded)];
const samples = [...new Set([...folders, ...made])].sort();

/** The message that a sample is about; `name.variant` is one more sample of `name`. */
const messageOf = (sample: string): string => sample.split(".")[0] ?? sample;

const codes = new Map(Object.entries(catalogue).map(([name, { code }]) => [name, code]));

test("every message of the catalogue has a sample", () => {
  const named = new Set(samples.map(messageOf));
  expect([...codes.keys()].filter((name) => !named.has(name))).toEqual([]);
});

test("every sample is of a message of the catalogue", () => {
  expect(samples.filter((sample) => !codes.has(messageOf(sample)))).toEqual([]);
});

test("no two messages share a code", () => {
  expect(new Set(codes.values()).size).toBe(codes.size);
});

test.each(samples)("%s", async (sample) => {
  const folder = join(samplesFolder, sample);
  if (update) mkdirSync(folder, { recursive: true });
  const said = await diagnose(sample);
  expect(said).toContain(codes.get(messageOf(sample)));
  if (update) writeFileSync(join(folder, "expected.txt"), said);
  expect(said).toBe(readIfThere(join(folder, "expected.txt")));
});
