import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { main } from "../../src/cli/cli.js";
import { compileFile } from "../../src/compile.js";
import type { CompileOptions } from "../../src/compile-options.js";
import { renderDiagnostics } from "../../src/diagnostics/render.js";
import { CompileError } from "../../src/diagnostics/report.js";
import { generated } from "./generated.js";

/** Where the samples stand. */
export const samplesFolder = fileURLToPath(new URL("./", import.meta.url));

/** What the compiler says about a sample, with paths from the sample's folder. */
export async function diagnose(name: string): Promise<string> {
  const folder = join(samplesFolder, name);
  const make = generated[name];
  if (!make) return withoutFolder(await said(folder), folder);
  const scratch = mkdtempSync(join(tmpdir(), "cnnc-errors-"));
  try {
    mkdirSync(scratch, { recursive: true });
    for (const [file, bytes] of Object.entries(make())) writeFileSync(join(scratch, file), bytes);
    return withoutFolder(await said(scratch, folder), scratch);
  } finally {
    rmSync(scratch, { recursive: true });
  }
}

/** `arguments.json` is a command line, in which `$DIR` is the folder; without it the file is compiled. */
async function said(folder: string, settings = folder): Promise<string> {
  const line = readIfThere(join(settings, "arguments.json"));
  if (line === undefined) return saidByCompiler(folder, readOptions(folder, settings));
  const argv: string[] = JSON.parse(line);
  let text = "";
  const stderr = { write: (part: string) => (text += part), isTTY: false };
  const stdout = { write: () => true, isTTY: false };
  await main(
    argv.map((argument) => argument.replaceAll("$DIR", folder)),
    { stdout, stderr, env: {} },
  );
  return text;
}

async function saidByCompiler(folder: string, options: CompileOptions): Promise<string> {
  try {
    const { diagnostics } = await compileFile(join(folder, "input.cnn"), options);
    return renderDiagnostics(diagnostics);
  } catch (error) {
    if (error instanceof CompileError) return error.message;
    throw error;
  }
}

/** `options.json`, on top of seeded weights; `null` takes an option away, `weights` is a file beside it. */
function readOptions(folder: string, settings: string): CompileOptions {
  const written = JSON.parse(readIfThere(join(settings, "options.json")) ?? "{}");
  const seeded = {
    root: folder,
    ...("weights" in written ? {} : { init: { kind: "he", seed: 1 } }),
  };
  const options = { ...seeded, ...written };
  if (typeof options.weights === "string") options.weights = join(folder, options.weights);
  return Object.fromEntries(Object.entries(options).filter(([, value]) => value !== null));
}

export function readIfThere(path: string): string | undefined {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return undefined;
  }
}

const withoutFolder = (text: string, folder: string): string =>
  `${text.trimEnd().replaceAll(`${folder}/`, "").replaceAll(folder, ".")}\n`;
