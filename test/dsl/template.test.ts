import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import fc from "fast-check";
import { expect, test } from "vitest";
import type { Diagnostic } from "../../src/diagnostics/diagnostic.js";
import { CompileError, Report } from "../../src/diagnostics/report.js";
import type { SourceFile } from "../../src/dsl/ast.js";
import { elaborate, elaborateText } from "../../src/dsl/elaborate.js";
import { print } from "../../src/dsl/format.js";
import { findTemplate } from "../../src/dsl/template/find-template.js";
import type { CnnSource } from "../../src/dsl/template/interpolation.js";
import { templateTag } from "../../src/dsl/template.js";
import { cnn } from "../../src/embedded.js";
import { printGraph } from "../../src/ir/print.js";

const here = fileURLToPath(import.meta.url);
const own = readFileSync(here, "utf8");

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

function mistakes(make: () => unknown): readonly Diagnostic[] {
  try {
    make();
  } catch (error) {
    if (error instanceof CompileError) return error.diagnostics;
    throw error;
  }
  throw new Error("nothing was refused");
}

/** The text of this file that a message points at. */
const pointedAt = ({ span }: Diagnostic): string => own.slice(span?.start, span?.end);

const inModel = (stages: CnnSource): SourceFile => cnn`
  model M { input image: f32[4, 9, 9] ${stages} output y }`;

test("a template gives the graph of a file with the same text", () => {
  const channels = 6;
  const written = cnn`
    model Tiny(width = ${1}) {
      input image: f32[${[3, 9, 7]}] { mean = ${[0.5, 0.25, 0.125]}, order = ${"bgr"} }
      conv(${channels}, ${[3, 1]}, bias=${false}) -> relu
      "stage${2}": conv(${channels} * width, 3x3)
      labels ${["a", "b"]}
      gap -> flatten -> ${"head"}: linear(${2})
      output ${"class"}
    }`;
  const text = `
    model Tiny(width = 1) {
      input image: f32[3, 9, 7] { mean = [0.5, 0.25, 0.125], order = bgr }
      conv(6, 3x1, bias=false) -> relu
      stage2: conv(6 * width, 3x3)
      labels ["a", "b"]
      gap -> flatten -> head: linear(2)
      output class
    }`;
  expect(graphOf(written)).toBe(graphOfText(text));
  expect(graphOfText(print(written))).toBe(graphOfText(text));
});

const blocks = cnn`
  block Wide(channels) { conv(channels, 3x3) -> relu }
  block Twice(channels) { Wide(channels) Wide(channels) }
`;

test("the blocks of an interpolated template come into scope, each once", () => {
  const more = cnn`${blocks} block Thrice(channels) { Twice(channels) Wide(channels) }`;
  const model = cnn`
    ${blocks}
    ${more}
    model M { input image: f32[1, 8, 8] Thrice(5) Twice(3) output y }`;
  expect(model.items.map((item) => "name" in item && item.name.text)).toEqual([
    "Wide",
    "Twice",
    "Thrice",
    "M",
  ]);
  expect(graphOf(model)).toContain("@0.0.1.0.weight");
});

test("a template of one block is called where it is interpolated", () => {
  const block = cnn`block Wide(channels) { conv(channels, 3x3) -> relu }`;
  const model = cnn`model M { input image: f32[1, 8, 8] first: ${block}(5) -> ${block}(4) output y }`;
  const text = `block Wide(channels) { conv(channels, 3x3) -> relu }
    model M { input image: f32[1, 8, 8] first: Wide(5) -> Wide(4) output y }`;
  expect(graphOf(model)).toBe(graphOfText(text));
});

test("stages that a function makes stand as a body, with the blocks they need", () => {
  const stem = (channels: number) => cnn`conv(${channels}, 3x3) -> ${blocks}`;
  expect(mistakes(() => stem(5))[0]?.name).toBe("interpolation-unfit");
  const norm = cnn`block Norm(slope) { bn -> leaky_relu(slope) }`;
  const step = (channels: number) => cnn`conv(${channels}, 3x3) -> ${norm}(${0.25})`;
  const model = inModel(cnn`stem: ${step(5)} ${step(6)} -> ${step(7)}`);
  const text = `block Norm(slope) { bn -> leaky_relu(slope) }
    model M { input image: f32[4, 9, 9];
      { stem: { conv(5, 3x3) -> Norm(0.25) }
        { conv(6, 3x3) -> Norm(0.25) } -> { conv(7, 3x3) -> Norm(0.25) } }
      output y }`;
  expect(graphOf(model)).toBe(graphOfText(text));
  expect(graphOfText(print(model))).toBe(graphOfText(text));
});

test("tensors behind weights are the model's weights and no text", () => {
  const bias = { dtype: "float32", shape: [2], data: Float32Array.of(1, 2) };
  const model = cnn`model M { weights ${{ "0.bias": bias }} input x: f32[3] linear(2) output y }`;
  const report = new Report();
  expect(elaborate(model, {}, report)?.handed).toEqual({ "0.bias": bias });
  expect(print(model)).not.toContain("weights");
  const short = { ...bias, shape: [3] };
  const [mistake] = mistakes(() => cnn`model M { weights ${{ "0.bias": short }} }`);
  expect(mistake?.message).toBe("an object cannot be put in here");
});

test("a negative number stays one operand", () => {
  const model = inModel(cnn`it - ${-2} * ${-0.5}`);
  expect(graphOf(model)).toBe(graphOf(inModel(cnn`it - (-2) * (-0.5)`)));
  expect(print(model)).toContain("it - (-2) * (-0.5)");
});

const hostile = [
  "3) -> relu } model Evil { input x: f32[1] output y }",
  '"',
  '\\"',
  "{1 + 1}",
  "}",
  "// gone",
  "/*",
  "\n",
  `$\{1}`,
  "`",
  "conv",
  "__proto__",
  "else",
  "_000",
  "\u2028",
];

test.each(hostile)("%j is data wherever it is interpolated", (text) => {
  const model = cnn`model M { input image: f32[1, 4, 4] ${text}: relu labels ${[text]} output y }`;
  const [definition, more] = model.items;
  expect(more).toBeUndefined();
  const statements = definition && "body" in definition ? definition.body.statements : [];
  expect(statements.map(({ kind }) => kind)).toEqual(["input", "expression", "labels", "output"]);
  const [, stage, labels] = statements;
  const label =
    stage?.kind === "expression" && stage.expression.kind === "call" && stage.expression;
  expect(label ? label.label?.parts : undefined).toEqual([text]);
  const value = labels?.kind === "labels" && labels.value.kind === "list" && labels.value.items[0];
  expect(value).toMatchObject({ kind: "string", value: text });
});

test("printed and read again, any text is the same data", () => {
  fc.assert(
    fc.property(fc.string({ unit: "grapheme", minLength: 1, maxLength: 12 }), (text) => {
      const model = cnn`model M { input image: f32[1, 4, 4] labels ["a", ${text}] ${text}: relu output y }`;
      const again = print(cnn`${model}`);
      expect(again).toBe(print(model));
      const kinds = model.items.map(({ kind }) => kind);
      expect(kinds).toEqual(["model"]);
    }),
    { seed: 7, numRuns: 25 },
  );
});

test("a text is never called, however it is spelled", () => {
  const name = "relu";
  expect(mistakes(() => cnn`model M { ${name}(3) }`)[0]?.hint).toContain("can be called");
  expect(mistakes(() => cnn`model M { it -> ${name} }`)[0]?.hint).toContain("only a stage");
  expect(mistakes(() => cnn`model M { it -> re${name} }`)[0]?.name).toBe("interpolation-unfit");
  expect(mistakes(() => cnn`model ${"A { } model B"} { }`)[0]?.hint).toContain("a name has");
  expect(mistakes(() => cnn`model ${"residual"} { }`)[0]?.hint).toContain("a name has");
});

test("what is no data is refused where it stands", () => {
  const nothing = JSON.parse("{}").missing;
  const found = mistakes(
    () => cnn`model M { input x: f32[2] linear(${Number.NaN}) linear(${nothing}) output y }`,
  );
  expect(found.map((mistake) => [mistake.message, pointedAt(mistake)])).toEqual([
    ["NaN cannot be put in here", `$\{Number.NaN}`],
    ["undefined cannot be put in here", `$\{nothing}`],
  ]);
});

test("a mistake of the text is shown in the program's source", () => {
  const kernel = "3x3";
  const [mistake] = mistakes(
    () => cnn`
      model M {
        input image: f32[1, 8, 8]
        conv(${`${kernel}`.length}, 3x3) -> misplaced -> maxpool(
        output y
      }`,
  );
  const line = own.slice(0, own.indexOf("-> misplaced -> maxpool(\n")).split("\n").length;
  expect(mistake?.name).toBe("unclosed-bracket");
  expect(mistake?.span?.file).toBe(here);
  expect(mistake?.notes[0]?.position?.line).toBe(line);
  expect(own.slice(0, mistake?.notes[0]?.span?.end)).toMatch(/ -> misplaced -> maxpool\($/);
  expect(mistake?.notes[0]?.frame).toContain(`${line} |         conv(`);
});

test("a mistake of the meaning is shown in the program's source, in the template that holds it", () => {
  const part = cnn`block Part(channels) { conv(channels, 3x3) -> maxpol(2) }`;
  const model = cnn`${part} model M { input image: f32[1, 8, 8] Part(${4}) output y }`;
  const [mistake] = mistakes(() => graphOf(model));
  expect(mistake?.name).toBe("unknown-name");
  expect(mistake && pointedAt(mistake)).toBe("maxpol");
  expect(mistake?.frame).toContain("const part = cnn`block Part(channels)");
});

test("messages show interpolations as such, never the names that stand for them", () => {
  const [mistake] = mistakes(() => cnn`model M { conv(3x${4}) }`);
  expect(mistake?.message).toContain(`$\{…}`);
  expect(mistake?.message).not.toMatch(/_0/);
});

test("where the source cannot be found, lines count from the template's own", () => {
  const blind = templateTag(() => undefined);
  const [mistake] = mistakes(
    () => blind`model M {
      input image: f32[${1}, 8, 8]
      conv(4, 3x3 -> relu
    }`,
  );
  expect(mistake?.span?.file).toMatch(/^cnn`…` at .*template\.test\.ts:\d+$/);
  expect(mistake?.notes[0]?.position).toEqual({ line: 3, column: 11 });
  expect(mistake?.notes[0]?.frame).toContain("3 |       conv(4, 3x3 -> relu");
});

test("a source is read once for each template", () => {
  let reads = 0;
  const counting = templateTag(() => {
    reads++;
    return undefined;
  });
  const make = (n: number) => counting`block B { conv(${n}, 3x3) }`;
  expect([make(1), make(2)].map(print)).toEqual([
    "block B { conv(1, 3x3) }\n",
    "block B { conv(2, 3x3) }\n",
  ]);
  expect(reads).toBe(1);
});

test("a template is found behind its tag, whatever its interpolations hold", () => {
  const source = [
    "const a = `x`; // a `comment`",
    "const b = cnn`x`;\r",
    `const c = cnn\`p $\{ { a: '}\`', b: \`in $\{\`deep\`} }\` } /* } \` */ } q\r`,
    `r $\{1}\`;`,
  ].join("\n");
  const second = source.indexOf("cnn`x`");
  expect(findTemplate(source, ["x"], second)).toEqual({
    start: second + 4,
    holes: [],
    end: second + 5,
  });
  const third = findTemplate(source, ["p ", " q\nr ", ""], 0);
  expect(third?.holes.map(({ start, end }) => source.slice(start, end))).toEqual([
    `$\{ { a: '}\`', b: \`in $\{\`deep\`} }\` } /* } \` */ }`,
    `$\{1}`,
  ]);
  expect(findTemplate(source, ["absent"], 0)).toBeUndefined();
});

test("stages inside stages inside stages end at a limit", () => {
  const nest = (): unknown => {
    let inner = cnn`relu`;
    for (let depth = 0; depth < 100; depth++) inner = cnn`residual { ${inner} }`;
    return inner;
  };
  expect(mistakes(nest)[0]?.name).toBe("too-many-open-brackets");
});
