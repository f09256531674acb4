import { hashBytes } from "../../runtime/hash.js";
import type { Plan } from "../plan/plan.js";
import { isShared } from "../wasm/turns.js";
import { encodeBase64 } from "./base64.js";
import { type Form, printTypes, type TargetName } from "./declarations.js";
import { factsOf, type ModelFacts, takesPictures } from "./facts.js";
import { printHeader } from "./header.js";
import {
  printCreateKernels,
  printDescription,
  printRuntime,
  printTypescriptLoad,
  printWasmLoad,
} from "./loader.js";
import { halveIndents, printJavascript } from "./print-javascript.js";
import { withHashes } from "./wasm-section.js";
import { weightsImage } from "./weights-image.js";

/** What an emitter made of a plan's loops. */
export type Code =
  | {
      readonly target: "wasm";
      readonly bytes: Uint8Array;
      /** The same kernels with fused multiply-adds. */
      readonly relaxed?: Uint8Array;
    }
  | {
      readonly target: "ts";
      readonly kernels: string;
      readonly usesBytes: boolean;
      readonly prepares: boolean;
    };

/** Everything that the parts of one package share. */
interface Parts {
  readonly model: ModelFacts;
  readonly plan: Plan;
  readonly name: string;
  readonly form: Form;
  readonly weights: Uint8Array;
  readonly weightsHash: string;
}

/**
 * The files of a compiled model, by name: `NAME.js` and `NAME.d.ts`, beside them what the form and
 * the target ask for. The same plan gives the same bytes.
 */
export async function packageModel(
  plan: Plan,
  name: string,
  form: Form,
  code: Code,
): Promise<Map<string, Uint8Array>> {
  const weights = weightsImage(plan);
  const weightsHash = hashBytes(weights);
  const parts: Parts = { model: factsOf(plan), plan, name, form, weights, weightsHash };
  const texts =
    code.target === "wasm" ? wasmTexts(parts, code) : await typescriptTexts(parts, code);
  const files = new Map<string, Uint8Array>();
  const encoder = new TextEncoder();
  for (const [ending, content] of Object.entries(texts)) {
    files.set(name + ending, typeof content === "string" ? encoder.encode(content) : content);
  }
  if (form === "files") files.set(`${name}.weights.bin`, weights);
  return files;
}

type Texts = Readonly<Record<string, string | Uint8Array>>;

const header = (parts: Parts, target: TargetName, relaxed = false): string => {
  const { model, name, form, plan } = parts;
  const { precision } = plan.weightsFile;
  return printHeader({ model, name, form, target, precision, relaxed });
};

/** Content hashes of the kernels' files. */
interface KernelHashes {
  readonly kernels?: string;
  readonly relaxed?: string;
}

const memoryOf = ({ plan, weightsHash }: Parts, kernels: KernelHashes = {}) => ({
  weightBytes: plan.weightsFile.bytes,
  weightAddress: plan.weightsFile.address,
  memoryBytes: plan.module.memoryBytes,
  hash: { weights: weightsHash, ...kernels },
});

/** Whether threads can share the calls; left out where they cannot. */
const shareableOf = ({ module }: Plan): { readonly shareable?: true } =>
  isShared(module.schedule) ? { shareable: true } : {};

/** Long data stand at the end of a file, so that its head can be read. */
const data = (name: string, bytes: Uint8Array): string =>
  `const ${name} =\n  "${encodeBase64(bytes)}";\n`;

function wasmTexts(parts: Parts, { bytes, relaxed }: Extract<Code, { target: "wasm" }>): Texts {
  const { model, plan, name, form, weightsHash } = parts;
  const pictures = takesPictures(model);
  const kernels = hashBytes(bytes);
  const wasm = withHashes(bytes, kernels, weightsHash);
  const second = relaxed && hashBytes(relaxed);
  const fused = relaxed && second && withHashes(relaxed, second, weightsHash);
  const hashes = { kernels, ...(second ? { relaxed: second } : {}) };
  const inline = form === "inline" ? [data("encodedWasm", wasm)] : [];
  const kind = { form, relaxed: relaxed !== undefined };
  const javascript = [
    header(parts, "wasm", kind.relaxed),
    printDescription(model, { ...memoryOf(parts, hashes), ...shareableOf(plan) }),
    printWasmLoad(name, kind),
    `${printRuntime({ language: "javascript", target: "wasm", pictures, ...kind })}\n`,
    ...inline,
    ...(form === "inline" && fused ? [data("encodedRelaxed", fused)] : []),
    ...(form === "files" ? [] : [data("encodedWeights", parts.weights)]),
  ];
  return {
    ".js": javascript.join("\n"),
    ".d.ts": declarations(parts, "wasm", kind.relaxed),
    ...(form === "inline" ? {} : { ".wasm": wasm }),
    ...(form === "inline" || !fused ? {} : { ".relaxed.wasm": fused }),
  };
}

async function typescriptTexts(
  parts: Parts,
  code: Extract<Code, { target: "ts" }>,
): Promise<Texts> {
  const { model, name, form } = parts;
  const pictures = takesPictures(model);
  const head = `${header(parts, "ts")}\n`;
  const typescript = [
    printTypes(model, form, "ts"),
    printDescription(model, memoryOf(parts), ": Description"),
    printTypescriptLoad(name, form),
    printCreateKernels(code),
    halveIndents(code.kernels),
    `${printRuntime({ language: "typescript", form, target: "ts", pictures })}\n`,
  ].join("\n");
  const weights = form === "files" ? "" : `\n${data("encodedWeights", parts.weights)}`;
  return {
    ".ts": head + typescript + weights,
    ".js": head + (await printJavascript(typescript)) + weights,
    ".d.ts": declarations(parts, "ts"),
  };
}

function declarations(parts: Parts, target: TargetName, relaxed = false): string {
  const { form, model } = parts;
  const optional = target === "wasm" && form === "module" ? "" : "?";
  return [
    header(parts, target, relaxed),
    printTypes(model, form, target),
    `/** Loads the model; several can be loaded and live side by side. */\nexport declare function load(options${optional}: LoadOptions): Promise<Model>;\n`,
  ].join("\n");
}
