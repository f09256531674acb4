import { execFileSync, spawnSync } from "node:child_process";
import { copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";

const root = path.join(import.meta.dirname, "..", "..");
const digits = path.join(root, "examples", "digits");
let folder = "";

/** What a command prints; throws with all of it when the command fails. */
function run(command: string, args: readonly string[]): string {
  const { status, stdout, stderr } = spawnSync(command, args, { cwd: folder, encoding: "utf8" });
  if (status !== 0) throw new Error(`${command} ${args.join(" ")}\n${stdout}${stderr}`);
  return stdout;
}

const program = `
import { compileFile, instantiate } from "cnnc";
const compiled = await compileFile("digits.cnn", { target: "ts" });
await compiled.write("out");
const model = await instantiate(compiled);
const { digit } = model.run({ image: new Float32Array(784) });
console.log(compiled.name, digit?.length);
`;

/** Reads the generated module with its types: the wrong input name and a missing output must not compile. */
const user = `
import { load, type Label } from "./out/digits.js";
const model = await load();
const { digit } = model.run({ image: new Float32Array(784) });
const label: Label | undefined = model.classify(new Float32Array(784), { top: 1 })[0]?.label;
// @ts-expect-error
model.run({ picture: new Float32Array(784) });
// @ts-expect-error
const other: Float32Array = model.run({ image: new Float32Array(784) }).letter;
console.log(digit.length, label, other);
`;

beforeAll(() => {
  folder = mkdtempSync(path.join(os.tmpdir(), "cnnc-pack-"));
  execFileSync("npm", ["run", "build", "--silent"], { cwd: root });
  const [packed] = JSON.parse(
    execFileSync("npm", ["pack", "--json", "--pack-destination", folder], {
      cwd: root,
      encoding: "utf8",
    }),
  );
  writeFileSync(path.join(folder, "package.json"), '{ "type": "module", "private": true }');
  run("npm", ["install", "--no-audit", "--no-fund", "--silent", `./${packed.filename}`]);
  for (const file of ["digits.cnn", "digits.safetensors"]) {
    copyFileSync(path.join(digits, file), path.join(folder, file));
  }
  copyFileSync(path.join(digits, "samples", "7.png"), path.join(folder, "7.png"));
  writeFileSync(path.join(folder, "program.ts"), program);
  writeFileSync(path.join(folder, "program.mjs"), program);
  writeFileSync(path.join(folder, "user.ts"), user);
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe("the packed package in an empty project", () => {
  test("the command checks, builds and runs", () => {
    const cnnc = path.join("node_modules", ".bin", "cnnc");
    run(cnnc, ["check", "digits.cnn"]);
    run(cnnc, ["build", "digits.cnn", "-o", "out"]);
    const { outputs } = JSON.parse(run(cnnc, ["run", "digits.cnn", "--input", "7.png", "--json"]));
    expect(outputs.digit.top[0].label).toBe("7");
  });

  test("the API compiles, writes and runs", () => {
    expect(run("node", ["program.mjs"])).toBe("digits 10\n");
  });

  test.each([
    ["bundler", "esnext"],
    ["nodenext", "nodenext"],
  ])("types resolve under %s", (moduleResolution, module) => {
    const compilerOptions = {
      ...{ moduleResolution, module, noEmit: true, strict: true, target: "es2022" },
      ...{ lib: ["es2023", "dom"], types: [] },
    };
    const files = ["program.ts", "user.ts"];
    writeFileSync(path.join(folder, "tsconfig.json"), JSON.stringify({ compilerOptions, files }));
    expect(run("npx", ["tsc", "--project", "."])).toBe("");
  });

  test("every entry of exports is in the package", async () => {
    const { exports } = JSON.parse(readFileSync(path.join(root, "package.json"), "utf8"));
    for (const entry of Object.keys(exports)) {
      const specifier = path.posix.join("cnnc", entry);
      const source = specifier.endsWith(".json")
        ? `import(${JSON.stringify(specifier)}, { with: { type: "json" } })`
        : `import(${JSON.stringify(specifier)})`;
      run("node", ["--input-type=module", "-e", `await ${source}`]);
    }
  });
});
