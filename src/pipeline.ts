import { resolve } from "node:path";
import { checkMemory } from "./bind-model.js";
import { reservedNames } from "./codegen/package/loader.js";
import type { Code } from "./codegen/package/package.js";
import { isWorked, predictNodeMs } from "./codegen/plan/choose-algorithm.js";
import { beyondHalves } from "./codegen/plan/half.js";
import { type Plan, planGraph } from "./codegen/plan/index.js";
import { storeHalves } from "./codegen/plan/store-halves.js";
import { readTuned, type TunedTimes, tunedFor, unusedEntries } from "./codegen/plan/tuned-times.js";
import { type KernelTarget, typescriptTarget, wasmTarget } from "./codegen/target.js";
import { emitTypescript } from "./codegen/typescript/module.js";
import { emitWasm } from "./codegen/wasm/module.js";
import type { CompileOptions } from "./compile-options.js";
import { InternalError, type Report } from "./diagnostics/report.js";
import type { SourceFile } from "./dsl/ast.js";
import { decodeText } from "./dsl/decode.js";
import { elaborate, elaborateFile, elaborateText } from "./dsl/elaborate.js";
import { normalise } from "./dsl/file-paths.js";
import { maxSourceBytes } from "./dsl/limits.js";
import { parse } from "./dsl/parse.js";
import { FileReader } from "./files.js";
import { formatOf } from "./formats.js";
import { importModel } from "./import-model.js";
import { constantOf } from "./ir/build.js";
import type { Grant, Graph, Node } from "./ir/graph.js";
import { graphOf } from "./ir/order.js";
import { mapGraph } from "./ir/rewrite.js";
import { sameShape } from "./ir/types.js";
import type { Calibration } from "./passes/calibration.js";
import { type PassResults, runPasses } from "./passes/run.js";
import { type ReadModel, rootOf, type Source, unnamedIn } from "./source.js";
import { printShape, toFloat32 } from "./weights/store.js";

export { bindModel } from "./bind-model.js";
export { type ReadModel, rootOf, type Source } from "./source.js";

/** The model as a graph of parameters, and the files it names. Throws when the source has errors. */
export function elaborateSource(
  source: Source,
  options: CompileOptions,
  report: Report,
): ReadModel {
  const format = source.kind === "file" ? formatOf(source.path) : undefined;
  if (options.decode !== undefined && !format?.hasHeads) report.add("decode-without-heads", {});
  report.throwIfErrors();
  if (source.kind === "graph") return { graph: source.graph, models: [source.graph.name] };
  if (format && source.kind === "file") {
    const imported = importModel(source.path, format, options, report);
    return format.fixesInputs ? imported : withInputsFixed(imported, options, report);
  }
  const root = rootOf(source, options);
  const files = new FileReader(report, root);
  const read = (path: string) => files.readText(path, maxSourceBytes + 4);
  const { model, set, batch } = options;
  const inside = { read, root, model, set, batch };
  const elaborated =
    source.kind === "file"
      ? elaborateFile(resolve(source.path), inside, report)
      : source.kind === "text"
        ? elaborateText(source.text, unnamedIn(source, options), inside, report)
        : elaborate({ ...source.tree, file: unnamedIn(source, options) }, inside, report);
  report.throwIfErrors();
  if (!elaborated) throw new InternalError("the model was not expanded and nothing says why");
  return withInputsFixed(elaborated, options, report);
}

/** The model with inputs as the options ask. Throws when they ask for what cannot be. */
function withInputsFixed<T extends ReadModel>(
  model: T,
  options: CompileOptions,
  report: Report,
): T {
  const graph = withShapes(model.graph, options, report);
  report.throwIfErrors();
  return { ...model, graph: withConstants(graph, options, report) };
}

/** The syntax tree of a file; undefined when there is none. Imports are not followed. */
export function readSource(
  path: string,
  options: CompileOptions,
  report: Report,
): SourceFile | undefined {
  const file = normalise(resolve(path));
  const files = new FileReader(report, rootOf({ kind: "file", path }, options));
  const bytes = files.readText(file, maxSourceBytes + 4);
  if (!bytes) {
    if (!report.hasErrors) report.add("file-not-found", { path });
    return undefined;
  }
  const text = decodeText(bytes);
  if (typeof text === "string") return parse(file, text, report);
  report.add("invalid-utf8", text, { span: { file, start: 0, end: 0 } });
  return undefined;
}

/** The graph after the passes of the level, with what each of them did. */
export function optimise(
  graph: Graph,
  options: CompileOptions,
  report: Report,
  calibration?: Calibration,
): PassResults {
  const { level = 2, disable, stopAfter, printAfter, maxRewrites, verifyEach, search } = options;
  const choices = { level, disable, stopAfter, printAfter, maxRewrites, verifyEach, search };
  const granted = withGrants(graph, options);
  const predictMs = predictionFor(granted, options);
  const results = runPasses(granted, { ...choices, predictMs, calibration, report });
  report.throwIfErrors();
  return results;
}

/** Milliseconds that nodes are predicted to take on the target that the options name. */
export function predictionFor(graph: Graph, options: CompileOptions): (node: Node) => number {
  const [target, roundMore] = [targetOf(options), mayRoundMore(graph, options)];
  return (node) => predictNodeMs(node, target, roundMore);
}

const targetOf = ({ target }: CompileOptions): KernelTarget =>
  target === "ts" ? typescriptTarget : wasmTarget;

/** Whether algorithms may be taken that round more than the sums as they are written. */
export const mayRoundMore = ({ grants }: Graph, { level }: CompileOptions): boolean =>
  level !== 0 && !grants.some(({ kind }) => kind === "winograd");

/** The graph with every choice made for the target; `source` tells where measured times may lie. */
export function planModel(
  graph: Graph,
  options: CompileOptions,
  report: Report,
  source?: Source,
): Plan {
  const machine = targetOf(options);
  const tuned = readTimes(graph, machine.name, options, report, source);
  report.throwIfErrors();
  const plan = planGraph(graph, machine, {
    roundMore: mayRoundMore(graph, options),
    ...(tuned ? { measured: (node) => tunedFor(tuned, node) } : {}),
  });
  checkMemory(graph, plan.module.memoryBytes, report);
  if (options.weightsPrecision === "f16") checkHalves(plan, report);
  report.throwIfErrors();
  return options.weightsPrecision === "f16" ? storeHalves(plan) : plan;
}

/** The most bytes of a file of measured times. */
const maxTuneBytes = 16_000_000;

/** The file of measured times that belongs to a model's: beside it, `NAME.tune.json`. */
export const tuneFileOf = (path: string): string => `${path.replace(/\.[a-z]+$/i, "")}.tune.json`;

/** The measured times that a build uses: those of the option, else those beside the model's file. */
function readTimes(
  graph: Graph,
  target: Plan["target"]["name"],
  options: CompileOptions,
  report: Report,
  source?: Source,
): TunedTimes | undefined {
  const { tune, base = "." } = options;
  if (tune === false) return undefined;
  const isNamed = tune !== undefined;
  if (!isNamed && source?.kind !== "file") return undefined;
  const given = isNamed ? tune : source?.kind === "file" ? tuneFileOf(source.path) : "";
  const path = isNamed && source?.kind !== "file" ? resolve(base, given) : resolve(given);
  const bytes = new FileReader(report).read(path, maxTuneBytes);
  if (!bytes) {
    if (isNamed && !report.hasErrors) report.add("file-not-found", { path: given });
    return undefined;
  }
  const times = readTuned(bytes, given, target, report);
  const all = times?.layers.size ?? 0;
  const unused = times ? unusedEntries(times, graph.nodes.filter(isWorked)) : 0;
  if (unused > 0) report.add("tune-unused", { file: given, unused, all });
  return times;
}

/** Reports weights that are too large for IEEE halves, one number a layer. */
function checkHalves({ weights }: Plan, report: Report): void {
  for (const { label, data } of weights) {
    const value = beyondHalves(data);
    if (value !== undefined) report.add("weight-beyond-half", { weights: label, value });
  }
}

/** Kernels of relaxed SIMD are made for modules whose `.wasm` is chosen when they are loaded. */
const wantsRelaxed = ({ relaxed, form = "files" }: CompileOptions): boolean =>
  relaxed === "on" || (relaxed === undefined && form === "files");

/** The plan's kernels in the target's language. */
export async function emitCode(plan: Plan, options: CompileOptions): Promise<Code> {
  const { module } = plan;
  if (plan.target.name === "wasm") {
    const bytes = await emitWasm(module);
    if (!wantsRelaxed(options)) return { target: "wasm", bytes };
    return { target: "wasm", bytes, relaxed: await emitWasm(module, { relaxed: true }) };
  }
  return { target: "ts", ...(await emitTypescript(plan.module, { reserved: reservedNames() })) };
}

/** The graph with what options grant and forbid, behind its own lines. */
export function withGrants(
  graph: Graph,
  { winograd, tolerance, calibrate }: CompileOptions,
): Graph {
  const added: Grant[] = [];
  if (winograd !== undefined) added.push({ kind: "winograd", path: "", value: winograd });
  for (const kind of ["separate", "stack", "prune"] as const) {
    const whole = { kind, path: "", within: tolerance, option: "tolerance" };
    if (tolerance !== undefined) added.push(whole);
  }
  if (calibrate !== undefined) {
    const value = typeof calibrate === "string" ? calibrate : "examples";
    added.push({ kind: "calibrate", path: "", value, option: "calibrate" });
  }
  return added.length > 0 ? { ...graph, grants: [...graph.grants, ...added] } : graph;
}

/** The inputs that options name, which must be the graph's. */
function checkInputs(graph: Graph, names: readonly string[], report: Report): void {
  const known = graph.inputs.map(({ name }) => name);
  for (const name of names) if (!known.includes(name)) report.add("input-unknown", { name, known });
}

function withShapes(graph: Graph, { shapes = {} }: CompileOptions, report: Report): Graph {
  checkInputs(graph, Object.keys(shapes), report);
  for (const { name, value } of graph.inputs) {
    const asked = Object.hasOwn(shapes, name) ? shapes[name] : undefined;
    const { shape } = value.type;
    if (asked && !sameShape(asked, shape)) {
      const details = { input: name, shape: printShape(shape), asked: printShape(asked) };
      report.add("shape-is-fixed", details);
    }
  }
  return graph;
}

function withConstants(graph: Graph, { constants = {} }: CompileOptions, report: Report): Graph {
  const names = Object.keys(constants);
  if (names.length === 0) return graph;
  checkInputs(graph, names, report);
  for (const { name, value } of graph.inputs) {
    const tensor = Object.hasOwn(constants, name) ? constants[name] : undefined;
    if (!tensor || (value.type.element === "f32" && sameShape(tensor.shape, value.type.shape)))
      continue;
    const { element, shape } = value.type;
    const shapes = `the constant has the shape ${printShape(tensor.shape)}, the input ${printShape(shape)}`;
    const problem = element === "f32" ? shapes : "only inputs of f32 can be, and it is of u8";
    report.add("constant-unfit", { input: name, problem });
  }
  report.throwIfErrors();
  const bound = mapGraph(graph, (node) => {
    if (node.op !== "input" || !names.includes(node.attrs.name)) return undefined;
    const tensor = constants[node.attrs.name]!;
    return constantOf(tensor.shape, toFloat32(tensor), "literal", { name: node.attrs.name });
  });
  return graphOf({ ...bound, inputs: bound.inputs.filter(({ name }) => !names.includes(name)) });
}
