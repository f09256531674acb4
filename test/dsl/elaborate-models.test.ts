import { describe, expect, test } from "vitest";
import { parametersOf } from "../../src/dsl/elaborate.js";
import { parseLabels } from "../../src/dsl/labels.js";
import { evaluate } from "../../src/ir/evaluate.js";
import { printGraph } from "../../src/ir/print.js";
import { expand, expanded, modelOf, namesOf, problemsOf } from "../support/expand.js";

const two = `
model Small(width = 1.0, classes = 10, wide = false, mode = "nearest", kernel = 3x3) {
  input x: f32[3, 4, 4]
  conv(floor(8 * width), kernel) -> upsample(2, mode=mode)
  if wide { conv(64, 1x1) }
  gap -> flatten -> linear(classes)
  output y
}
model Large { input x: f32[3, 4, 4] output y }`;

const small = (set: Record<string, number | boolean | string>) =>
  expand(two, { model: "Small", set });

describe("which model", () => {
  test("the only one needs no picking", () => {
    expect(expanded("model Only { input x: f32[1] output y }").graph.name).toBe("Only");
  });

  test("one of several is picked by name", () => {
    expect(expanded(two, { model: "Large" }).graph.name).toBe("Large");
    expect(expanded(two, { model: "Large" }).models).toEqual(["Small", "Large"]);
  });

  test.each([
    [two, {}, "several-models", "'Small' and 'Large'"],
    [two, { model: "Largo" }, "unknown-model", "did you mean 'Large'?"],
    ["block B { relu }", {}, "no-model", "model.cnn"],
  ])("otherwise an error says what there is", (text, options, name, part) => {
    const [first, ...more] = expand(text, options).diagnostics;
    expect(more).toEqual([]);
    expect(first?.name).toBe(name);
    expect(`${first?.message} ${first?.hint}`).toContain(part);
  });
});

describe("parameters set from outside", () => {
  test("numbers, bools, strings and sizes", () => {
    const set = { width: 0.5, classes: 7, wide: true, kernel: "5x3" };
    expect(parametersOf(small(set).result!.graph)).toEqual({
      "0.weight": [4, 3, 5, 3],
      "0.bias": [4],
      "2.weight": [64, 4, 1, 1],
      "2.bias": [64],
      "5.weight": [7, 64],
      "5.bias": [7],
    });
  });

  test("text is read as the default's type", () => {
    const set = { width: "0.5", classes: "7", wide: "false", mode: "bilinear", kernel: 1 };
    const { graph } = small(set).result!;
    expect(parametersOf(graph)["0.weight"]).toEqual([4, 3, 1, 1]);
    expect(printGraph(graph)).toContain("mode=bilinear");
  });

  test.each([
    [{ classes: 7.5 }, "an int"],
    [{ classes: "many" }, "an int"],
    [{ classes: true }, "an int"],
    [{ width: "wide" }, "a number"],
    [{ width: Number.NaN }, "a number"],
    [{ wide: 1 }, "true or false"],
    [{ mode: 1 }, "a string"],
    [{ kernel: "3y3" }, "a size"],
  ])("%j is of the wrong type", (set, wanted) => {
    const { diagnostics } = small(set);
    expect(diagnostics.map(({ name }) => name)).toEqual(["wrong-setting-type"]);
    expect(diagnostics[0]?.message).toContain(wanted);
  });

  test("unknown names are errors with what was meant, the object's own included", () => {
    const { diagnostics } = small({ with: 1, constructor: 2 });
    expect(diagnostics.map(({ name }) => name)).toEqual([
      "unknown-model-parameter",
      "unknown-model-parameter",
    ]);
    expect(diagnostics[0]?.hint).toBe("did you mean 'width'?");
  });

  test("a parameter without a default must be set", () => {
    const text = "model M(n) { input x: f32[n] output y }";
    expect(namesOf(text)).toEqual(["model-parameter-unset"]);
    expect(expanded(text, { set: { n: 3 } }).graph.inputs[0]?.value.type.shape).toEqual([1, 3]);
  });

  test("a default may use earlier parameters and consts of the file", () => {
    const text = "const k = 2 model M(a = 3, b = a * k) { input x: f32[b] output y }";
    expect(expanded(text, { set: { a: 5 } }).graph.inputs[0]?.value.type.shape).toEqual([1, 10]);
  });
});

test("the batch stands in front of every shape, and facts leave it out", () => {
  const text = modelOf("flatten -> linear(3) assert macs == 360 and params == 363");
  const { graph } = expanded(text, { batch: 5 });
  expect(printGraph(graph).split("\n")).toEqual([
    "graph M(@x: f32[5,4,6,5])",
    "%0 = reshape(@x) : f32[5,120]  // 0",
    "%1 = linear(%0, @1.weight, @1.bias) : f32[5,3]  // 1",
    "return y=%1",
  ]);
});

describe("inputs", () => {
  test("keep their names, and are reached by the name after as", () => {
    const text = `model M { input in as first: f32[2, 3, 3] input "a b" as second: f32[2, 3, 3]
      add(first, second) output residual }`;
    const { graph } = expanded(text);
    expect(graph.inputs.map(({ name }) => name)).toEqual(["in", "a b"]);
    expect(graph.outputs.map(({ name }) => name)).toEqual(["residual"]);
  });

  test("pictures have default settings, other shapes none", () => {
    const image = (type: string) =>
      expanded(`model M { input x: ${type} output y }`).graph.inputs[0]?.image;
    expect(image("f32[3, 4, 5]")).toEqual({
      mean: [0, 0, 0],
      std: [1, 1, 1],
      range: [0, 1],
      order: "rgb",
      resize: "stretch",
    });
    expect(image("f32[1, 4, 5]")?.mean).toEqual([0]);
    expect(image("f32[2, 4, 5]")).toBeUndefined();
    expect(image("f32[3]")).toBeUndefined();
  });

  test("settings say how a picture becomes the input", () => {
    const text = `model M { input x: f32[3, 4, 5] {
      mean = [0.25, 0.5, 0.75], std = 0.5, range = [-1, 1], order = bgr, resize = contain } output y }`;
    expect(expanded(text).graph.inputs[0]?.image).toEqual({
      mean: [0.25, 0.5, 0.75],
      std: [0.5, 0.5, 0.5],
      range: [-1, 1],
      order: "bgr",
      resize: "contain",
    });
  });

  test("bytes become numbers in the graph, as the settings say", () => {
    const text = `model M { input x: u8[3, 1, 2] {
      mean = [0.25, 0.5, 0.75], std = [0.5, 0.25, 2], range = [-1, 3], order = bgr } output y }`;
    const { graph } = expanded(text);
    const bytes = [0, 255, 51, 102, 153, 204];
    const data = evaluate(graph, new Map([["x", Float32Array.from(bytes)]])).get("y")?.data;
    const expected = bytes.map((byte, i) => {
      const [mean, std] = [
        [0.25, 0.5],
        [0.5, 0.25],
        [0.75, 2],
      ][Math.floor(i / 2)] as [number, number];
      return (-1 + (byte / 255) * 4 - mean) / std;
    });
    for (const [i, value] of expected.entries()) expect(data?.[i]).toBeCloseTo(value, 4);
    expect(graph.inputs[0]?.value.type.element).toBe("u8");
    expect(graph.inputs[0]?.image).toEqual({
      mean: [0, 0, 0],
      std: [1, 1, 1],
      range: [0, 255],
      order: "bgr",
      resize: "stretch",
    });
  });

  test("bytes of any shape may have mean, std and range", () => {
    const text = "model M { input x: u8[2] { mean = 0.5 } output y }";
    expect(printGraph(expanded(text).graph)).toContain("cast(@x)");
  });
});

describe("asserts", () => {
  test("facts hold for the whole model, wherever the assert stands", () => {
    expect(problemsOf("assert params == 20 and macs == 480 conv(4, 1x1)")).toEqual([]);
  });

  test("running statistics are no parameters", () => {
    expect(problemsOf("bn assert params == 8")).toEqual([]);
  });

  test("a failed one shows both sides", () => {
    const { diagnostics } = expand(modelOf("conv(90, 11x11) assert params == 61_707 and 1 == 1"));
    expect(diagnostics.map(({ message }) => message)).toEqual([
      "params == 61_707 does not hold: the left side is 43_650, the right side 61_707",
    ]);
  });

  test("shape takes a value, a label, a path or a string", () => {
    const body = "let v = gap a: { b: conv(2, 1x1) -> maxpool(2) } relu";
    expect(
      problemsOf(
        `${body} assert shape(v) == [4, 1, 1] and shape(a.b) == [2, 6, 5]
         assert shape("a.0") == [2, 3, 2] and shape(a) == shape(it) and shape("1") == [2, 3, 2]`,
      ),
    ).toEqual(["unused-result"]);
  });

  test("a path starts at the scope it is written in", () => {
    const block = "block B { a: conv(2, 1x1) assert shape(a) == [2, 6, 5] }";
    expect(problemsOf("B", block)).toEqual([]);
    expect(problemsOf("B assert shape(a) == [2]", block)).toEqual(["unknown-path"]);
  });

  test("an assert sees the names of its place, not later ones", () => {
    const text = "const n = 1 { assert n == 1 const n = 2 assert n == 2 relu }";
    expect(problemsOf(text)).toEqual([]);
  });
});

describe("optimize", () => {
  test("its lines become grants with absolute paths", () => {
    const block =
      "block B { a: conv(2, 3x3) optimize { separate(a, within=1e-3) prune(within=0) } }";
    const text = modelOf(
      `l: B b: { B }
       optimize { stack("b.0.a", within=0.5); calibrate("pictures") verify(within=2)
                  winograd(off) precision(int8) separate(l.a, within=0.1) }`,
      block,
    );
    const grants = expanded(text).graph.grants.map(({ span, ...grant }) => grant);
    expect(grants).toEqual([
      { kind: "separate", path: "l.a", within: 1e-3 },
      { kind: "prune", path: "l", within: 0 },
      { kind: "separate", path: "b.0.a", within: 1e-3 },
      { kind: "prune", path: "b.0", within: 0 },
      { kind: "stack", path: "b.0.a", within: 0.5 },
      { kind: "calibrate", path: "", value: "pictures" },
      { kind: "verify", path: "", within: 2 },
      { kind: "winograd", path: "", value: "off" },
      { kind: "precision", path: "", value: "int8" },
      { kind: "separate", path: "l.a", within: 0.1 },
    ]);
  });

  test.each([
    ["separate(b, within=1)", "unknown-path"],
    ["separate(a)", "missing-argument"],
    ["separate(a, 0.1, 3)", "too-many-arguments"],
    ["separat(a, 0.1)", "unknown-grant"],
    ["winograd(on)", "wrong-argument"],
    ["verify(within=-1)", "wrong-argument"],
    ["3", "wrong-value"],
    ['calibrate("../elsewhere")', "file-outside-root"],
  ])("%s is refused", (line, name) => {
    expect(problemsOf(`a: conv(2, 3x3) optimize { ${line} }`)).toEqual([name]);
  });
});

describe("weights and labels", () => {
  test("files are relative to the source file", () => {
    const text = `model M { weights "w/a.safetensors" labels "../l.txt" input x: f32[1] output y }`;
    const options = { root: "." };
    const { result } = expand(text, options);
    expect(result?.weights).toBeUndefined();
    const inner = text.replace("../l.txt", "./l.txt");
    expect(expanded(inner, options).weights?.path).toBe("w/a.safetensors");
    expect(expanded(inner, options).labels?.path).toBe("l.txt");
  });

  test("labels may be written as a list", () => {
    const text = `const all = ["a", "b"] model M { labels ["no", "yes"] input x: f32[2] output y }`;
    expect(expanded(text).graph.labels).toEqual(["no", "yes"]);
    expect(expanded(text).labels).toBeUndefined();
  });

  test("a labels file has one label a line", () => {
    expect(parseLabels("\uFEFFcat\r\n dog \n\nowl\n\n")).toEqual(["cat", "dog", "", "owl"]);
  });

  test("weights may stand in an if of the model, not in a block", () => {
    const text = `model M(p = true) { if p { weights "a" } input x: f32[1] output y }`;
    expect(expanded(text).weights?.path).toBe("a");
    expect(problemsOf("B", 'block B { weights "a" }')).toEqual(["statement-misplaced"]);
  });
});

describe("results that nothing uses", () => {
  test("are warned of where they end", () => {
    const { result, diagnostics } = expand(modelOf("let a = conv(8, 3x3) -> relu tanh"));
    expect(diagnostics.map(({ name, severity }) => [name, severity])).toEqual([
      ["unused-result", "warning"],
    ]);
    expect(result).toBeDefined();
  });
});
