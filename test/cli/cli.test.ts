import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { PNG } from "pngjs";
import { afterAll, beforeAll, expect, test } from "vitest";
import { Report } from "../../src/diagnostics/report.js";
import { readNpy, writeNpy } from "../../src/weights/npy.js";
import { cnnc } from "./run-cli.js";

const small = `model Small(width = 4) {
  labels ["cat", "dog", "bird"]
  input image: f32[3, 6, 5] { std = [0.5] }
  conv1: conv(width, 3x3) -> relu -> gap -> flatten -> fc: linear(3) -> softmax
  output class
  assert params == 4 * 28 + 15
}
`;

const several = `model One { input x: f32[2] relu output y }
model Two { input a: f32[2] input b: f32[2] add(a, b) output "../sum" output "..:sum" output "y" }
`;

let folder: string;
const at = (name: string): string => join(folder, name);
const seeded = ["--init", "he", "--seed", "5"];

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "cnnc-cli-"));
  const image = new PNG({ width: 9, height: 7 });
  image.data = Buffer.from(image.data.map((_, i) => (i % 4 === 3 ? 255 : (i * 31) % 256)));
  const tensor = (shape: number[], data: Float32Array | Float64Array) =>
    writeNpy({ dtype: data instanceof Float32Array ? "float32" : "float64", shape, data });
  const files = {
    "small.cnn": small,
    "several.cnn": several,
    "wrong.cnn": "model Wrong { input x: f32[3, 4, 4] maxpol(2) -> convv(3) output y }",
    "untidy.cnn": "model A{input x:f32[2] relu output y}",
    "picture.png": PNG.sync.write(image),
    "image.npy": tensor(
      [3, 6, 5],
      Float32Array.from({ length: 90 }, (_, i) => Math.sin(i)),
    ),
    "batched.npy": tensor(
      [1, 3, 6, 5],
      Float32Array.from({ length: 90 }, (_, i) => Math.sin(i)),
    ),
    "double.npy": tensor([3, 6, 5], new Float64Array(90)),
    "turned.npy": tensor([5, 6, 3], new Float32Array(90)),
    "a.npy": tensor([2], Float32Array.of(1, 2)),
    "b.npy": tensor([2], Float32Array.of(10, -20)),
    "notes.txt": "no model",
    "one-pixel.cnn":
      "model OnePixel { input x: f32[4, 1, 1] a: conv(5, 3x3) b: conv(5, 3x3) output y }",
  };
  await Promise.all(Object.entries(files).map(([name, text]) => writeFile(at(name), text)));
});

afterAll(() => rm(folder, { recursive: true }));

test.each([
  [[], "no command was given"],
  [["biuld", "x.cnn"], "did you mean build?"],
  [["build", "x.cnn", "--traget", "ts"], "did you mean --target?"],
  [["build", "x.cnn"], "build needs a folder to write to"],
  [["build", "-o", "out"], "build needs a file"],
  [["build", "x.cnn", "y.cnn", "-o", "out"], "'y.cnn' is one argument too many"],
  [["build", "x.cnn", "-o", "out", "--target", "wsm"], "did you mean wasm?"],
  [["build", "x.cnn", "-o", "out", "--target=ts", "--form=module"], "has no --form module"],
  [["build", "x.cnn", "-o", "out", "--level", "3"], "--level must be 0, 1, 2, not '3'"],
  [["build", "x.cnn", "-o", "out", "--batch", "0"], "--batch must be a whole number from 1"],
  [["build", "x.cnn", "-o", "out", "--batch", "2e0"], "--batch must be a whole number from 1"],
  [["build", "x.cnn", "-o", "out", "--batch", "2", "--batch", "3"], "--batch was given twice"],
  [["build", "x.cnn", "-o", "out", "--set", "width"], "--set wants NAME=VALUE, not 'width'"],
  [["build", "x.cnn", "-o", "out", "--set", "w=1", "--set", "w=2"], "--set w was given twice"],
  [["build", "x.cnn", "-o", "out", "--tolerance=-1"], "greater than 0, not '-1'"],
  [["build", "x.cnn", "-o", "out", "--seed", "1"], "--seed needs --init he"],
  [["build", "x.cnn", "-o", "out", "--init", "he", "--weights", "w"], "cannot be given together"],
  [["build", "x.cnn", "-o", "out", "--shape", "x=1,0"], "--shape wants NAME=1,3,48,320"],
  [["build", "x.cnn", "-o", "out", "--disable", "fold-batchnorm"], "did you mean fold-batch-norm?"],
  [["build", "x.cnn", "-o", "out", "--calibrate", "nowhere"], "there is no folder 'nowhere'"],
  [["build", "x.cnn", "-o"], "--out needs a value"],
  [["inspect", "x.cnn", "--passes=yes"], "--passes takes no value"],
  [["inspect", "x.cnn", "--emit", "grph"], "did you mean graph?"],
  [["inspect", "x.cnn", "--emit", "wat", "--passes"], "cannot be given together"],
  [["inspect", "x.cnn", "--emit", "wat", "--json"], "--json is for the summary"],
  [["run", "x.cnn", "stray.npy"], "'stray.npy' is one argument too many"],
  [["bench", "x.cnn", "--vs", "tfjs"], "--vs must be onnxruntime-web, not 'tfjs'"],
  [["bench", "x.cnn", "--vs", "onnxruntime-web", "--per-layer"], "cannot be given together"],
  [["bench", "x.cnn", "--per-layer", "--threads", "2"], "--per-layer times one thread"],
  [["rewrite", "x.cnn", "--stack", "a"], "rewrite needs a file to write"],
] as const)("cnnc %j is a usage error", async (argv, message) => {
  const { code, out, err } = await cnnc(argv);
  expect(err).toContain(message);
  expect([code, out]).toEqual([2, ""]);
});

test("help and version go to stdout", async () => {
  expect((await cnnc(["--help"])).out).toContain("inspect  show a model's layers");
  expect((await cnnc(["build", "--help"])).out).toContain("-o, --out DIR");
  const manifest = await readFile(new URL("../../package.json", import.meta.url), "utf8");
  expect((await cnnc(["--version"])).out).toBe(`${JSON.parse(manifest).version}\n`);
});

test("check tells what is wrong with each file, on stderr, and is silent about nothing else", async () => {
  const { code, out, err } = await cnnc([
    "check",
    at("wrong.cnn"),
    at("small.cnn"),
    at("several.cnn"),
  ]);
  expect(code).toBe(1);
  expect(err).toContain("did you mean 'maxpool'?");
  expect(out.split("\n").map((line) => line.replace(/ ok.*/, ""))).toEqual([
    "small.cnn: Small",
    "several.cnn: One",
    "several.cnn: Two",
    "",
  ]);
  expect((await cnnc(["check", at("small.cnn"), "--set", "width=5"])).err).toContain("assert");
});

test("check --json prints what was found", async () => {
  const { code, out, err } = await cnnc(["check", at("wrong.cnn"), "--json"]);
  const { errors, diagnostics } = JSON.parse(out);
  expect([code, err]).toEqual([1, ""]);
  expect(errors).toBe(diagnostics.length);
  expect(diagnostics[0]).toMatchObject({ severity: "error", code: expect.stringMatching(/^CNN2/) });
});

test.each([
  ["missing.cnn", "there is no file"],
  ["notes.txt", "this is no model"],
  ["missing.onnx", "there is no file"],
  ["net.cfg", "there is no file"],
])("%s cannot be compiled", async (name, message) => {
  const { code, err } = await cnnc(["build", at(name), "-o", at("nothing"), ...seeded]);
  expect(err).toContain(message);
  expect(code).toBe(1);
  await expect(readdir(at("nothing"))).rejects.toThrow("ENOENT");
});

test("build writes the module's files and tells their sizes", async () => {
  const { code, out, err } = await cnnc(["build", at("small.cnn"), "-o", at("built"), ...seeded]);
  expect([code, err]).toEqual([0, ""]);
  const files = ["small.d.ts", "small.js", "small.relaxed.wasm", "small.wasm", "small.weights.bin"];
  expect((await readdir(at("built"))).sort()).toEqual(files);
  expect(out).toMatch(/small\.weights\.bin {2}\d/);
  expect(out).toContain("127 parameters, 3,252 multiply-accumulates a run");
});

test("a folder that cannot be written is an error, and nothing stays behind", async () => {
  const { code, err } = await cnnc(["build", at("small.cnn"), "-o", at("notes.txt"), ...seeded]);
  expect(code).toBe(1);
  expect(err).toContain("cannot be written");
  expect((await readdir(folder)).filter((name) => name.endsWith(".tmp"))).toEqual([]);
});

test("without weights build says what to do", async () => {
  const { code, err } = await cnnc(["build", at("small.cnn"), "-o", at("built")]);
  expect(code).toBe(1);
  expect(err).toContain("--init he");
});

test("run shows the classes of a picture, best first", async () => {
  const argv = [
    "run",
    at("small.cnn"),
    ...seeded,
    "--input",
    at("picture.png"),
    "--top",
    "2",
    "--json",
  ];
  const { code, out, err } = await cnnc(argv);
  expect([code, err]).toEqual([0, ""]);
  const { shape, top } = JSON.parse(out).outputs.class;
  expect(shape).toEqual([1, 3]);
  expect(top.length).toBe(2);
  expect(top[0].label).toBe(["cat", "dog", "bird"][top[0].index]);
  expect(top[0].score).toBeGreaterThanOrEqual(top[1].score);
  const text = (await cnnc(argv.slice(0, -1))).out;
  expect(text).toContain("class [1, 3]");
  expect(text).toContain(top[0].label);
});

test("both targets, and tensors with the batch axis or without, give the same", async () => {
  const run = async (...more: string[]) =>
    JSON.parse((await cnnc(["run", at("small.cnn"), ...seeded, "--json", ...more])).out).outputs
      .class.top;
  const wasm = await run("--input", at("image.npy"));
  const ts = await run("--target", "ts", "--input", `image=${at("batched.npy")}`);
  expect(wasm.length).toBe(3);
  for (const [i, { index, score }] of wasm.entries()) {
    expect(ts[i].index).toBe(index);
    expect(ts[i].score).toBeCloseTo(score, 5);
  }
});

test("outputs are written under safe and different names", async () => {
  const model = ["run", at("several.cnn"), "--model", "Two"];
  const { code, err } = await cnnc([
    ...model,
    "--input",
    at("a.npy"),
    at("b.npy"),
    "--output",
    at("outs"),
  ]);
  expect([code, err]).toEqual([0, ""]);
  expect((await readdir(at("outs"))).sort()).toEqual(["__sum-2.npy", "__sum.npy", "y.npy"]);
  const bytes = await readFile(at("outs/y.npy"));
  const tensor = readNpy(bytes, { file: "y.npy", report: new Report() });
  expect(tensor).toMatchObject({ shape: [1, 2], data: Float32Array.of(11, -18) });
});

test.each([
  [["--input", "double.npy"], "the elements are float64"],
  [["--input", "turned.npy"], "the shape is [5,6,3]"],
  [["--input", "notes.txt"], "neither a PNG nor a JPEG"],
  [["--input", "missing.npy"], "there is no file"],
  [["--input", "imgae=image.npy"], 'the model has no input "imgae"'],
  [["--input", "image.npy", "a.npy"], "one input too many"],
  [[], 'no file for input "image"'],
])("run %j is refused", async (input, message) => {
  const files = input.map((word) =>
    word.replace(/(^|=)(\w+\.\w+)$/, (_, before, file) => before + at(file)),
  );
  const { code, err } = await cnnc(["run", at("small.cnn"), ...seeded, ...files]);
  expect(err).toContain(message);
  expect(code).toBe(1);
});

test("inspect shows a table of layers with totals, without weights", async () => {
  const { code, out, err } = await cnnc(["inspect", at("small.cnn")]);
  expect([code, err]).toEqual([0, ""]);
  expect(out).toMatch(/^Small: image f32\[1,3,6,5\] -> class f32\[1,3\]/);
  expect(out).toMatch(/conv1 +conv2d +1×4×6×5 +112 +3,240 +direct/);
  expect(out).toMatch(/\ntotal +127 +3,252/);
  const { layers, macs } = JSON.parse((await cnnc(["inspect", at("small.cnn"), "--json"])).out);
  expect(macs).toBe(3252);
  expect(layers[0]).toMatchObject({ name: "conv1", macs: 3240, kernel: "direct" });
});

test.each([
  ["params", /^\{\n {2}"conv1\.weight": \[4,3,3,3\],/],
  ["ast", /"kind": "model"/],
  ["graph", /conv2d\(@image, @conv1\.weight/],
  ["plan", /input "image" @\d+/],
  ["loops", /function /],
  ["wat", /\(module/],
  ["ts", /function run\(m: Float32Array\)/],
  ["dot", /^digraph "Small" \{/],
  ["summary", /^Small: /],
])("inspect --emit %s prints that stage", async (stage, expected) => {
  const { code, out, err } = await cnnc(["inspect", at("small.cnn"), "--emit", stage]);
  expect([code, err]).toEqual([0, ""]);
  expect(out).toMatch(expected);
});

test("inspect shows the graph after a pass, and what each pass did", async () => {
  const after = await cnnc(["inspect", at("small.cnn"), "--print-after", "fuse-epilogue"]);
  expect(after.out).toMatch(/^after fuse-epilogue:\n/);
  expect(after.out).toContain("-> relu");
  const passes = await cnnc(["inspect", at("small.cnn"), "--passes", "--disable", "fuse-epilogue"]);
  expect(passes.out).toContain("fold-batch-norm");
  expect(passes.out).not.toContain("fuse-epilogue");
});

test("inspect tells what became of the network's structure, and why", async () => {
  const { out } = await cnnc(["inspect", at("one-pixel.cnn"), "--passes"]);
  expect(out).toMatch(/^changed +how +MACs/m);
  expect(out).toMatch(/^a +3x3 = 1x1 +180 > 20 .+ only meet padding \(trim-kernels\)$/m);
  const json = await cnnc(["inspect", at("one-pixel.cnn"), "--passes", "--json"]);
  const { rewrites, refusals } = JSON.parse(json.out);
  expect(rewrites).toContainEqual(expect.objectContaining({ pass: "trim-kernels", name: "b" }));
  expect(refusals).toBeInstanceOf(Array);
  const svg = await cnnc(["inspect", at("one-pixel.cnn"), "--emit", "svg"]);
  expect(svg.out.match(/class="marked"/g)).toHaveLength(4);
});

test("inspect shows what passes make of a model's own weights, and of seeded ones where there are none", async () => {
  const own = "examples/filters/filters.cnn";
  const { code, out, err } = await cnnc(["inspect", own, "--model", "Blur", "--passes"]);
  expect([code, err]).toEqual([0, ""]);
  expect(out).toMatch(
    /^filter +15x15 = depth-wise 15x1 .+ product of rank 1 \(separate-kernels\)$/m,
  );
  const blank = await cnnc(["inspect", own, "--model", "Blur", "--passes", "--init", "he"]);
  expect(blank.out).not.toContain("rank 1");
  const text = await readFile(own, "utf8");
  await writeFile(at("filters.cnn"), text);
  const missing = await cnnc(["inspect", at("filters.cnn"), "--model", "Blur", "--passes"]);
  expect([missing.code, missing.err]).toEqual([0, ""]);
  expect(missing.out).not.toContain("rank 1");
});

test("bench --per-layer prints a line for each layer, and for halos and copies", async () => {
  const argv = ["bench", at("small.cnn"), ...seeded, "--per-layer"];
  const { code, out } = await cnnc(argv);
  expect(code).toBe(0);
  expect(out).toMatch(/conv1 +conv2d +direct +1×4×6×5 +[\d.]+ ms +[\d.]+ % +[\d.]+ +[\d.]+ %/);
  expect(out).toMatch(/^zeros around image in nhwc order +· +· +· +[\d.]+ ms/m);
  const json = JSON.parse((await cnnc([...argv, "--json", "--target", "ts"])).out);
  expect(json.layers.map(({ name }: { name: string }) => name)).toContain("fc");
  const sum = json.layers.reduce((all: number, { ms }: { ms: number }) => all + ms, 0);
  expect(json.ms).toBeCloseTo(sum, 6);
  expect(json.peak).toBeGreaterThan(0);
});

test("tune writes times beside the model, which later commands choose by and --tune off leaves out", async () => {
  const source =
    "model Wide { input x: f32[16, 8, 8] conv1: conv(16, 3x3) -> conv2: conv(16, 3x3) output y }";
  await writeFile(at("wide.cnn"), source);
  const { code, out } = await cnnc(["tune", at("wide.cnn"), ...seeded]);
  expect(code).toBe(0);
  expect(out).toMatch(/conv1 +2 +1×16×8×8 +.+direct [\d.]+ µs/);
  const file = await readFile(at("wide.tune.json"), "utf8");
  expect(file).not.toContain(folder);
  const plan = async (...more: string[]) =>
    (await cnnc(["inspect", at("wide.cnn"), "--emit", "plan", ...more])).out;
  expect(await plan()).toMatch(/conv1 conv2d: .+, measured/);
  expect(await plan("--tune", "off")).toMatch(/conv1 conv2d: .+, predicted/);
  expect(await plan("--winograd", "off")).toMatch(/conv1 conv2d: direct, measured/);
  const { out: text } = await cnnc(["inspect", at("wide.cnn"), "--json"]);
  const [first] = JSON.parse(text).layers;
  expect(first.isMeasured).toBe(true);
  expect(first.ms).toBeGreaterThan(0);
  expect(first.rejected.map(({ algorithm }: { algorithm: string }) => algorithm)).toContain(
    "depthwise",
  );
  const missing = await cnnc(["inspect", at("wide.cnn"), "--tune", at("none.json")]);
  expect([missing.code, missing.err]).toEqual([1, expect.stringContaining("CNN213")]);
});

test("bench --vs says what to install where the other runtime is missing", async () => {
  const argv = ["bench", at("small.cnn"), ...seeded, "--vs", "onnxruntime-web"];
  const { code, err } = await cnnc(argv);
  expect(code).toBe(2);
  expect(err).toContain("npm install onnxruntime-web");
});

test("bench prints latencies and speed", async () => {
  const argv = ["bench", at("several.cnn"), "--model", "One", "--json"];
  const { code, out } = await cnnc(argv);
  const { p50, p90, p99, first, runs } = JSON.parse(out);
  expect(code).toBe(0);
  expect(runs).toBeGreaterThanOrEqual(10);
  expect(first).toBeGreaterThan(0);
  expect(p50 <= p90 && p90 <= p99).toBe(true);
});

test("fmt writes the canonical form once, and --check only tells", async () => {
  const [file, before] = [at("untidy.cnn"), await readFile(at("untidy.cnn"), "utf8")];
  expect(await cnnc(["fmt", "--check", file])).toMatchObject({
    code: 1,
    out: `${file} is not formatted\n`,
  });
  expect(await readFile(file, "utf8")).toBe(before);
  expect(await cnnc(["fmt", file])).toMatchObject({ code: 0, out: `${file} formatted\n` });
  expect(await readFile(file, "utf8")).not.toBe(before);
  expect(await cnnc(["fmt", "--check", file])).toMatchObject({ code: 0, out: "" });
  expect((await cnnc(["fmt", at("missing.cnn")])).code).toBe(1);
});

test("export writes an ONNX file", async () => {
  const argv = ["export", at("small.cnn"), "--to", "onnx", "-o", at("small.onnx"), ...seeded];
  expect((await cnnc(argv)).code).toBe(0);
  expect((await readFile(at("small.onnx"))).includes("conv1.weight")).toBe(true);
});

test("colours are on a terminal only, and only where they are wanted", async () => {
  const argv = ["check", at("wrong.cnn")];
  const sequence = "\u001b[";
  expect((await cnnc(argv)).err).not.toContain(sequence);
  expect((await cnnc(argv, true)).err).toContain(sequence);
  expect((await cnnc(argv, true, { NO_COLOR: "1" })).err).not.toContain(sequence);
});

test("a terminal sees what goes on, and the line is gone at the end", async () => {
  const { err } = await cnnc(["build", at("small.cnn"), "-o", at("shown"), ...seeded], true);
  expect(err).toContain("generating code for");
  expect(err.endsWith("\r\u001b[K")).toBe(true);
});

test("rewrite takes a large kernel apart and tells what that costs", async () => {
  const source =
    "// kept\nmodel Net {\n  input x: f32[3, 16, 16]\n\n  a: conv(8, 5x5) -> relu\n  output y\n}\n";
  await writeFile(at("net.cnn"), source);
  const { out, code } = await cnnc([
    "rewrite",
    at("net.cnn"),
    "--stack",
    "a",
    "-o",
    at("apart.cnn"),
  ]);
  expect(code).toBe(0);
  expect(out).toMatch(/^a +5x5 > 5x5 +608 > 808 +0\.15 M > 0\.20 M$/m);
  expect(await readFile(at("apart.cnn"), "utf8")).toBe(
    source.replace("conv(8, 5x5)", "stacked(8, 5x5, between=relu)"),
  );
  const refused = await cnnc(["rewrite", at("net.cnn"), "--stack", "b", "-o", at("no.cnn")]);
  expect([refused.code, refused.err]).toEqual([1, expect.stringContaining('called "b"')]);
  expect(await readdir(folder)).not.toContain("no.cnn");
});
