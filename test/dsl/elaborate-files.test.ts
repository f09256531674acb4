import { describe, expect, test } from "vitest";
import { Report } from "../../src/diagnostics/report.js";
import { elaborateFile, parametersOf } from "../../src/dsl/elaborate.js";
import { isUnder, normalise, resolvePath } from "../../src/dsl/file-paths.js";

function load(files: Record<string, string | Uint8Array>, root?: string, entry = "net/main.cnn") {
  const report = new Report();
  const map = new Map(Object.entries(files));
  const read = (path: string): Uint8Array | undefined => {
    const content = map.get(path);
    return typeof content === "string" ? new TextEncoder().encode(content) : content;
  };
  const result = elaborateFile(entry, { read, root }, report);
  return { result, diagnostics: report.diagnostics };
}

const names = (loaded: ReturnType<typeof load>): string[] =>
  loaded.diagnostics.map(({ name }) => name);

const model = (body: string, imports = ""): string =>
  `${imports} model M { input x: f32[2, 3, 3] ${body} output y }`;

describe("imports", () => {
  test("bring a file's blocks and consts, which see their own file's names", () => {
    const { result, diagnostics } = load({
      "net/main.cnn": model("B conv(base, 1x1)", 'import "lib/b.cnn"'),
      "net/lib/b.cnn": 'import "c.cnn" const base = two * 3 block B { conv(base + two, 1x1) }',
      "net/lib/c.cnn": "const two = 2",
    });
    expect(diagnostics).toEqual([]);
    expect(parametersOf(result!.graph)).toEqual({
      "0.0.weight": [8, 2, 1, 1],
      "0.0.bias": [8],
      "1.weight": [6, 8, 1, 1],
      "1.bias": [6],
    });
  });

  test("are not handed on", () => {
    const loaded = load({
      "net/main.cnn": model("conv(two, 1x1)", 'import "b.cnn"'),
      "net/b.cnn": 'import "c.cnn"',
      "net/c.cnn": "const two = 2",
    });
    expect(names(loaded)).toEqual(["unknown-name"]);
  });

  test("of one file by two ways are one file", () => {
    const loaded = load({
      "net/main.cnn": model("B C", 'import "b.cnn" import "c.cnn" import "./b.cnn"'),
      "net/b.cnn": 'import "d.cnn" block B { conv(k, 1x1) }',
      "net/c.cnn": 'import "d.cnn" block C { conv(k, 1x1) }',
      "net/d.cnn": "const k = 3",
    });
    expect(names(loaded)).toEqual([]);
  });

  test("may go up as far as the root", () => {
    const files = {
      "net/main.cnn": model("B", 'import "../lib.cnn"'),
      "lib.cnn": "block B { relu }",
    };
    expect(names(load(files, "."))).toEqual([]);
    expect(names(load(files))).toEqual(["file-outside-root"]);
    expect(names(load(files, "net"))).toEqual(["file-outside-root"]);
  });

  test.each([
    ["/etc/passwd"],
    ["../../x.cnn"],
    ["a/../../../x.cnn"],
    ["..\\\\..\\\\x.cnn"],
    ["C:/x.cnn"],
  ])("%s is outside of it", (path) => {
    expect(names(load({ "net/main.cnn": model("relu", `import "${path}"`) }, "."))).toEqual([
      "file-outside-root",
    ]);
  });

  test("with a zero in their path are not looked for", () => {
    const zero = load({ "net/main.cnn": model("relu", 'import "x\\u0000.cnn"') }, ".");
    expect(names(zero)).toEqual(["file-unreadable"]);
  });

  test("that are missing, or no text, are errors at the import", () => {
    const missing = load({ "net/main.cnn": model("relu", 'import "b.cnn"') });
    expect(names(missing)).toEqual(["file-not-found"]);
    expect(missing.diagnostics[0]?.span).toMatchObject({ file: "net/main.cnn", start: 7 });
    const bytes = Uint8Array.of(0x61, 0xc3, 0xa4, 0xff, 0x61);
    const bad = load({ "net/main.cnn": model("relu", 'import "b.cnn"'), "net/b.cnn": bytes });
    expect(names(bad)).toEqual(["invalid-utf8"]);
    expect(bad.diagnostics[0]?.message).toContain("byte 3 is 0xff");
  });

  test("in a circle are an error that shows it", () => {
    const loaded = load({
      "net/main.cnn": model("relu", 'import "b.cnn"'),
      "net/b.cnn": 'import "c.cnn"',
      "net/c.cnn": 'import "b.cnn"',
    });
    expect(names(loaded)).toEqual(["import-cycle"]);
    expect(loaded.diagnostics[0]?.message).toContain("net/b.cnn -> net/c.cnn -> net/b.cnn");
    expect(names(load({ "net/main.cnn": model("relu", 'import "main.cnn"') }))).toEqual([
      "import-cycle",
    ]);
  });

  test("that bring a name twice are errors that show both", () => {
    const loaded = load({
      "net/main.cnn": model("B", 'import "b.cnn" import "c.cnn"'),
      "net/b.cnn": "block B { relu }",
      "net/c.cnn": "block B { tanh }",
    });
    expect(names(loaded)).toEqual(["name-taken"]);
    expect(loaded.diagnostics[0]?.notes.map(({ span }) => span?.file)).toEqual([
      "net/b.cnn",
      "net/c.cnn",
    ]);
    const own = load({
      "net/main.cnn": model("B", 'import "b.cnn" block B { tanh }'),
      "net/b.cnn": "block B { relu }",
    });
    expect(names(own)).toEqual(["name-taken"]);
  });

  test("with mistakes show them in their own file", () => {
    const loaded = load({
      "net/main.cnn": model("B", 'import "b.cnn"'),
      "net/b.cnn": "block B { conv(2, 9x9, pad=0) }",
    });
    expect(
      loaded.diagnostics.map(({ name, span, notes }) => [name, span?.file, notes[0]?.span?.file]),
    ).toEqual([["kernel-larger-than-input", "net/b.cnn", "net/main.cnn"]]);
  });
});

test("a missing entry file is an error", () => {
  expect(names(load({}))).toEqual(["file-not-found"]);
});

describe("paths as text", () => {
  test.each([
    ["a/./b//c/../d", "a/b/d"],
    ["../a/../../b", "../../b"],
    ["/a/../../b", "/b"],
    ["a/..", "."],
    ["C:\\a\\..\\b", "C:/b"],
  ])("%s is %s", (path, normal) => {
    expect(normalise(path)).toBe(normal);
  });

  test("absolute paths stand for themselves", () => {
    expect(resolvePath("a/b", "/c")).toBe("/c");
    expect(resolvePath("a/b", "../c")).toBe("a/c");
  });

  test("a folder whose name begins like the root's is not under it", () => {
    expect(isUnder("/root", "/root/a")).toBe(true);
    expect(isUnder("/root", "/rooted/a")).toBe(false);
    expect(isUnder("/", "/a")).toBe(true);
    expect(isUnder(".", "a")).toBe(true);
    expect(isUnder(".", "../a")).toBe(false);
    expect(isUnder(".", "/a")).toBe(false);
  });
});
