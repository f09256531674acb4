import type { WeightsPrecision } from "../plan/plan.js";
import { type Form, printTensor, type TargetName } from "./declarations.js";
import type { ModelFacts, TensorFacts } from "./facts.js";
import { commentName } from "./literal.js";

/** What the header of a module tells. */
export interface HeaderFacts {
  readonly model: ModelFacts;
  /** The files' name without an ending. */
  readonly name: string;
  readonly form: Form;
  readonly target: TargetName;
  readonly precision: WeightsPrecision;
  /** Whether there are kernels with fused multiply-adds. */
  readonly relaxed: boolean;
}

/** The most tensors a header lists. */
const listed = 8;

function table(title: string, tensors: readonly TensorFacts[]): string[] {
  const lines = tensors
    .slice(0, listed)
    .map((tensor, i) => ` * ${(i === 0 ? title : "").padEnd(8)}  ${row(tensor)}`);
  const more = tensors.length - listed;
  return more > 0 ? [...lines, ` *           and ${more} more`] : lines;
}

const row = (tensor: TensorFacts): string => `${commentName(tensor.name)}: ${printTensor(tensor)}`;

const whereTheRestIs = ({ name, form, target }: HeaderFacts): string => {
  const wasm = commentName(`${name}.wasm`);
  const weights = commentName(`${name}.weights.bin`);
  if (target === "ts") {
    return form === "files"
      ? `The kernels are below, the weights in ${weights}.`
      : "Kernels and weights are below.";
  }
  if (form === "files") return `The kernels are in ${wasm}, the weights in ${weights}.`;
  if (form === "module")
    return `The kernels are in ${wasm}, which the caller imports; the weights below.`;
  return "Kernels (WebAssembly) and weights are below.";
};

const roundedWeights =
  " * The weights are stored as IEEE halves, to which they were rounded; the kernels compute with f32.";

const fusedKernels = ({ name, form }: HeaderFacts): string => {
  const where = form === "inline" ? "below too" : `in ${commentName(`${name}.relaxed.wasm`)}`;
  return ` * Kernels with fused multiply-adds, for engines with relaxed SIMD, are ${where}.`;
};

const loadArguments = ({ form }: HeaderFacts): string => (form === "module" ? "{ wasm }" : "");

/** A run in one line, with the real names where they are few and can be variables. */
function example({ inputs, outputs }: ModelFacts): string {
  const variables = (tensors: readonly TensorFacts[]): string | undefined =>
    tensors.length <= 3 && tensors.every(({ name }) => /^[a-z_$][\w$]*$/.test(name))
      ? `{ ${tensors.map(({ name }) => name).join(", ")} }`
      : undefined;
  return `const ${variables(outputs) ?? "outputs"} = model.run(${variables(inputs) ?? "inputs"});`;
}

/** The comment at the top of a module: what it is, how it is used, what goes in and out. */
export function printHeader(facts: HeaderFacts): string {
  const { model, name } = facts;
  const { inputs, outputs, macs } = model;
  const file = commentName(`./${name}.js`).replaceAll('"', "");
  return [
    "/**",
    ` * The network ${commentName(model.name)}, compiled by cnnc. It needs no other package.`,
    " *",
    ` *     import { load } from "${file}";`,
    ` *     const model = await load(${loadArguments(facts)});`,
    ` *     ${example(model)}`,
    " *",
    ...table("Inputs", inputs),
    ...table("Outputs", outputs),
    " *",
    ` * One run takes ${macs.toLocaleString("en-US")} multiply-accumulates. ${whereTheRestIs(facts)}`,
    ...(facts.precision === "f16" ? [roundedWeights] : []),
    ...(facts.relaxed ? [fusedKernels(facts)] : []),
    " */",
    "",
  ].join("\n");
}
