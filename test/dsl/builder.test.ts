import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import ts from "typescript";
import { expect, test } from "vitest";
import { CompileError, Report } from "../../src/diagnostics/report.js";
import type { SourceFile } from "../../src/dsl/ast.js";
import * as dsl from "../../src/dsl/builder/index.js";
import { elaborate, elaborateText } from "../../src/dsl/elaborate.js";
import { print } from "../../src/dsl/format.js";
import { merges } from "../../src/dsl/merges.js";
import { operators } from "../../src/dsl/operators/index.js";
import { cnn } from "../../src/embedded.js";
import { printGraph } from "../../src/ir/print.js";

const { add, concat, conv, f32, flatten, gap, label, linear, maxpool, model, relu, softmax } = dsl;
const { bn, mul, residual, residualOver, sigmoid, split, u8 } = dsl;

function graphOf(source: SourceFile): string {
  const report = new Report();
  const found = elaborate(source, {}, report);
  report.throwIfErrors();
  return found ? printGraph(found.graph) : "";
}

function graphOfText(text: string): string {
  const report = new Report();
  const found = elaborateText(text, "model.cnn", {}, report);
  report.throwIfErrors();
  return found ? printGraph(found.graph) : "";
}

/** A builder's tree and its printed text both mean what a text says. */
function expectSame(built: SourceFile, text: string): void {
  expect(graphOf(built)).toBe(graphOfText(text));
  expect(graphOfText(print(built))).toBe(graphOfText(text));
}

function messageOf(make: () => unknown): string {
  try {
    make();
  } catch (error) {
    if (error instanceof CompileError) return error.message;
    throw error;
  }
  throw new Error("nothing was refused");
}

test("a file, a template and a builder give one graph", () => {
  const built = model("Tiny", { image: f32(1, 28, 28) }, ({ image }) => ({
    digit: image.pipe(conv(8, 3), relu, gap, flatten, linear(10), softmax),
  }));
  const text = `model Tiny { input image: f32[1, 28, 28]
    conv(8, 3) -> relu -> gap -> flatten -> linear(10) -> softmax
    output digit }`;
  expectSame(built, text);
  const sizes = [1, 28, 28];
  expect(
    graphOf(cnn`model Tiny { input image: f32[${sizes}]
      conv(${8}, ${3}) -> relu -> gap -> flatten -> linear(${10}) -> softmax
      output digit }`),
  ).toBe(graphOf(built));
  expect(print(built)).toBe(
    `model Tiny {
  input image: f32[1, 28, 28]
  output digit = image -> conv(8, 3) -> relu -> gap -> flatten -> linear(10) -> softmax
}
`,
  );
});

test("blocks are functions, and labels give the paths of a file", () => {
  const basic = (channels: number, stride: number) => (x: dsl.Value<dsl.Image>) =>
    x.pipe(
      residualOver(
        label("downsample", conv(channels, 1, { stride, bias: false }), bn),
        conv(channels, 3, { stride, bias: false }).as("conv1"),
        bn.as("bn1"),
        relu,
        conv(channels, 3, { bias: false }).as("conv2"),
      ),
      relu,
    );
  const built = model("Net", { image: f32(3, 16, 12) }, ({ image }) => ({
    logits: image.pipe(
      conv(6, 7, { stride: 2 }).as("conv1"),
      label("layer1", basic(6, 1), basic(5, 2)),
      residual(conv(5, 3), relu),
      gap,
      flatten,
      linear(4).as("fc"),
    ),
  }));
  const text = `
    block Basic(channels, stride) {
      residual(downsample: { conv(channels, 1x1, stride, bias=false) -> bn }) {
        conv1: conv(channels, 3x3, stride, bias=false) -> bn1: bn -> relu
        conv2: conv(channels, 3x3, bias=false)
      }
      relu
    }
    model Net { input image: f32[3, 16, 12]
      conv1: conv(6, 7, stride=2)
      layer1: { Basic(6, 1) Basic(5, 2) }
      residual { conv(5, 3x3) -> relu }
      gap -> flatten -> fc: linear(4)
      output logits }`;
  expectSame(built, text);
});

test("stages are numbered in the order in which values are made", () => {
  const built = model("Net", { image: f32(3, 8, 8) }, ({ image }) => {
    const first = image.pipe(conv(5, 3));
    const second = image.pipe(conv(5, 1), relu);
    const joined = add(second, first);
    return { late: joined.pipe(conv(2, 3)), early: mul(first, 0.5) };
  });
  const text = `model Net { input image: f32[3, 8, 8]
    let first = conv(5, 3)
    let second = conv(5, 1) -> relu
    let joined = add(second, first)
    let late = joined -> conv(2, 3)
    output late = late
    output early = mul(first, 0.5) }`;
  expectSame(built, text);
});

test("values that are used once, right behind, are written where they are used", () => {
  const built = model("Net", { image: f32(3, 8, 8) }, ({ image }) => ({
    y: concat(image.pipe(conv(5, 3)), image.pipe(maxpool(3, { stride: 1, pad: 1 })), { axis: 0 }),
  }));
  expect(print(built)).toContain("output y = concat(image -> conv(5, 3), ");
  expect(print(built)).not.toContain("let");
});

test("a function reads what arrives and what stands around it", () => {
  const built = model("Net", { image: f32(4, 8, 8), other: f32(4, 8, 8) }, ({ image, other }) => {
    const wide = image.pipe(conv(4, 3));
    return {
      y: wide.pipe(
        (x) =>
          mul(
            x,
            x.pipe(gap, (z) => z.pipe(conv(4, 1), (q) => add(q, z)), sigmoid),
          ),
        (x) => add(add(x, wide), other),
      ),
    };
  });
  const text = `model Net { input image: f32[4, 8, 8] input other: f32[4, 8, 8]
    let wide = image -> conv(4, 3)
    output y = wide -> { mul(it, it -> gap -> { let z = it
        conv(4, 1) -> { add(it, z) } } -> sigmoid) } -> { add(add(it, wide), other) } }`;
  expectSame(built, text);
});

test("split gives its parts", () => {
  const built = model("Net", { image: f32(6, 8, 8) }, ({ image }) => {
    const [a, b] = image.pipe(split(2));
    return { y: concat(b, a.pipe(relu)) };
  });
  expectSame(
    built,
    `model Net { input image: f32[6, 8, 8]
      let a, b = split(2)
      output y = concat(b, a -> relu) }`,
  );
});

test("settings, labels, weights and grants are those of a file", () => {
  const bias = { dtype: "float32", shape: [2], data: Float32Array.of(1, 2) };
  const photo = u8(3, 4, 4).with({ mean: [0.5, 0.25, 0.125], order: "bgr" });
  const built = model(
    "Net",
    { photo },
    ({ photo }) => ({ y: photo.pipe(gap, flatten, linear(2)) }),
    {
      labels: ["cat", "dog"],
      weights: { "2.bias": bias },
      optimize: [
        ["prune", { within: 0.01 }],
        ["winograd", "off"],
      ],
    },
  );
  const report = new Report();
  const found = elaborate(built, {}, report);
  expect(found?.handed).toEqual({ "2.bias": bias });
  expect(found?.graph.labels).toEqual(["cat", "dog"]);
  expect(found?.graph.grants.map(({ kind }) => kind)).toEqual(["prune", "winograd"]);
  expectSame(
    built,
    `model Net { input photo: u8[3, 4, 4] { mean = [0.5, 0.25, 0.125], order = bgr }
      labels ["cat", "dog"] optimize { prune(within=0.01) winograd(off) }
      gap -> flatten -> linear(2) output y }`,
  );
});

test("names that the language has are labels and no names", () => {
  const inputs = { in: f32(1, 4, 4), conv: f32(1, 4, 4), 'a"b{c}': f32(1, 4, 4) };
  const built = model("Net", inputs, (values) => ({
    output: add(add(values.in, values.conv), values['a"b{c}']),
  }));
  expect(graphOf(built)).toContain('@"a\\"b{c}"');
});

test("texts are data: what is no name is refused", () => {
  const one = { image: f32(1, 4, 4) };
  const evil = "A { } model B";
  expect(messageOf(() => model(evil, one, ({ image }) => ({ y: image })))).toContain("CNN123");
  const named = JSON.parse('{"stride) -> relu": 1}');
  expect(messageOf(() => conv(3, 3, named))).toContain("a name has letters");
  expect(messageOf(() => conv(Number.NaN, 3))).toContain("NaN cannot be put in here");
  const built = model("Net", one, ({ image }) => ({
    y: image.pipe(relu.as('x") -> relu'), dsl.stacked(2, 3, { between: "relu) -> conv(9, 9" })),
  }));
  expect(built.items.length).toBe(1);
  expect(messageOf(() => graphOf(built))).toContain('not the string "relu) -> conv(9, 9"');
});

test("a mistake of the meaning is shown in the printed text", () => {
  const built = model("Net", { image: f32(4, 8, 8) }, ({ image }) => ({
    y: image.pipe(conv(6, 3, { groups: 4 }), relu),
  }));
  const said = messageOf(() => graphOf(built));
  expect(said).toContain("--> <model Net>:3:");
  expect(said).toContain("3 |   output y = image -> conv(6, 3, groups=4) -> relu");
});

test("functions inside functions end at a limit", () => {
  const nest =
    (depth: number) =>
    (x: dsl.Value<dsl.Shape>): dsl.Value<dsl.Shape> =>
      depth === 0 ? x.pipe(relu) : x.pipe(nest(depth - 1));
  const build = () => model("Deep", { x: f32(4) }, ({ x }) => ({ y: nest(100)(x) }));
  expect(messageOf(build)).toContain("error CNN802");
});

test("values stay in the model that they are made in", () => {
  let kept: dsl.Value<readonly [1, 4, 4]> | undefined;
  model("First", { image: f32(1, 4, 4) }, ({ image }) => {
    kept = image;
    return { y: image };
  });
  expect(messageOf(() => kept?.pipe(relu))).toContain("inside of the function");
  const second = () =>
    model("Second", { image: f32(1, 4, 4) }, ({ image }) => ({
      y: kept ? add(image, kept) : image,
    }));
  expect(messageOf(second)).toContain("that it is made in");
});

test("every operator and merge of the language has its combinator", () => {
  const names = [...operators.keys(), ...merges.keys()];
  const known = new Set(Object.keys(dsl));
  expect(names.filter((name) => !known.has(name))).toEqual([]);
});

/** The members of an interface of a file, and whether each is optional. */
function membersOf(file: string, name: string): Map<string, string[]> {
  const path = fileURLToPath(new URL(`../../src/dsl/builder/${file}`, import.meta.url));
  const source = ts.createSourceFile(file, readFileSync(path, "utf8"), ts.ScriptTarget.Latest);
  const found = source.statements.find(
    (at): at is ts.InterfaceDeclaration => ts.isInterfaceDeclaration(at) && at.name.text === name,
  );
  const nameOf = (at: ts.TypeElement): string =>
    at.name && ts.isIdentifier(at.name) ? `${at.name.text}${at.questionToken ? "?" : ""}` : "";
  return new Map(
    (found?.members ?? []).map((at) => {
      const type = ts.isPropertySignature(at) ? at.type : undefined;
      return [nameOf(at), type && ts.isTypeLiteralNode(type) ? type.members.map(nameOf) : []];
    }),
  );
}

test("the arguments of combinators are those of the language, in its order", () => {
  const written = [...operators].map(([name, { parameters }]) => [
    name,
    [...parameters].map(([parameter, { fallback }]) => `${parameter}${fallback ? "?" : ""}`),
  ]);
  expect([...membersOf("arguments.ts", "Arguments")].sort()).toEqual(written.sort());
});

test("the typed signatures are of the operators and merges of the language, and no others", () => {
  const typed = [...membersOf("signatures.ts", "Combinators").keys()].sort();
  expect(typed).toEqual([...operators.keys(), ...merges.keys()].sort());
});
