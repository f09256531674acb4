import type { Report } from "../../diagnostics/report.js";
import { sizeOf } from "../../ir/types.js";
import {
  elementBytes,
  halfToNumber,
  type StoredTensor,
  type Tensor,
  viewData,
} from "../../weights/store.js";
import type { ImportContext } from "../imported.js";
import { type Json, JsonError } from "./json.js";

/** Numbers of the file that stand for others: `stored · scale + min`, or IEEE halves. */
interface Quantisation {
  readonly dtype: "uint8" | "uint16" | "float16";
  readonly scale: number;
  readonly min: number;
}

/** An entry of the manifest. */
interface Entry {
  readonly name: string;
  readonly shape: readonly number[];
  readonly dtype: "float32" | "int32" | "bool" | "uint8" | "float16";
  readonly quantisation: Quantisation | undefined;
}

const dataTypes = ["float32", "int32", "bool", "uint8", "float16"] as const;

/** The most elements of a tensor in a file. */
const maxElements = 2 ** 31;

function readEntry(json: Json): Entry {
  const name = json.at("name").text();
  const shape = json.at("shape").wholes();
  if (sizeOf(shape) > maxElements || shape.length > 6) {
    throw new JsonError(json.at("shape").place, "a tensor has at most 6 axes and 2³¹ elements");
  }
  const dtype = json.at("dtype").choice(dataTypes);
  const quantisation = json.at("quantization");
  if (quantisation.isMissing) return { name, shape, dtype, quantisation: undefined };
  const stored = quantisation.at("dtype").choice(["uint8", "uint16", "float16"] as const);
  const isHalf = stored === "float16";
  const scale = quantisation.at("scale").number(isHalf ? 1 : undefined);
  const min = quantisation.at("min").number(isHalf ? 0 : undefined);
  return { name, shape, dtype, quantisation: { dtype: stored, scale, min } };
}

/** Tensors by the names that the manifest has for them. */
export type Weights = ReadonlyMap<string, StoredTensor>;

/**
 * The tensors of a weights manifest: groups of files, whose bytes one behind another are the group's tensors one
 * behind another, to the byte. Where no file of any group is there, there are no tensors.
 */
export function readWeights(manifest: Json, context: ImportContext, report: Report): Weights {
  const weights = new Map<string, StoredTensor>();
  if (manifest.isMissing) return weights;
  const groups = manifest.items().map((group) => ({
    paths: group
      .at("paths")
      .items()
      .map((path) => path.text()),
    entries: group.at("weights").items().map(readEntry),
  }));
  const files = new Map(
    groups.flatMap(({ paths }) => paths).map((path) => [path, context.read(path)] as const),
  );
  const missing = [...files].flatMap(([path, bytes]) => (bytes ? [] : [path]));
  if (missing.length === files.size) return weights;
  for (const path of missing) report.add("file-not-found", { path });
  report.throwIfErrors();
  for (const { paths, entries } of groups) {
    addGroup(
      weights,
      entries,
      paths.map((path) => files.get(path)!),
      { paths, report },
    );
  }
  return weights;
}

function addGroup(
  weights: Map<string, StoredTensor>,
  entries: readonly Entry[],
  parts: readonly Uint8Array[],
  { paths, report }: { readonly paths: readonly string[]; readonly report: Report },
): void {
  const has = parts.reduce((sum, part) => sum + part.length, 0);
  const bytesOf = ({ shape, dtype, quantisation }: Entry) =>
    sizeOf(shape) * elementBytes[quantisation?.dtype ?? dtype];
  const wanted = entries.reduce((sum, entry) => sum + bytesOf(entry), 0);
  if (wanted !== has) {
    const file = paths.length === 1 ? paths[0]! : `${paths[0]} and ${paths.length - 1} more`;
    report.add("tfjs-weights-size", { file, tensors: entries.length, wanted, has });
    return;
  }
  let at = 0;
  for (const entry of entries) {
    const from = at;
    at += bytesOf(entry);
    const to = at;
    weights.set(
      entry.name.replace(/:0$/, ""),
      stored(entry, () => bytesBetween(parts, from, to)),
    );
  }
}

/** Bytes of several parts one behind another; a view where they lie in one. */
function bytesBetween(parts: readonly Uint8Array[], from: number, to: number): Uint8Array {
  let start = 0;
  const pieces: Uint8Array[] = [];
  for (const part of parts) {
    const [first, last] = [Math.max(from, start), Math.min(to, start + part.length)];
    if (first < last) pieces.push(part.subarray(first - start, last - start));
    start += part.length;
  }
  if (pieces.length === 1) return pieces[0]!;
  const joined = new Uint8Array(to - from);
  let at = 0;
  for (const piece of pieces) {
    joined.set(piece, at);
    at += piece.length;
  }
  return joined;
}

function stored({ shape, dtype, quantisation }: Entry, bytes: () => Uint8Array): StoredTensor {
  const count = sizeOf(shape);
  if (!quantisation) {
    const read = (): Tensor => ({ dtype, shape, data: viewData(dtype, bytes(), count) });
    return { dtype, shape, read };
  }
  const read = (): Tensor => {
    const raw = viewData(quantisation.dtype, bytes(), count);
    const decode = decoderOf(quantisation, dtype === "int32");
    return {
      dtype: "float32",
      shape,
      data: Float32Array.from({ length: count }, (_, i) => decode(Number(raw[i]))),
    };
  };
  return { dtype: dtype === "int32" ? "int32" : "float32", shape, read };
}

function decoderOf({ dtype, scale, min }: Quantisation, isWhole: boolean): (x: number) => number {
  if (dtype === "float16") return halfToNumber;
  return isWhole ? (x) => Math.round(x * scale + min) : (x) => x * scale + min;
}
