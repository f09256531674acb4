import { classifiedOutput, type ModelFacts, type TensorFacts, takesPictures } from "./facts.js";
import { commentName, propertyKey, quote } from "./literal.js";

/** How the module's halves come to it. */
export type Form = "files" | "inline" | "module";

/** What can be compiled to. */
export type TargetName = "wasm" | "ts";

const arrayOf = ({ dtype }: TensorFacts): string =>
  dtype === "uint8" ? "Uint8Array" : "Float32Array";

/** `float32 [1, 3, 224, 224], 150528 values`. */
export const printTensor = ({ dtype, shape, size }: TensorFacts): string =>
  `${dtype} [${shape.join(", ")}], ${size} ${size === 1 ? "value" : "values"}`;

function inputType(tensor: TensorFacts): string {
  if (!tensor.picture) return arrayOf(tensor);
  return tensor.shape[0] === 1
    ? `${arrayOf(tensor)} | Picture`
    : `${arrayOf(tensor)} | readonly Picture[]`;
}

function inputDoc(tensor: TensorFacts): string {
  if (!tensor.picture) return printTensor(tensor);
  const count = tensor.shape[0] === 1 ? "a picture" : `${tensor.shape[0]} pictures`;
  return `${printTensor(tensor)}; or ${count} of any size`;
}

const property = (name: string, type: string, doc: string): string =>
  `  /** ${doc} */\n  readonly ${propertyKey(name)}: ${type};\n`;

const info = ({ name, shape, dtype, layout }: TensorFacts): string =>
  `    readonly ${propertyKey(name)}: { readonly shape: readonly [${shape.join(", ")}]; ` +
  `readonly dtype: ${quote(dtype)}; readonly layout: ${quote(layout)} };\n`;

const names = (tensors: readonly TensorFacts[]): string =>
  `readonly [${tensors.map(({ name }) => quote(name)).join(", ")}]`;

const pictureType = `/** RGBA bytes, row by row from the top left: a browser's ImageData is one. */
export interface Picture {
  readonly data: Uint8ClampedArray | Uint8Array;
  readonly width: number;
  readonly height: number;
}

`;

/** The types of a model: its inputs, outputs, labels, itself and the options of \`load\`. */
export function printTypes(facts: ModelFacts, form: Form, target: TargetName): string {
  const { inputs, outputs } = facts;
  return [
    takesPictures(facts) ? pictureType : "",
    "/** What one run takes. */\nexport interface Inputs {\n",
    ...inputs.map((tensor) => property(tensor.name, inputType(tensor), inputDoc(tensor))),
    "}\n\n/** What one run gives. */\nexport interface Outputs {\n",
    ...outputs.map((tensor) => property(tensor.name, arrayOf(tensor), printTensor(tensor))),
    "}\n\n",
    labelType(facts),
    modelType(facts, target),
    optionsType(form, target),
  ].join("");
}

function labelType({ labels }: ModelFacts): string {
  if (!labels) return "";
  const union = labels.map((label) => `\n  | ${quote(label)}`).join("");
  return `/** The classes, in the order of their index. */\nexport type Label =${union || " never"};\n\n`;
}

const variantDoc =
  "Which kernels run: plain SIMD, with fused multiply-adds, or (plain) with vectors of 256 bits.";

function modelType(facts: ModelFacts, target: TargetName): string {
  const { name, inputs, outputs, labels, macs } = facts;
  return `/** A loaded model. One run at a time. */
export interface Model {
  readonly name: ${quote(name)};
  readonly inputs: {
${inputs.map(info).join("")}  };
  readonly outputs: {
${outputs.map(info).join("")}  };
  readonly inputNames: ${names(inputs)};
  readonly outputNames: ${names(outputs)};
  readonly labels: ${labels ? "readonly Label[]" : "undefined"};
  /** Multiply-accumulates of one run: ${macs}. */
  readonly macs: number;
  /** How many threads compute a run: the same bits for any number. */
  readonly threads: number;
  /** Why \`threads\` is not what was asked for. */
  readonly threadsReason: string | undefined;
  /** ${target === "ts" ? "What computes." : variantDoc} */
  readonly variant: ${target === "ts" ? '"typescript"' : '"baseline" | "relaxed" | "wide"'};
  /** Why \`variant\` is not "wide", where that was asked for. */
  readonly wideReason: string | undefined;
  /** Runs once; results go into the arrays of \`outputs\` where it has them, else into new ones. */
  run(inputs: Inputs, outputs?: Partial<Outputs>): Outputs;
  runAsync(inputs: Inputs, outputs?: Partial<Outputs>): Promise<Outputs>;
${classifyType(facts)}  /** Frees the memory; the model cannot run any more. */
  dispose(): void;
}

`;
}

function classifyType(facts: ModelFacts): string {
  const scores = classifiedOutput(facts);
  if (!scores) return "";
  const input = `Inputs[${quote(facts.inputs[0]!.name)}]`;
  const result = "{ readonly index: number; readonly label: Label; readonly score: number }[]";
  return `  /** The \`top\` (5) classes with the highest ${commentName(scores.name)}, best first. */
  classify(input: ${input}, options?: { readonly top?: number }): ${result};
`;
}

const wideOption = `  /** Vectors of 256 bits where Node (24 or later) has V8's experimental re-vectoriser (false). */
  readonly wide?: boolean;
`;

const threadsDoc: Readonly<Record<TargetName, string>> = {
  wasm: "Threads to use at most (1): workers of Node, or of a page that is cross-origin isolated. Only bytes of kernels can be shared by threads, not a WebAssembly.Module; `dispose` ends them.",
  ts: "Threads to use at most; these kernels use 1.",
};

function optionsType(form: Form, target: TargetName): string {
  const given = form === "files" ? "a URL or the bytes; the file beside this one unless given" : "";
  const source = "Uint8Array | ArrayBuffer | { readonly href: string }";
  const wasm =
    form === "module"
      ? "  /** The WebAssembly.Module of the .wasm file that was built with this one, or its bytes. */\n  readonly wasm: object;\n"
      : `  /** The kernels: a WebAssembly.Module${given ? `, ${given}` : ", or the bytes; this file has them"}. */\n  readonly wasm?: object;\n`;
  const weights = `  /** The weights: ${given || "a URL or the bytes; this file has them"}. */\n  readonly weights?: ${source};\n`;
  return `/** What \`load\` takes. */
export interface LoadOptions {
  /** ${threadsDoc[target]} */
  readonly threads?: number;
${target === "wasm" ? wideOption + wasm : ""}${weights}}
`;
}
