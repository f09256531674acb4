import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { main } from "../../src/cli/cli.js";
import { compileFile } from "../../src/compile.js";
import type { CompileOptions } from "../../src/compile-options.js";
import { renderDiagnostics } from "../../src/diagnostics/render.js";
import { CompileError, Report } from "../../src/diagnostics/report.js";
import { ShapeError } from "../../src/ir/ops/operator.js";
import { embedded } from "./embedded.js";
import { generated } from "./generated.js";
import { handBuilt } from "./hand-built.js";

/** Where the samples stand. */
export const samplesFolder = fileURLToPath(new URL("./", import.meta.url));

/** What the compiler says about a sample, with paths from the sample's folder. */
export async function diagnose(name: string): Promise<string> {
  const folder = join(samplesFolder, name);
  const build = handBuilt[name];
  if (build) return saidByBuilder(build);
  const write = embedded[name];
  if (write) return withoutFolder(await saidBy(async () => write()), samplesFolder.slice(0, -1));
  const make = generated[name];
  if (!make) return withoutFolder(await said(folder), folder);
  const scratch = mkdtempSync(join(tmpdir(), "cnnc-errors-"));
  try {
    cpSync(folder, scratch, { recursive: true });
    for (const [file, bytes] of Object.entries(make())) {
      mkdirSync(dirname(join(scratch, file)), { recursive: true });
      writeFileSync(join(scratch, file), bytes);
    }
    return withoutFolder(await said(scratch), scratch);
  } finally {
    rmSync(scratch, { recursive: true });
  }
}

/** `arguments.json` is a command line, in which `$DIR` is the folder; without it `input.cnn` is compiled. */
function said(folder: string): Promise<string> {
  const line = readIfThere(join(folder, "arguments.json"));
  return line === undefined ? saidByCompiler(folder) : saidByProgram(JSON.parse(line), folder);
}

async function saidByProgram(argv: readonly string[], folder: string): Promise<string> {
  let text = "";
  const stderr = { write: (part: string) => (text += part), isTTY: false };
  const stdout = { write: () => true, isTTY: false };
  const inFolder = argv.map((argument) => argument.replaceAll("$DIR", folder));
  await main(inFolder, { stdout, stderr, env: {} });
  return text;
}

const saidByCompiler = (folder: string): Promise<string> =>
  saidBy(async () => {
    const { diagnostics } = await compileFile(join(folder, "input.cnn"), readOptions(folder));
    return renderDiagnostics(diagnostics);
  });

/** What something says, or what it is refused with. */
async function saidBy(make: () => Promise<unknown>): Promise<string> {
  try {
    return String(await make());
  } catch (error) {
    if (error instanceof CompileError) return error.message;
    throw error;
  }
}

/** What is said of a node that is built by hand. */
function saidByBuilder(build: () => unknown): string {
  const report = new Report();
  try {
    build();
  } catch (error) {
    if (!(error instanceof ShapeError)) throw error;
    const { code, details, hint }: ShapeError = error;
    report.add(code, details, { hint });
  }
  return `${renderDiagnostics(report.diagnostics)}\n`;
}

/** `options.json`, on top of seeded weights; `null` takes an option away, `weights` is a file beside it. */
function readOptions(folder: string): CompileOptions {
  const written = JSON.parse(readIfThere(join(folder, "options.json")) ?? "{}");
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

/** Messages of the program show paths from the working folder where those are shorter. */
const withoutFolder = (text: string, folder: string): string =>
  [folder, relative(process.cwd(), folder)].reduce(
    (shown, path) => shown.replaceAll(`${path}/`, "").replaceAll(path, "."),
    `${text.trimEnd()}\n`,
  );
