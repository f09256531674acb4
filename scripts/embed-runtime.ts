/**
 * Writes src/codegen/package/runtime-text.ts: the text of src/runtime, as it is put into compiled
 * models. Run it after every change of src/runtime: npx tsx scripts/embed-runtime.ts
 */
import { readdir, readFile, writeFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { printJavascript } from "../src/codegen/package/print-javascript.js";

const runtime = new URL("../src/runtime/", import.meta.url);
const target = new URL("../src/codegen/package/runtime-text.ts", import.meta.url);

/** A file's text for the inside of one module: no imports of siblings, nothing exported. */
const inlined = (text: string): string =>
  text
    .replace(/^import [^;]*;\n/gm, "")
    .replace(/^export (?!default)/gm, "")
    .trim();

const lines = (text: string): string =>
  text
    .split("\n")
    .map((line) => `      ${JSON.stringify(line)},\n`)
    .join("");

/** The text of runtime-text.ts as it should be now. */
export async function runtimeText(): Promise<string> {
  const files = (await readdir(runtime)).filter((file) => file.endsWith(".ts")).sort();
  const entries = await Promise.all(
    files.map(async (file) => {
      const source = await readFile(new URL(file, runtime), "utf8");
      const typescript = inlined(source);
      const javascript = inlined(await printJavascript(source));
      const name = JSON.stringify(file.replace(/\.ts$/, ""));
      return `  ${name}: {\n    typescript: [\n${lines(typescript)}    ],\n    javascript: [\n${lines(javascript)}    ],\n  },\n`;
    }),
  );
  return `/** Made by scripts/embed-runtime.ts from src/runtime: lines of each file, without its imports and exports. */\nexport const runtimeText = {\n${entries.join("")}};\n`;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  await writeFile(target, await runtimeText());
}
