import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { compileFile, instantiate } from "../../src/index.js";
import { noise } from "../support/noise.js";
import { cnnc } from "./run-cli.js";

const network = `block Body(channels) {
  residual { conv1: conv(channels, 3x3, bias=false) -> bn1: bn -> relu -> conv2: conv(channels, 1x1) }
}
model Net {
  input image: f32[3, 9, 8]
  stem: conv(8, 3x3, 2) -> relu
  layer1: { Body(8)  Body(8) }
  gap -> flatten -> fc: linear(5) -> softmax
  output class
}
`;

let folder: string;
const at = (name: string): string => join(folder, name);

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "cnnc-import-"));
  await writeFile(at("net.cnn"), network);
  const made = ["--init", "he", "--seed", "3", "--to", "onnx", "-o", at("net.onnx")];
  expect((await cnnc(["export", at("net.cnn"), ...made])).code).toBe(0);
});

afterAll(() => rm(folder, { recursive: true }));

const feeds = { image: noise(3 * 9 * 8, 1) };
const resultOf = async (file: string): Promise<readonly number[]> => {
  const model = await instantiate(await compileFile(file));
  return [...model.run(feeds).class!];
};

test("an imported model is text and weights that compute the same", async () => {
  const { code, out } = await cnnc(["import", at("net.onnx"), "-o", at("again.cnn")]);
  expect(code).toBe(0);
  expect(out).toContain("again.safetensors");
  const text = await readFile(at("again.cnn"), "utf8");
  expect(text).toContain("residual {");
  expect(text).toContain('weights "again.safetensors"');
  expect((await cnnc(["fmt", "--check", at("again.cnn")])).code).toBe(0);
  expect(await resultOf(at("again.cnn"))).toEqual(await resultOf(at("net.onnx")));
});

test("what cannot be imported writes nothing and says why", async () => {
  const before = await readdir(folder);
  const usage = await cnnc(["import", at("net.onnx")]);
  expect([usage.code, usage.err]).toEqual([2, expect.stringContaining("-o FILE.cnn")]);
  expect((await cnnc(["import", at("net.cnn"), "-o", at("x.cnn")])).code).toBe(2);
  expect((await cnnc(["import", at("net.onnx"), "-o", at("x.txt")])).code).toBe(2);
  expect((await cnnc(["import", at("none.onnx"), "-o", at("x.cnn")])).code).toBe(1);
  expect(await readdir(folder)).toEqual(before);
});
