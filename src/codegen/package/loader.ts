import type { Form, TargetName } from "./declarations.js";
import type { ModelFacts } from "./facts.js";
import { type Literal, printLiteral, quote } from "./literal.js";
import { runtimeText } from "./runtime-text.js";

/** What the runtime must know beyond the model's facts. */
export interface MemoryFacts {
  readonly weightBytes: number;
  readonly weightAddress: number;
  readonly memoryBytes: number;
  readonly shareable?: boolean;
  readonly hash: {
    readonly weights: string;
    readonly kernels?: string;
    readonly relaxed?: string;
  };
}

type RuntimeFile = keyof typeof runtimeText;

/** Files of the runtime in reading order; those that load come first. */
const shared: readonly RuntimeFile[] = [
  "model",
  "tensor",
  "classes",
  "arrays",
  "options",
  "weights",
  "sources",
  "hash",
];

const wasmFiles = [
  "load-wasm",
  "threads",
  "workers",
  "wide",
] as const satisfies readonly RuntimeFile[];

/** The kind of module that a runtime is for. */
export interface RuntimeKind {
  readonly language: "javascript" | "typescript";
  readonly form: Form;
  readonly target: TargetName;
  /** Whether an input takes pictures. */
  readonly pictures: boolean;
  /** Whether there are kernels of relaxed SIMD. */
  readonly relaxed?: boolean;
}

/** The runtime's text for one kind of module: what it can use, and nothing else. */
export function printRuntime(kind: RuntimeKind): string {
  const { language, form, target, pictures, relaxed } = kind;
  const files: RuntimeFile[] = [
    ...(target === "ts" ? (["load-typescript"] as const) : wasmFiles),
    ...(relaxed ? (["relaxed"] as const) : []),
    ...shared,
    ...(pictures ? (["pictures", "picture"] as const) : (["no-pictures"] as const)),
    ...(form === "files" ? [] : (["base64"] as const)),
    ...(language === "typescript" ? (["description"] as const) : []),
  ];
  const texts = files.map((file) => runtimeText[file][language].join("\n"));
  return texts.filter((text) => text !== "").join("\n\n");
}

/** The constant that describes the model to the runtime. */
export function printDescription(facts: ModelFacts, memory: MemoryFacts, type = ""): string {
  const { name, inputs, outputs, labels, macs } = facts;
  const tensor = ({ name, shape, dtype, layout, address }: ModelFacts["inputs"][number]) => ({
    name,
    shape,
    dtype,
    layout,
    address,
  });
  const picture = (input: ModelFacts["inputs"][number]): { picture?: Literal } =>
    input.picture ? { picture: { ...input.picture } } : {};
  const description = {
    name,
    inputs: inputs.map((input) => ({ ...tensor(input), ...picture(input) })),
    outputs: outputs.map(tensor),
    ...(labels ? { labels } : {}),
    macs,
    weightBytes: memory.weightBytes,
    weightAddress: memory.weightAddress,
    memoryBytes: memory.memoryBytes,
    ...(memory.shareable ? { shareable: true } : {}),
    hash: { ...memory.hash },
  };
  return `const description${type} = ${printLiteral(description)};\n`;
}

/** A URL beside the module, written so that bundlers see it. */
const beside = (file: string): string =>
  `new URL(${quote(`./${encodeURIComponent(file)}`)}, import.meta.url)`;

const weightsSource = (name: string, form: Form): string =>
  form === "files"
    ? `options.weights ?? ${beside(`${name}.weights.bin`)}`
    : "options.weights ?? decodeBase64(encodedWeights)";

const loadDoc = "/** Loads the model; several can be loaded and live side by side. */";

/** The kernels that `load` takes where the caller gives none: plain ones for wide mode, which has no fused ones. */
function wasmSource(name: string, { form, relaxed }: Pick<RuntimeKind, "form" | "relaxed">) {
  if (form === "module") return "options.wasm";
  const sourceOf = (file: string, text: string): string =>
    form === "files" ? beside(`${name}.${file}`) : `decodeBase64(${text})`;
  const baseline = sourceOf("wasm", "encodedWasm");
  if (!relaxed) return `options.wasm ?? ${baseline}`;
  const fused = sourceOf("relaxed.wasm", "encodedRelaxed");
  return `options.wasm ?? (!options.wide && hasRelaxedSimd() ? ${fused} : ${baseline})`;
}

/** The exported `load` of a module with WebAssembly kernels. */
export function printWasmLoad(name: string, kind: Pick<RuntimeKind, "form" | "relaxed">): string {
  const { form } = kind;
  const wasm = wasmSource(name, kind);
  return `${loadDoc}
export async function load(options = {}) {
  const sources = () => ({
    wasm: ${wasm},
    weights: ${weightsSource(name, form)},
  });
  return loadWasm(description, sources, options);
}
`;
}

/** The exported \`load\` of a module whose kernels are TypeScript. */
export function printTypescriptLoad(name: string, form: Form): string {
  return `${loadDoc}
export async function load(options: LoadOptions = {}): Promise<Model> {
  const weights = () => ${weightsSource(name, form)};
  const model: unknown = await loadTypescript(description, createKernels, weights, options);
  return model as Model;
}
`;
}

/** The kernels bound to one memory whose weights are there. */
export function printCreateKernels(kernels: {
  readonly usesBytes: boolean;
  readonly prepares: boolean;
}): string {
  const views = kernels.usesBytes ? "floats, bytes" : "floats";
  const bytes = kernels.usesBytes ? "  const bytes = new Uint8Array(buffer);\n" : "";
  const prepare = kernels.prepares ? `  prepare(${views});\n` : "";
  return `/** The kernels over one memory whose weights are there. */
function createKernels(buffer: ArrayBuffer): () => void {
  const floats = new Float32Array(buffer);
${bytes}${prepare}  return () => run(${views});
}
`;
}

/** What surrounds kernels in a TypeScript module declares, and the globals that it uses: taken names. */
export function reservedNames(): ReadonlySet<string> {
  const around = [
    printRuntime({ language: "typescript", form: "inline", target: "ts", pictures: true }),
    printTypescriptLoad("name", "inline"),
    printCreateKernels({ usesBytes: true, prepares: true }),
  ].join("\n");
  const declared = around.matchAll(
    /^(?:export )?(?:async )?(?:function|const|interface|type) (\w+)/gm,
  );
  const globals = around.match(/\b[A-Z]\w*/g) ?? [];
  const typed = ["description", "encodedWeights", "Inputs", "Outputs", "Label", "Picture"];
  return new Set([
    ...[...declared].map(([, name = ""]) => name),
    ...globals,
    ...typed,
    "fetch",
    "atob",
  ]);
}
