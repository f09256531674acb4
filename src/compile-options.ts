import type { Form, TargetName } from "./codegen/package/declarations.js";
import type { WeightsPrecision } from "./codegen/plan/plan.js";
import { nearest } from "./diagnostics/nearest.js";
import type { Report } from "./diagnostics/report.js";
import type { Level } from "./passes/pipeline.js";
import type { InitialisationKind } from "./weights/initialise.js";
import { elementBytes, type Tensor } from "./weights/store.js";

/** What the caller of the compiler may ask for. Unknown keys are errors. */
export interface CompileOptions {
  /** What kernels are compiled to: WebAssembly unless told. */
  readonly target?: TargetName | undefined;
  /** How the module is delivered: a `.wasm` and a weights file beside it unless told. */
  readonly form?: Form | undefined;
  /** Images a run; 1 unless told. */
  readonly batch?: number | undefined;
  /** Which model of the file, where it has several. */
  readonly model?: string | undefined;
  /** Values of the model's parameters. */
  readonly set?: Readonly<Record<string, number | boolean | string>> | undefined;
  /** A `.safetensors` file, or tensors by parameter path; instead of what the model names. */
  readonly weights?: string | Readonly<Record<string, Tensor>> | undefined;
  /** Inputs whose value is fixed when compiling. */
  readonly constants?: Readonly<Record<string, Tensor>> | undefined;
  /** Sizes of inputs that the model leaves open. */
  readonly shapes?: Readonly<Record<string, readonly number[]>> | undefined;
  /** Seeded values instead of weights. */
  readonly init?: { readonly kind: InitialisationKind; readonly seed: number } | undefined;
  /** 0 as written, 1 exact rewrites, 2 (unless told) also those that are granted. */
  readonly level?: Level | undefined;
  /** How far each layer's result may move for rewrites that approximate, relative to its size: 0.01 is 1 %. */
  readonly tolerance?: number | undefined;
  /**
   * Examples that approximating rewrites are fitted to and measured on: a folder, or one image's or one run's
   * inputs each. Every fourth is only measured on.
   */
  readonly calibrate?: string | Iterable<Readonly<Record<string, Float32Array>>> | undefined;
  /** Whether weights are searched for structure however long that takes; else costly layers are left out. */
  readonly search?: boolean | undefined;
  /** The last pass to run. */
  readonly stopAfter?: string | undefined;
  /** Passes to leave out. */
  readonly disable?: readonly string[] | undefined;
  /** Only the first so many rewrites are made. */
  readonly maxRewrites?: number | undefined;
  /** Passes after which the graph is printed into the report. */
  readonly printAfter?: readonly string[] | undefined;
  /** Checks the graph after each pass. */
  readonly verifyEach?: boolean | undefined;
  /** `off`: convolutions are never computed by Winograd's algorithm. */
  readonly winograd?: "off" | undefined;
  /**
   * A file of times that `cnnc tune` measured: algorithms are chosen by them. Unless told it is `NAME.tune.json`
   * beside the model's file, where there is one; `false` leaves that out.
   */
  readonly tune?: string | false | undefined;
  /** How the weights file stores numbers: `f16` halves it and rounds them to IEEE halves; f32 unless told. */
  readonly weightsPrecision?: WeightsPrecision | undefined;
  /** Whether a second `.wasm` with fused multiply-adds is made, which `load` takes where it can: on for `files` unless told. */
  readonly relaxed?: "on" | "off" | undefined;
  /** Whether a Darknet model's detection heads give decoded boxes instead of what arrives at them. */
  readonly decode?: boolean | undefined;
  /** The folder that relative paths of a text start from; the working folder unless told. */
  readonly base?: string | undefined;
  /** Files that the model names stay under this folder. */
  readonly root?: string | undefined;
}

interface Rule {
  readonly wanted: string;
  holds(value: unknown): boolean;
}

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

const whole = (from: number): Rule => ({
  wanted: `a whole number from ${from}`,
  holds: (value) => Number.isSafeInteger(value) && Number(value) >= from,
});

const oneOf = (...choices: readonly (string | number)[]): Rule => ({
  wanted: choices
    .map((choice) => JSON.stringify(choice))
    .join(", ")
    .replace(/, (\S+)$/, " or $1"),
  holds: (value) => choices.some((choice) => choice === value),
});

const text: Rule = {
  wanted: "a string that is not empty",
  holds: (value) => typeof value === "string" && value !== "",
};

const texts: Rule = {
  wanted: "a list of strings",
  holds: (value) => Array.isArray(value) && value.every((item) => typeof item === "string"),
};

const recordOf = (wanted: string, holds: (value: unknown) => boolean): Rule => ({
  wanted,
  holds: (value) => isRecord(value) && Object.values(value).every(holds),
});

const isShape = (value: unknown): boolean =>
  Array.isArray(value) && value.every((n) => Number.isSafeInteger(n) && n >= 0);

const isTensor = (value: unknown): boolean => {
  if (!isRecord(value) || !Array.isArray(value.shape) || !ArrayBuffer.isView(value.data))
    return false;
  if (!value.shape.every((n) => Number.isSafeInteger(n) && n >= 0)) return false;
  const { data, shape } = value;
  const size = shape.reduce((product: number, n: number) => product * n, 1);
  return typeof value.dtype === "string" && "length" in data && data.length === size;
};

/** Whether a value is tensors by name, of known element types, each with as many elements as its shape. */
export const isTensors = (value: unknown): value is Readonly<Record<string, Tensor>> =>
  isRecord(value) &&
  Object.values(value).every(
    (tensor) =>
      isTensor(tensor) && isRecord(tensor) && Object.hasOwn(elementBytes, String(tensor.dtype)),
  );

const tensors = recordOf(
  "tensors { dtype, shape, data } by name, each with as many elements as its shape",
  isTensor,
);

const rules: { readonly [K in keyof CompileOptions]-?: Rule } = {
  target: oneOf("wasm", "ts"),
  form: oneOf("files", "inline", "module"),
  batch: whole(1),
  model: text,
  set: recordOf("numbers, booleans or strings by parameter", (value) =>
    ["number", "boolean", "string"].includes(typeof value),
  ),
  weights: {
    wanted: `a path, or ${tensors.wanted}`,
    holds: (value) => text.holds(value) || tensors.holds(value),
  },
  constants: tensors,
  shapes: recordOf("lists of whole numbers from 0 by input", isShape),
  init: {
    wanted: '{ kind: "he" or "zeros", seed: a whole number from 0 }',
    holds: (value) =>
      isRecord(value) && oneOf("he", "zeros").holds(value.kind) && whole(0).holds(value.seed),
  },
  level: oneOf(0, 1, 2),
  tolerance: {
    wanted: "a number greater than 0",
    holds: (value) => typeof value === "number" && value > 0 && Number.isFinite(value),
  },
  calibrate: {
    wanted: "a folder, or an iterable of inputs",
    holds: (value) =>
      text.holds(value) ||
      (typeof value === "object" && value !== null && Symbol.iterator in value),
  },
  stopAfter: text,
  disable: texts,
  maxRewrites: whole(0),
  printAfter: texts,
  search: { wanted: "true or false", holds: (value) => typeof value === "boolean" },
  verifyEach: { wanted: "true or false", holds: (value) => typeof value === "boolean" },
  winograd: oneOf("off"),
  tune: {
    wanted: "a path, or false",
    holds: (value) => value === false || text.holds(value),
  },
  weightsPrecision: oneOf("f32", "f16"),
  relaxed: oneOf("on", "off"),
  decode: { wanted: "true or false", holds: (value) => typeof value === "boolean" },
  base: text,
  root: text,
};

/** Reports options that are unknown, have a wrong value, or exclude each other. */
export function checkOptions(options: CompileOptions, report: Report): void {
  const known = Object.keys(rules);
  for (const [name, value] of Object.entries(options)) {
    if (!Object.hasOwn(rules, name)) {
      report.add("unknown-option", { name, known, nearest: nearest(name, known) });
    } else if (value !== undefined) {
      const { wanted, holds } = rules[name as keyof CompileOptions];
      if (!holds(value)) report.add("option-value", { name, wanted, has: printValue(value) });
    }
  }
  if (options.weights !== undefined && options.init !== undefined) {
    const why = "one gives the weights, the other replaces them";
    report.add("options-conflict", { first: "weights", second: "init", why });
  }
  if (options.target === "ts" && options.form === "module") {
    report.add("target-has-no-form", { form: "module", target: "ts" });
  }
  if (options.target === "ts" && options.relaxed === "on") {
    const why = "only WebAssembly has fused multiply-adds";
    report.add("options-conflict", { first: 'relaxed "on"', second: 'target "ts"', why });
  }
}

function printValue(value: unknown): string {
  if (typeof value === "string") return JSON.stringify(value);
  if (Array.isArray(value)) return "a list with other things";
  return typeof value === "object" && value !== null
    ? "an object with other things"
    : String(value);
}
