import { CompileError, Report } from "../../../src/diagnostics/report.js";
import type { ImportContext, Imported } from "../../../src/import/imported.js";
import { readTfjs } from "../../../src/import/tfjs/read-tfjs.js";
import { evaluate, type InputData } from "../../../src/ir/evaluate.js";
import type { Dense } from "../../../src/ir/ops/operator.js";
import { bindParameters } from "../../../src/passes/bind-parameters.js";

/** A tensor of a weights file with its numbers as they are stored. */
export interface Stored {
  readonly shape: readonly number[];
  readonly data: Float32Array | Int32Array | Uint8Array | Uint16Array;
  readonly quantization?: object;
  readonly dtype?: string;
}

export const floats = (shape: readonly number[], data: ArrayLike<number>): Stored => ({
  shape,
  data: Float32Array.from(data),
});

export const ints = (...data: number[]): Stored => ({
  shape: [data.length],
  data: Int32Array.from(data),
  dtype: "int32",
});

export type Files = Readonly<Record<string, Uint8Array>>;

/** Tensors one behind another in files of the sizes; the last one takes the rest. */
export function manifestOf(
  tensors: Readonly<Record<string, Stored>>,
  sizes: readonly number[] = [],
): { readonly manifest: object; readonly files: Files } {
  const entries = Object.entries(tensors);
  const bytes = Buffer.concat(
    entries.map(([, { data }]) => Buffer.from(data.buffer, data.byteOffset, data.byteLength)),
  );
  const files: Record<string, Uint8Array> = {};
  let at = 0;
  for (const [index, size] of [...sizes, bytes.length].entries()) {
    files[`part${index}.bin`] = new Uint8Array(bytes.subarray(at, at + size));
    at += size;
  }
  const weights = entries.map(([name, { shape, quantization, dtype = "float32" }]) => ({
    name,
    shape,
    dtype,
    ...(quantization ? { quantization } : {}),
  }));
  return { manifest: [{ paths: Object.keys(files), weights }], files };
}

/** A layer of Keras. */
export const layer = (type: string, name: string, config: object = {}) => ({
  class_name: type,
  config: { name, ...config },
});

/** A sequential model over an input of the shape, which is `in`. */
export const sequential = (shape: readonly (number | null)[], ...layers: object[]) => ({
  class_name: "Sequential",
  config: {
    name: "m",
    layers: [layer("InputLayer", "in", { batch_input_shape: shape }), ...layers],
  },
});

/** A node of a graph; attributes as the file has them. */
export const node = (name: string, op: string, input: string[] = [], attr: object = {}) => ({
  name,
  op,
  input,
  attr,
});

export const texts = (...list: string[]) => ({
  list: { s: list.map((text) => Buffer.from(text).toString("base64")) },
});
export const text = (value: string) => ({ s: Buffer.from(value).toString("base64") });
export const whole = (value: number) => ({ i: String(value) });
export const wholes = (...values: number[]) => ({ list: { i: values.map(String) } });

export const placeholder = (name: string, ...sizes: number[]) =>
  node(name, "Placeholder", [], {
    shape: { shape: { dim: sizes.map((size) => ({ size: String(size) })) } },
  });

export interface Surroundings extends Partial<Pick<ImportContext, "batch" | "shapes" | "weights">> {
  readonly tensors?: Readonly<Record<string, Stored>>;
  readonly sizes?: readonly number[];
}

/** Reads a model of layers or, from a list of nodes, of a graph. */
export function read(
  topology: object,
  { tensors = {}, sizes, batch, shapes = {}, weights }: Surroundings = {},
  report = new Report(),
): Imported {
  const { manifest, files } = manifestOf(tensors, sizes);
  const modelTopology = Array.isArray(topology) ? { node: topology } : topology;
  const hasWeights = Object.keys(tensors).length > 0;
  const model = { modelTopology, weightsManifest: hasWeights ? manifest : [] };
  return readBytes(new TextEncoder().encode(JSON.stringify(model)), files, report, {
    batch,
    shapes,
    weights,
  });
}

export function readBytes(
  bytes: Uint8Array,
  files: Files,
  report = new Report(),
  rest: Partial<ImportContext> = {},
): Imported {
  const context: ImportContext = {
    path: "net/model.json",
    read: (path) => (Object.hasOwn(files, path) ? files[path] : undefined),
    shapes: {},
    batch: undefined,
    ...rest,
  };
  return readTfjs(bytes, context, report);
}

/** What a model makes of its inputs, in their order; parameters that have no tensor are an error. */
export function run(
  topology: object,
  data: readonly InputData[],
  surroundings: Surroundings = {},
): ReadonlyMap<string, Dense> {
  const report = new Report();
  const { graph, tensors } = read(topology, surroundings, report);
  const source = { kind: "store", store: tensors, name: "weights" } as const;
  const bound = bindParameters(graph, source, report);
  report.throwIfErrors();
  return evaluate(bound, new Map(graph.inputs.map(({ name }, at) => [name, data[at]!])));
}

/** The only output. */
export function only(topology: object, data: InputData, surroundings: Surroundings = {}): Dense {
  const [output, ...more] = [...run(topology, [data], surroundings).values()];
  if (!output || more.length > 0) throw new Error("the model does not have one output");
  return output;
}

/** What is said of a model that cannot be read. */
export function said(topology: object, surroundings: Surroundings = {}): string {
  try {
    read(topology, surroundings);
  } catch (error) {
    if (error instanceof CompileError) return error.message;
    throw error;
  }
  return "";
}
