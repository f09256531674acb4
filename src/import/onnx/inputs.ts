import type { Report } from "../../diagnostics/report.js";
import { build } from "../../ir/build.js";
import type { Value } from "../../ir/graph.js";
import { printShape } from "../../ir/ops/check.js";
import { ShapeError } from "../../ir/ops/operator.js";
import { sizeOf } from "../../ir/types.js";
import type { GraphMessage, ValueInfoMessage } from "../../onnx/messages.js";
import type { ImportContext } from "../imported.js";
import { computed, type Item, isFloat, knownNumbers, knownTensor } from "./item.js";
import { elementTypeOf, printElementType } from "./tensor.js";

/** An input with what it is: given when compiling, or on every run. */
export interface ReadInput {
  readonly name: string;
  readonly item: Item;
  /** What the caller gives on every run; undefined for what is given when compiling. */
  readonly value?: Value | undefined;
}

/** A shape as the model tells it: names and `?` where it leaves sizes open. */
const printOpen = (shape: ValueInfoMessage["shape"]): string =>
  shape ? `[${shape.map(({ size, name }) => size ?? (name || "?")).join(",")}]` : "any";

/** Whether a size is told: old models write -1 for those that are not. */
const isTold = (size: number | undefined): size is number => size !== undefined && size >= 0;

/** Reads what a graph takes. Sizes that are missing or do not fit are reported, all of them. */
export function readInputs(
  graph: GraphMessage,
  context: ImportContext,
  isInitialized: (name: string) => boolean,
  report: Report,
): ReadInput[] {
  checkNames(graph, context, isInitialized, report);
  const seen = new Set<string>();
  return graph.inputs.flatMap((info) => {
    const { name } = info;
    if (seen.has(name)) {
      const problems = [`the input ${JSON.stringify(name)} is listed twice`];
      report.add("onnx-graph-malformed", { file: context.path, problems });
      return [];
    }
    seen.add(name);
    const read = isInitialized(name) ? undefined : readInput(info, context, report);
    return read ? [{ name, ...read }] : [];
  });
}

/** Options may name inputs only, constants also initializers. */
function checkNames(
  graph: GraphMessage,
  { shapes, constants = {} }: ImportContext,
  isInitialized: (name: string) => boolean,
  report: Report,
): void {
  const inputs = graph.inputs.map(({ name }) => name);
  const known = inputs.filter((name) => !isInitialized(name));
  for (const name of Object.keys(shapes)) {
    if (!known.includes(name)) {
      report.add("input-unknown", { name, known });
    }
  }
  const initializers = new Set(graph.initializers.map(({ name }) => name));
  for (const name of Object.keys(constants)) {
    if (!inputs.includes(name) && !initializers.has(name)) {
      report.add("input-unknown", { name, known });
    }
  }
}

function readInput(
  info: ValueInfoMessage,
  context: ImportContext,
  report: Report,
): Omit<ReadInput, "name"> | undefined {
  const { name, elementType } = info;
  const { constants = {} } = context;
  const constant = Object.hasOwn(constants, name) ? constants[name] : undefined;
  if (constant) {
    if (fits(info.shape, constant.shape)) {
      return { item: knownTensor({ ...constant, read: () => constant }) };
    }
    if (info.shape?.length === 0 && constant.data.length === 1) {
      const scalar = { ...constant, shape: [] };
      return { item: knownTensor({ ...scalar, read: () => scalar }) };
    }
    const problem = `the constant has the shape ${printShape(constant.shape)}, the input ${printOpen(info.shape)}`;
    report.add("constant-unfit", { input: name, problem });
    return undefined;
  }
  const dtype = elementTypeOf(elementType);
  if (!info.isTensor || !dtype || !(isFloat(dtype) || dtype === "uint8")) {
    const type = info.isTensor ? printElementType(elementType) : "no tensor";
    report.add("onnx-input-type", { file: context.path, input: name, type });
    return undefined;
  }
  const shape = shapeOf(info, context, report);
  if (!shape) return undefined;
  try {
    const type = { element: dtype === "uint8" ? ("u8" as const) : ("f32" as const), shape };
    const value = build("input", {}, { name, type }, { name });
    const isEmpty = sizeOf(shape) === 0;
    return { value, item: isEmpty ? knownNumbers(dtype, shape, []) : computed(value, dtype) };
  } catch (error) {
    if (!(error instanceof ShapeError)) throw error;
    const { code, details, hint }: ShapeError = error;
    const notes = [{ message: `in the input ${JSON.stringify(name)}` }];
    report.add(code, details, { hint, notes });
    return undefined;
  }
}

const fits = (told: ValueInfoMessage["shape"], shape: readonly number[]): boolean =>
  !told ||
  (told.length === shape.length &&
    told.every(({ size }, axis) => !isTold(size) || size === shape[axis]));

/** An input's shape: as asked where the model leaves it open; a first axis without a size is the batch. */
function shapeOf(
  { name, shape }: ValueInfoMessage,
  { path, shapes, batch }: ImportContext,
  report: Report,
): readonly number[] | undefined {
  const asked = Object.hasOwn(shapes, name) ? shapes[name] : undefined;
  if (asked) {
    if (fits(shape, asked)) return asked;
    if (shape?.length === 0 && asked.every((size) => size === 1)) return [];
    const details = { input: name, shape: printOpen(shape), asked: printShape(asked) };
    report.add("shape-is-fixed", details);
    return undefined;
  }
  const sizes = shape?.map(({ size }, axis) =>
    isTold(size) ? size : axis === 0 ? (batch ?? 1) : undefined,
  );
  const known = sizes?.filter((size) => size !== undefined) ?? [];
  if (!sizes || known.length < sizes.length) {
    report.add("onnx-open-shape", { file: path, input: name, shape: printOpen(shape) });
    return undefined;
  }
  if (batch !== undefined && isTold(shape?.[0]?.size) && shape[0].size !== batch) {
    report.add("onnx-batch-fixed", { input: name, shape: printOpen(shape), batch });
    return undefined;
  }
  return known;
}
