import { pictureOf } from "../codegen/package/facts.js";
import { CompileError, Report } from "../diagnostics/report.js";
import { FileReader } from "../files.js";
import { decodePicture, type Picture } from "../image/picture.js";
import type { Graph, GraphInput } from "../ir/graph.js";
import { sameShape } from "../ir/types.js";
import { readNpy } from "../weights/npy.js";
import { printShape } from "../weights/store.js";

/** What a model is run on: arrays and pictures by input. */
export type Feeds = Readonly<Record<string, Float32Array | Uint8Array | Picture>>;

/** The most bytes of an input file. */
const maxBytes = 2 ** 30;

/** Reads `[NAME=]FILE` arguments. Throws a CompileError that lists everything that is wrong. */
export async function readInputs(graph: Graph, given: readonly string[]): Promise<Feeds> {
  const report = new Report();
  const files = matchInputs(graph, given, report);
  const feeds: Record<string, Float32Array | Uint8Array | Picture> = {};
  for (const [input, file] of files) {
    const read = await readInput(input, file, report);
    if (read) Object.defineProperty(feeds, input.name, { value: read, enumerable: true });
  }
  if (report.hasErrors) throw new CompileError(report.diagnostics);
  return feeds;
}

/** Which file is whose: by name where there is one, the others in the model's order. */
function matchInputs(
  { inputs }: Graph,
  given: readonly string[],
  report: Report,
): Map<GraphInput, string> {
  const files = new Map<GraphInput, string>();
  const known = inputs.map(({ name }) => name);
  const unnamed: string[] = [];
  for (const argument of given) {
    const named = inputs.find(({ name }) => argument.startsWith(`${name}=`));
    const file = named ? argument.slice(named.name.length + 1) : argument;
    const [, name] = /^([^/\\=]+)=/.exec(argument) ?? [];
    if (named && files.has(named)) report.add("input-given-twice", { name: named.name, file });
    else if (named) files.set(named, file);
    else if (name !== undefined) report.add("input-unknown", { name, known });
    else unnamed.push(argument);
  }
  const free = inputs.filter((input) => !files.has(input));
  for (const [i, file] of unnamed.entries()) {
    const input = free[i];
    if (input) files.set(input, file);
    else report.add("inputs-too-many", { file, known });
  }
  const missing = inputs.filter((input) => !files.has(input)).map(({ name }) => name);
  if (missing.length > 0 && !report.hasErrors) report.add("inputs-missing", { names: missing });
  return files;
}

async function readInput(
  input: GraphInput,
  file: string,
  report: Report,
): Promise<Float32Array | Uint8Array | Picture | undefined> {
  const before = report.diagnostics.length;
  const bytes = new FileReader(report).read(file, maxBytes);
  if (!bytes) {
    if (report.diagnostics.length === before) report.add("file-not-found", { path: file });
    return undefined;
  }
  const isNpy = bytes[0] === 0x93 && bytes[1] === 0x4e;
  if (isNpy || file.endsWith(".npy")) return readTensor(input, file, bytes, report);
  const { name, value } = input;
  const [images = 1] = value.type.shape;
  if (!pictureOf(input)) {
    report.add("input-not-a-picture", { file, name, shape: printShape(value.type.shape.slice(1)) });
  } else if (images !== 1) report.add("input-batch-of-pictures", { file, name, images });
  else return decodePicture(file, bytes, report);
  return undefined;
}

/** A tensor of the input's type, with the batch axis or without. */
function readTensor(
  { name, value }: GraphInput,
  file: string,
  bytes: Uint8Array,
  report: Report,
): Float32Array | Uint8Array | undefined {
  const tensor = readNpy(bytes, { file, report });
  if (!tensor) return undefined;
  const { shape, element } = value.type;
  const wanted = element === "u8" ? "uint8" : "float32";
  const { data, dtype } = tensor;
  const isOne = shape[0] === 1 && sameShape(tensor.shape, shape.slice(1));
  if (!isOne && !sameShape(tensor.shape, shape)) {
    const has = printShape(tensor.shape);
    const one = shape[0] === 1 ? `${printShape(shape.slice(1))} or ` : "";
    report.add("input-shape", { file, name, wanted: `${one}${printShape(shape)}`, has });
  } else if (dtype !== wanted || !(data instanceof Float32Array || data instanceof Uint8Array)) {
    report.add("input-dtype", { file, name, wanted, has: dtype });
  } else return data;
  return undefined;
}
