import ts from "typescript";
import { expect, test } from "vitest";
import { compile } from "../../src/compile.js";
import type { Compiled } from "../../src/compiled.js";
import { instantiate } from "../../src/instantiate.js";
import { evaluate } from "../../src/ir/evaluate.js";

/** Names that end comments, strings, templates and scripts, or mean something to JavaScript. */
const names = [
  "__proto__",
  "constructor",
  "toString",
  "*/ globalThis.broken = 1; /*",
  ["$", "{globalThis.broken = 1}"].join(""),
  "`; globalThis.broken = 1; `",
  '"; globalThis.broken = 1; "',
  "'; globalThis.broken = 1; '",
  "line\nglobalThis.broken = 1",
  "</script><script>globalThis.broken = 1</script>",
  "\u2028globalThis.broken = 1\u2029",
  "// \\",
  "load",
  "run",
  "description",
  "await",
  "0",
  " ",
  "日本語 🐈",
];

/** A string of the language in which braces are no expressions. */
const quoted = (text: string): string =>
  JSON.stringify(text).replaceAll("{", "\\u007b").replaceAll("}", "\\u007d");

const stagePath = (name: string): string => quoted(`s${name.replaceAll(".", "_")}`);

/** The names as inputs, outputs and parameter paths: each output is its input through a layer. */
const manyPorts = `model Ports {
${names.map((name, i) => `  input ${quoted(name)} as x${i}: f32[3]`).join("\n")}
${names.map((name, i) => `  output ${quoted(name)} = x${i} -> ${stagePath(name)}: linear(2)`).join("\n")}
}`;

/** The names as labels of a picture's classes. */
const manyLabels = `model Labels {
  labels [${names.map(quoted).join(", ")}]
  input image: f32[3, 2, 2]
  flatten -> linear(${names.length})
  output scores
}`;

const init = { kind: "he", seed: 2 } as const;
const targets = ["wasm", "ts"] as const;

const textOf = ({ name, files }: Compiled, ending: string): string =>
  new TextDecoder().decode(files.get(name + ending));

const expectInert = (compiled: Compiled): void => {
  expect("broken" in globalThis).toBe(false);
  for (const ending of [".js", ".d.ts", ".ts"]) {
    expect(textOf(compiled, ending)).not.toMatch(/<\/script|\u2028|\u2029/);
  }
};

test.each(targets)(
  "hostile names of inputs, outputs and layers are only names (%s)",
  async (target) => {
    const compiled = await compile(manyPorts, { init, target });
    const model = await instantiate(compiled);
    expectInert(compiled);
    expect(model.inputNames).toEqual(names);
    expect(model.outputNames).toEqual(names);
    const feeds = names.map((name, i) => [name, Float32Array.of(i, -i, 1)] as const);
    const results = model.run(Object.fromEntries(feeds));
    const expected = evaluate(compiled.graph, new Map(feeds));
    for (const name of names) {
      const { data } = expected.get(name)!;
      expect(results[name]?.length, name).toBe(2);
      for (const [i, value] of data.entries()) expect(results[name]?.[i]).toBeCloseTo(value, 4);
      expect(model.outputs[name]).toMatchObject({ shape: [1, 2] });
    }
  },
);

test.each(targets)("hostile labels are only labels (%s)", async (target) => {
  const compiled = await compile(manyLabels, { init, target });
  const model = await instantiate(compiled);
  expectInert(compiled);
  expect(model.labels).toEqual(names);
  const classes = model.classify?.(new Float32Array(12), { top: 99 }) ?? [];
  expect(classes.toSorted((a, b) => a.index - b.index).map(({ label }) => label)).toEqual(names);
});

test("all that is written type-checks under strict, and knows its names, shapes and labels", async () => {
  const files = new Map<string, string>();
  for (const source of [manyPorts, manyLabels]) {
    const typescript = await compile(source, { init, target: "ts" });
    const wasm = await compile(source, { init, form: "module" });
    files.set(`/m/ts-${wasm.name}.ts`, textOf(typescript, ".ts"));
    files.set(`/m/${wasm.name}.d.ts`, textOf(wasm, ".d.ts"));
    files.set(`/m/ts-${wasm.name}-types.d.ts`, textOf(typescript, ".d.ts"));
  }
  files.set("/m/ports.ts", usePorts);
  files.set("/m/labels.ts", useLabels);
  expect(typeErrors(files)).toEqual([]);
}, 60_000);

/** A caller: what must be accepted, and with @ts-expect-error what must not. */
const usePorts = `
import { type Inputs, load as loadWasm } from "./Ports.js";
import { load } from "./ts-Ports.js";
const model = await loadWasm({ wasm: {} });
declare const inputs: Inputs;
const outputs = model.run(inputs);
${names.map((name, i) => `const v${i}: Float32Array = outputs[${JSON.stringify(name)}]; const s${i}: readonly [1, 3] = model.inputs[${JSON.stringify(name)}].shape;`).join("\n")}
const again: Float32Array = (await (await load()).runAsync(inputs, outputs)).load;
// @ts-expect-error: a module takes its wasm from the caller
await loadWasm({});
// @ts-expect-error: inputs have their names
model.run({ ...inputs, wrong: v0 });
// @ts-expect-error: inputs are float32
model.run({ ...inputs, load: new Float64Array(3) });
// @ts-expect-error: outputs have their names
outputs.wrong;
export { again${names.map((_, i) => `, s${i}`).join("")} };
`;

const useLabels = `
import { type Label, load } from "./Labels.js";
const model = await load({ wasm: {} });
const image = { data: new Uint8ClampedArray(16), width: 2, height: 2 };
const labels: Label[] = model.classify(image, { top: 1 }).map(({ label }) => label);
const each: Label[] = [${names.map((name) => JSON.stringify(name)).join(", ")}];
const { scores }: { scores: Float32Array } = model.run({ image });
// @ts-expect-error: labels are a union
const unknown: Label = "no such label";
export { each, labels, scores, unknown };
`;

function typeErrors(files: ReadonlyMap<string, string>): string[] {
  const options: ts.CompilerOptions = {
    strict: true,
    noUncheckedIndexedAccess: true,
    exactOptionalPropertyTypes: true,
    noEmit: true,
    skipDefaultLibCheck: true,
    target: ts.ScriptTarget.ES2022,
    module: ts.ModuleKind.ESNext,
    moduleResolution: ts.ModuleResolutionKind.Bundler,
    lib: ["lib.es2023.d.ts", "lib.dom.d.ts"],
    types: [],
  };
  const host = ts.createCompilerHost(options);
  const { getSourceFile, fileExists, readFile } = host;
  host.directoryExists = () => true;
  host.fileExists = (file) => files.has(file) || fileExists(file);
  host.readFile = (file) => files.get(file) ?? readFile(file);
  host.getSourceFile = (file, target, ...rest) => {
    const text = files.get(file);
    return text === undefined
      ? getSourceFile(file, target, ...rest)
      : ts.createSourceFile(file, text, target);
  };
  const program = ts.createProgram([...files.keys()], options, host);
  return ts.getPreEmitDiagnostics(program).map(({ file, start, messageText }) => {
    const line = file && start !== undefined ? file.text.slice(0, start).split("\n").length : 0;
    return `${file?.fileName}:${line} ${ts.flattenDiagnosticMessageText(messageText, "\n")}`;
  });
}
