import type { HandedTensors, SourceFile, Statement } from "../ast.js";
import { type Data, describeData } from "../data-syntax.js";

/** What a template gives: the tree of a file, or of stages that another template takes in. */
export interface CnnSource extends SourceFile {
  /** The statements of a template without `block` or `model`; its `items` are the blocks they need. */
  readonly fragment?: Fragment;
}

/** Statements, and how deep their brackets are nested. */
export interface Fragment {
  readonly statements: readonly Statement[];
  readonly depth: number;
}

/** What may be interpolated: data, other templates, and tensors behind `weights`. */
export type Interpolation = Data | CnnSource | HandedTensors;

export const isCnnSource = (value: unknown): value is CnnSource =>
  typeof value === "object" && value !== null && "items" in value && "comments" in value;

/** Whether a value is a record of tensors, each with as many elements as its shape. */
export function isTensors(value: unknown): value is HandedTensors {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return false;
  return !isCnnSource(value) && Object.values(value).every(isTensor);
}

function isTensor(value: unknown): boolean {
  if (typeof value !== "object" || value === null) return false;
  if (!("dtype" in value) || !("shape" in value) || !("data" in value)) return false;
  const { dtype, shape, data } = value;
  if (typeof dtype !== "string" || !Array.isArray(shape) || !ArrayBuffer.isView(data)) return false;
  const size = shape.reduce((product: number, n: unknown) => product * Number(n), 1);
  return "length" in data && data.length === size;
}

/** What an interpolated value is called in a message. */
export function describeInterpolation(value: unknown): string {
  if (isCnnSource(value)) return value.fragment ? "a template of stages" : "a template of blocks";
  const isRecord = typeof value === "object" && value !== null && Object.keys(value).length > 0;
  return isRecord && isTensors(value) ? "a record of tensors" : describeData(value);
}
