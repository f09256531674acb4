/** One flag of the command line. */
export interface Flag {
  /** What its value is called in help; undefined for flags that take none. */
  readonly value?: string;
  readonly short?: string;
  /** Whether it may be given more than once. */
  readonly many?: boolean;
  readonly help: string;
}

/** Every flag of every command, by name. */
export const flags = {
  target: { value: "wasm|ts", help: "what kernels are compiled to (wasm)" },
  form: { value: "files|inline|module", help: "how the module is delivered (files)" },
  batch: { value: "N", help: "images a run (1)" },
  model: { value: "NAME", help: "which model of the file" },
  set: { value: "NAME=VALUE", many: true, help: "a parameter of the model" },
  weights: { value: "FILE", help: "a .safetensors file instead of the model's own" },
  init: { value: "he|zeros", help: "seeded values instead of weights" },
  seed: { value: "N", help: "the seed of --init (0)" },
  shape: { value: "NAME=1,3,H,W", many: true, help: "the size of an input that is left open" },
  constant: { value: "NAME=FILE.npy", many: true, help: "an input that is fixed when compiling" },
  level: { value: "0|1|2", help: "0 as written, 1 exact rewrites, 2 also granted ones (2)" },
  tolerance: { value: "X", help: "how far rewrites that approximate may move results" },
  calibrate: { value: "DIR", help: "inputs that rewrites are measured on: DIR/INPUT/*" },
  "stop-after": { value: "PASS", help: "the last pass to run" },
  disable: { value: "PASS", many: true, help: "a pass to leave out" },
  search: { help: "search all weights for structure, however long it takes" },
  "max-rewrites": { value: "N", help: "only the first N rewrites are made" },
  "verify-each": { help: "check the graph after each pass" },
  tune: { value: "FILE|off", help: "times that cnnc tune measured (NAME.tune.json, if there)" },
  winograd: { value: "off", help: "never use Winograd's algorithm" },
  "weights-precision": {
    value: "f32|f16",
    help: "f16 halves the weights file, rounding them (f32)",
  },
  relaxed: { value: "on|off", help: "a second .wasm with fused multiply-adds (on for files)" },
  decode: { help: "boxes instead of the raw heads of a Darknet model" },
  root: { value: "DIR", help: "files that the model names stay under DIR" },
  out: { value: "DIR", short: "o", help: "the folder or file to write" },
  input: { value: "[NAME=]FILE", many: true, help: ".npy, .png or .jpg; in the model's order" },
  output: { value: "DIR", help: "write each output as NAME.npy" },
  top: { value: "K", help: "how many of the highest values are shown (5)" },
  threads: { value: "N", help: "threads to use at most (1)" },
  json: { help: "print JSON" },
  check: { help: "only tell which files are not formatted" },
  emit: { value: "STAGE", help: "summary params ast graph plan loops wat ts dot svg (summary)" },
  "print-after": { value: "PASS", many: true, help: "print the graph after a pass" },
  passes: { help: "print what each pass did" },
  vs: { value: "RUNTIME", help: "compare with another runtime" },
  "per-layer": { help: "time each layer" },
  to: { value: "onnx|pytorch", help: "the format to write" },
  separate: { value: "PATH", many: true, help: "a layer to make depth-wise and point-wise" },
  stack: { value: "PATH", many: true, help: "a layer to make a stack of 3x3 kernels" },
  spatial: { help: "--separate makes a column and a row of the kernel instead" },
  granted: { help: "write the trained model with the rewrites that it is granted" },
  exact: { help: "write the trained model with the exact rewrites that are found" },
  watch: { help: "go on when files change" },
  help: { short: "h", help: "show this help" },
  version: { help: "show the version" },
} as const satisfies Readonly<Record<string, Flag>>;

export type FlagName = keyof typeof flags;

/** A flag's description, whichever flag it is. */
export const flagOf = (name: FlagName): Flag => flags[name];

/** Flags of every command that reads a model with its weights. */
export const modelFlags: readonly FlagName[] = [
  "batch",
  "model",
  "set",
  "weights",
  "init",
  "seed",
  "shape",
  "constant",
  "decode",
  "root",
];

/** Flags of every command that compiles. */
export const compileFlags: readonly FlagName[] = [
  "target",
  ...modelFlags,
  "level",
  "tolerance",
  "calibrate",
  "stop-after",
  "disable",
  "search",
  "max-rewrites",
  "verify-each",
  "winograd",
  "tune",
  "weights-precision",
  "relaxed",
];
