import ts from "typescript";
import { expect, test } from "vitest";
import {
  advance,
  and,
  convert,
  erf,
  exp,
  FunctionBuilder,
  f32,
  gt,
  load,
  lt,
  mul,
  mulAdd,
  nearest,
  pmax,
  pow,
  rem,
  select,
  sub,
} from "../../../src/codegen/loops/build.js";
import { simplifyModule } from "../../../src/codegen/loops/simplify.js";
import type { LoopFunction, LoopModule } from "../../../src/codegen/loops/types.js";
import { emitTypescript } from "../../../src/codegen/typescript/module.js";
import { randomModule } from "../loops/programs.js";

function moduleOf(kernel: LoopFunction, comment = "conv1 (conv2d)"): LoopModule {
  const values = kernel.params.map((_, i) => ({ kind: "address" as const, bytes: 64 * i }));
  return {
    functions: [kernel],
    prepare: [],
    schedule: [{ function: kernel.name, arguments: values, comment }],
    memoryBytes: 65536,
  };
}

/** What the compiler says of a text under the strictest settings and the ES2022 library. */
function complaints(text: string): string[] {
  const options: ts.CompilerOptions = {
    strict: true,
    noUncheckedIndexedAccess: true,
    exactOptionalPropertyTypes: true,
    noUnusedLocals: true,
    noUnusedParameters: true,
    noImplicitReturns: true,
    lib: ["lib.es2022.d.ts"],
    target: ts.ScriptTarget.ES2022,
    module: ts.ModuleKind.ESNext,
    types: [],
    noEmit: true,
  };
  const host = ts.createCompilerHost(options);
  const original = host.getSourceFile.bind(host);
  host.getSourceFile = (name, languageVersion, onError, shouldCreate) =>
    name === "kernels.ts"
      ? ts.createSourceFile(name, text, languageVersion)
      : original(name, languageVersion, onError, shouldCreate);
  const program = ts.createProgram(["kernels.ts"], options, host);
  return ts
    .getPreEmitDiagnostics(program)
    .map(({ messageText }) => ts.flattenDiagnosticMessageText(messageText, " "));
}

const sample = (): LoopFunction => {
  const f = new FunctionBuilder("delete", "y = b + x · w, 16");
  const [x, w, y, u] = [
    f.param("x", "floats"),
    f.param("m", "floats"),
    f.param("class", "floats"),
    f.param("u", "bytes"),
  ];
  const acc = f.let("acc", f32(0.5));
  const b = f.let("b", w);
  f.remark("the inner loop");
  f.for("a", x, advance(x, 16), 1, (a) => {
    f.set(acc, mulAdd(load("f32", a), load("f32", b), acc));
    f.set(b, advance(b, 4));
  });
  f.for("i", 0, 7, 2, (i) => {
    const z = f.let("z", advance(y, i, 3));
    f.if(
      and(lt(i, 4), gt(i, 1)),
      () => f.store(z, 2, mul(acc, mul(acc, sub(acc, mul(acc, -2))))),
      () => f.store(u, 1, rem(i, 3)),
    );
  });
  f.if(lt(acc, 0), () => f.set(acc, pmax(acc, -1)));
  f.store(y, 8, select(lt(acc, 0), pow(exp(acc), 0.3), nearest(erf(acc))));
  f.store(y, 9, convert("convert", "f32", load("i32", u, 7)));
  return f.done();
};

test("a kernel reads like a program that a person wrote", async () => {
  const { kernels, usesBytes } = await emitTypescript(moduleOf(sample()));
  expect(usesBytes).toBe(true);
  expect(kernels.slice(kernels.indexOf("/** y = b"))).toBe(`/** y = b + x · w, 16 */
function delete_(m: Float32Array, u8: Uint8Array, x: number, m_2: number, class_: number, u: number): void {
    let acc = 0.5;
    let b = m_2;
    // the inner loop
    for (let a = x, aEnd = x + 16; a < aEnd; a++) {
        acc = m[a]! * m[b]! + acc;
        b += 4;
    }
    for (let i = 0; i < 7; i += 2) {
        const z = class_ + i * 3;
        if (i < 4 && i > 1) {
            m[z + 2] = acc * (acc * (acc - acc * -2));
        }
        else {
            u8[u + 1] = (i % 3) | 0;
        }
    }
    if (acc < 0) {
        acc = acc < -1 ? -1 : acc;
    }
    m[class_ + 8] = acc < 0 ? Math.pow(Math.exp(acc), 0.3) : nearest(erf(acc));
    m[class_ + 9] = u8[u + 7]!;
}

/** One inference over memory: every kernel in order. */
function run(m: Float32Array, u8: Uint8Array): void {
    // conv1 (conv2d)
    delete_(m, u8, 0, 16, 32, 192);
}
`);
});

test("emitted text type-checks under strict settings with nothing but ES2022", async () => {
  const seeds = Array.from({ length: 12 }, (_, n) =>
    Array.from({ length: 200 }, (_, i) => Math.floor(Math.abs(Math.sin(i * 13 + n * 71)) * 1e6)),
  );
  const modules = await Promise.all([
    emitTypescript(moduleOf(sample())),
    ...seeds.map((list) => emitTypescript(simplifyModule(randomModule(list, false)))),
  ]);
  const scopes = modules.map(
    ({ kernels }, n) => `export const k${n}: unknown = (() => {\n${kernels}\nreturn run;\n})();`,
  );
  expect(complaints(scopes.join("\n"))).toEqual([]);
});

test("equal loops give equal text", async () => {
  expect(await emitTypescript(moduleOf(sample()))).toEqual(
    await emitTypescript(moduleOf(sample())),
  );
});

test("a module without bytes takes one view, and names that are reserved stay free", async () => {
  const f = new FunctionBuilder("load", "");
  f.store(f.param("x", "floats"), 0, f32(1));
  const { kernels, usesBytes } = await emitTypescript(moduleOf(f.done()), { reserved: ["load"] });
  expect(usesBytes).toBe(false);
  expect(kernels).toContain("function load_2(m: Float32Array, x: number): void");
  expect(kernels).toContain("function run(m: Float32Array): void");
});

test.each([
  "*/ globalThis.broken = true; /*",
  "a\n*/globalThis.broken = true;//",
  "\u2028globalThis.broken = true;",
  "\\u000aglobalThis.broken = true",
  "</script><script>globalThis.broken = true",
  // biome-ignore lint/suspicious/noTemplateCurlyInString: what a model may hold
  "${globalThis.broken = true}",
])("a comment from a model does nothing: %s", async (text) => {
  const f = new FunctionBuilder("k", text);
  f.remark(text);
  f.store(f.param("x", "floats"), 0, f32(1));
  const { kernels } = await emitTypescript(moduleOf(f.done(), text));
  const compilerOptions = { target: ts.ScriptTarget.ES2022 };
  const script = ts.transpileModule(kernels, { compilerOptions, reportDiagnostics: true });
  expect(script.diagnostics).toEqual([]);
  new Function("m", `${script.outputText}; run(m);`)(new Float32Array(16));
  expect("broken" in globalThis).toBe(false);
  expect(kernels).not.toContain("</script");
});

test("a kernel of vectors has no TypeScript", async () => {
  const f = new FunctionBuilder("k", "");
  const x = f.param("x", "floats");
  f.store(x, 0, load("f32x4", x));
  await expect(emitTypescript(moduleOf(f.done()))).rejects.toThrow(/one lane|f32x4/);
});
