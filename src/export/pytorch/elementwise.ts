import type { NodeOf, Value } from "../../ir/graph.js";
import type { BinaryFunction, Epilogue, UnaryFunction } from "../../ir/ops/arithmetic.js";
import { sizeOf } from "../../ir/types.js";
import { type Argument, at, by, callOf, construct, type Form, type Read } from "./form.js";
import { numberOf, operandOf } from "./python.js";

/** A function of one number: an expression, and the module that is the same where there is one. */
interface Written {
  readonly module?: { readonly callee: string; readonly given: readonly Argument[] };
  readonly call: (x: string) => string;
}

/** A function that has a module, both with the same arguments. */
const paired = (callee: string, module: string, ...given: readonly Argument[]): Written => ({
  module: { callee: `nn.${module}`, given },
  call: (x) => callOf(callee, [x], given),
});

const plain = (callee: string): Written => ({ call: (x) => `${callee}(${x})` });

/** `torch.clamp` without the bounds that bound nothing. */
function clamp(min: number, max: number): Written {
  if (min === 0 && max === 6) return paired("F.relu6", "ReLU6");
  const infinity = numberOf(Number.POSITIVE_INFINITY);
  const given = [by("min", numberOf(min), `float("-inf")`), by("max", numberOf(max), infinity)];
  const isOpen = min === Number.NEGATIVE_INFINITY && max === Number.POSITIVE_INFINITY;
  return isOpen ? { call: (x) => x } : { call: (x) => callOf("torch.clamp", [x], given) };
}

function hardSigmoid(slope: number, offset: number): Written {
  const isUsual = Math.abs(slope - 1 / 6) < 1e-7 && offset === 0.5;
  if (isUsual) return paired("F.hardsigmoid", "Hardsigmoid");
  const [by, plus] = [numberOf(slope), numberOf(offset)];
  return { call: (x) => `torch.clamp(${operandOf(x)} * ${by} + ${plus}, 0, 1)` };
}

const unaryForms: {
  readonly [K in UnaryFunction["kind"]]: (
    fn: Extract<UnaryFunction, { readonly kind: K }>,
  ) => Written;
} = {
  relu: () => paired("F.relu", "ReLU"),
  clip: ({ min, max }) => clamp(min, max),
  leakyRelu: ({ slope }) =>
    paired("F.leaky_relu", "LeakyReLU", at("negative_slope", numberOf(slope))),
  elu: ({ alpha }) => paired("F.elu", "ELU", by("alpha", numberOf(alpha), "1")),
  selu: () => paired("F.selu", "SELU"),
  sigmoid: () => paired("torch.sigmoid", "Sigmoid"),
  hardSigmoid: ({ slope, offset }) => hardSigmoid(slope, offset),
  tanh: () => paired("torch.tanh", "Tanh"),
  silu: () => paired("F.silu", "SiLU"),
  hardSwish: () => paired("F.hardswish", "Hardswish"),
  gelu: () => paired("F.gelu", "GELU"),
  mish: () => paired("F.mish", "Mish"),
  softplus: () => paired("F.softplus", "Softplus"),
  neg: () => ({ call: (x) => `-${operandOf(x)}` }),
  abs: () => plain("torch.abs"),
  sqrt: () => plain("torch.sqrt"),
  exp: () => plain("torch.exp"),
  log: () => plain("torch.log"),
  erf: () => plain("torch.erf"),
  reciprocal: () => plain("torch.reciprocal"),
  floor: () => plain("torch.floor"),
  ceil: () => plain("torch.ceil"),
  round: () => plain("torch.round"),
  sign: () => plain("torch.sign"),
  threshold: ({ least }) =>
    paired("F.threshold", "Threshold", at("threshold", numberOf(least)), at("value", "0")),
};

const formOf = <K extends UnaryFunction["kind"]>(
  fn: Extract<UnaryFunction, { readonly kind: K }>,
): Written => unaryForms[fn.kind as K](fn);

type Two = (left: string, right: string) => string;

const infix =
  (sign: string): Two =>
  (left, right) =>
    `${operandOf(left)} ${sign} ${operandOf(right)}`;

const comparison =
  (sign: string): Two =>
  (left, right) =>
    `(${operandOf(left)} ${sign} ${operandOf(right)}).float()`;

const binaryForms: { readonly [K in BinaryFunction]: Two } = {
  add: infix("+"),
  sub: infix("-"),
  mul: infix("*"),
  div: infix("/"),
  min: (left, right) => `torch.minimum(${left}, ${right})`,
  max: (left, right) => `torch.maximum(${left}, ${right})`,
  pow: infix("**"),
  equal: comparison("=="),
  less: comparison("<"),
  lessOrEqual: comparison("<="),
  mask: (left, right) => `torch.where(${operandOf(right)} != 0, ${left}, 0.0)`,
  prelu: (left, right) => {
    const [x, slope] = [operandOf(left), operandOf(right)];
    return `torch.where(${x} < 0, ${x} * ${slope}, ${x})`;
  },
};

/** Functions whose operands may both be Python's numbers or tensors. */
const takesNumbers: ReadonlySet<BinaryFunction> = new Set([
  "add",
  "sub",
  "mul",
  "div",
  "pow",
  "equal",
  "less",
  "lessOrEqual",
]);

/** A constant of one element that broadcasts like a number. */
function scalarOf({ node, type }: Value, other: Value): string | undefined {
  if (node.op !== "constant" || sizeOf(type.shape) !== 1) return undefined;
  if (other.node.op === "constant" || type.shape.length > other.type.shape.length) return undefined;
  return numberOf(node.attrs.data[0] ?? 0);
}

export function writeUnary(node: NodeOf<"unary">): Form {
  const { input } = node.operands;
  const { module, call } = formOf(node.attrs.fn);
  const form: Form = { call: (read) => call(read(input)) };
  return module
    ? { ...form, module: { construct: construct(module.callee, ...module.given), input } }
    : form;
}

/** A slope a channel or one for all, as `nn.PReLU` has it: a parameter, reshaped to broadcast. */
function slopeOf(node: NodeOf<"binary">): Value | undefined {
  const { left, right } = node.operands;
  if (node.attrs.fn !== "prelu") return undefined;
  const from = right.node.op === "reshape" ? right.node.operands.input : right;
  const size = sizeOf(from.type.shape);
  const perChannel = left.type.shape.map((n, axis) => (axis === 1 ? n : 1));
  const fits = size === 1 || String(right.type.shape.slice(-3)) === String(perChannel.slice(1));
  const isFlat = from.node.op === "parameter" && from.type.shape.length === 1;
  return isFlat && fits && left.type.shape.length === 4 ? from : undefined;
}

export function writeBinary(node: NodeOf<"binary">): Form {
  const { left, right } = node.operands;
  const { fn } = node.attrs;
  const number = (value: Value, other: Value, read: Read): string =>
    (takesNumbers.has(fn) && scalarOf(value, other)) || read(value);
  const form: Form = {
    call: (read) => binaryForms[fn](number(left, right, read), number(right, left, read)),
    repeats: fn === "prelu",
  };
  const slope = slopeOf(node);
  if (!slope) return form;
  const size = numberOf(sizeOf(slope.type.shape));
  const module = { construct: construct("nn.PReLU", at("num_parameters", size)), input: left };
  return { ...form, module, owned: { weight: slope } };
}

/** An expression with the steps of a fused chain applied. */
export function withSteps(
  text: string,
  steps: Epilogue,
  extras: readonly Value[],
  read: Read,
): string {
  return steps.reduce((running, step) => {
    if (step.kind === "unary") return formOf(step.fn).call(running);
    const extra = read(extras[step.extra]!);
    const [left, right] = step.side === "left" ? [extra, running] : [running, extra];
    return binaryForms[step.fn](left, right);
  }, text);
}
