import { type Graph, type Node, operandsOf, type Value } from "./graph.js";
import type { ElementwiseStep, Epilogue, UnaryFunction } from "./ops/arithmetic.js";
import type { AttributesOf, OpName } from "./ops/index.js";
import { printType } from "./types.js";

/**
 * A graph as stable text: one line a node, constants, parameters and inputs by name, results
 * numbered in order, attributes with their neutral value left out.
 *
 *     %3 = conv2d(%2, @conv1.weight, @conv1.bias) stride=2 pads=[1,1,1,1] -> relu : f32[1,64,8,8]  // conv1
 */
export function printGraph(graph: Graph): string {
  const inputs = graph.inputs.map(
    ({ name, value }) => `@${quoted(name)}: ${printType(value.type)}`,
  );
  const names = nameValues(graph);
  const lines = [`graph ${quoted(graph.name)}(${inputs.join(", ")})`];
  for (const node of graph.nodes) if (!isLeaf(node)) lines.push(printNode(node, names));
  const outputs = graph.outputs.map(({ name, value }) => `${quoted(name)}=${names.get(value)}`);
  return [...lines, `return ${outputs.join(", ")}`].join("\n");
}

const isLeaf = ({ op }: Node): boolean => op === "input" || op === "parameter" || op === "constant";

/** A name that cannot be taken for anything else: as it is when plain, else in JSON quotes. */
const quoted = (name: string): string =>
  /^[A-Za-z0-9_./-]+$/.test(name) ? name : JSON.stringify(name);

function nameValues(graph: Graph): Map<Value, string> {
  const names = new Map<Value, string>();
  const taken = new Map<string, number>();
  let numbered = 0;
  for (const node of graph.nodes) {
    for (const value of node.results) {
      if (!isLeaf(node)) {
        names.set(value, `%${numbered++}`);
        continue;
      }
      const name = leafName(node);
      const count = (taken.get(name) ?? 0) + 1;
      if (name.startsWith("@")) taken.set(name, count);
      names.set(value, count === 1 ? name : `${name}#${count}`);
    }
  }
  return names;
}

function leafName(node: Node): string {
  if (node.op === "input") return `@${quoted(node.attrs.name)}`;
  if (node.op === "parameter") return `@${quoted(node.attrs.path)}`;
  if (node.name) return `@${quoted(node.name)}`;
  if (node.op === "constant" && node.attrs.data.length === 1)
    return printNumber(node.attrs.data[0]!);
  return "@constant";
}

/** As few digits as tell a float32 from its neighbours. */
function printNumber(x: number): string {
  if (!Number.isFinite(x)) return String(x);
  for (let digits = 1; digits < 10; digits++) {
    const short = Number(x.toPrecision(digits));
    if (Math.fround(short) === Math.fround(x)) return String(short);
  }
  return String(x);
}

function printNode(node: Node, names: ReadonlyMap<Value, string>): string {
  const results = node.results.map((value) => names.get(value)).join(", ");
  const types = node.results.map((value) => printType(value.type)).join(", ");
  const steps = stepsOf(node);
  const call = `${callee(node)}(${mainOperands(node)
    .map((value) => names.get(value))
    .join(", ")})`;
  const extras = extrasOf(node).map((value) => names.get(value) ?? "?");
  const parts = [call, ...printAttributes(node), ...(steps ?? []).map((s) => printStep(s, extras))];
  const origin = node.name ? `  // ${quoted(node.name)}` : "";
  return `${results} = ${parts.join(" ")} : ${types}${origin}`;
}

/** What a node does, for pictures: its operator with the kernel's size, and the attributes that say something. */
export function describeNode(node: Node): { readonly title: string; readonly details: string } {
  const weight = "weight" in node.operands ? node.operands.weight.type.shape : [];
  const kernel = weight.length === 4 ? ` ${weight[2]}x${weight[3]}` : "";
  const steps = stepsOf(node) ?? [];
  const names = steps.map((step) => (step.kind === "unary" ? step.fn.kind : step.fn));
  const details = [...printAttributes(node), ...names.map((name) => `-> ${name}`)];
  return { title: callee(node) + kernel, details: details.join(" ") };
}

const callee = (node: Node): string => {
  if (node.op === "unary") return node.attrs.fn.kind;
  return node.op === "binary" ? node.attrs.fn : node.op;
};

function stepsOf(node: Node): Epilogue | undefined {
  if ("epilogue" in node.attrs) return node.attrs.epilogue;
  return node.op === "elementwise" ? node.attrs.steps : undefined;
}

const extrasOf = (node: Node): readonly Value[] =>
  "extras" in node.operands ? node.operands.extras : [];

/** The operands but for what epilogue steps read. */
function mainOperands(node: Node): Value[] {
  const operands = operandsOf(node);
  return operands.slice(0, operands.length - extrasOf(node).length);
}

const printFunction = (fn: UnaryFunction): string => {
  const numbers = Object.entries(fn).filter(([name]) => name !== "kind");
  if (numbers.length === 0) return fn.kind;
  return `${fn.kind}(${numbers.map(([name, x]) => `${name}=${x}`).join(", ")})`;
};

/** `-> relu`, `-> add(%1)`; where the running value stands on the right, `-> sub(%1, it)`. */
function printStep(step: ElementwiseStep, extras: readonly string[]): string {
  if (step.kind === "unary") return `-> ${printFunction(step.fn)}`;
  const extra = extras[step.extra] ?? "?";
  return step.side === "right" ? `-> ${step.fn}(${extra})` : `-> ${step.fn}(${extra}, it)`;
}

/** Attribute values that say nothing, by operator. */
const neutral: { readonly [K in OpName]?: Partial<AttributesOf<K>> } = {
  conv2d: { stride: [1, 1], dilation: [1, 1], pads: [0, 0, 0, 0], groups: 1 },
  deconv2d: {
    stride: [1, 1],
    dilation: [1, 1],
    pads: [0, 0, 0, 0],
    groups: 1,
    outputPads: [0, 0],
  },
  maxPool: { dilation: [1, 1], pads: [0, 0, 0, 0], ceil: false },
  avgPool: { dilation: [1, 1], pads: [0, 0, 0, 0], ceil: false, countIncludePad: true },
  reduce: { keepDims: false },
  softmax: { log: false },
  pad: { mode: "constant", value: 0 },
};

/** Attributes printed some other way, or told by the result's type. */
const hidden: { readonly [K in OpName]?: readonly (keyof AttributesOf<K>)[] } = {
  conv2d: ["epilogue"],
  deconv2d: ["epilogue"],
  linear: ["epilogue"],
  elementwise: ["steps"],
  binary: ["fn"],
  reshape: ["shape"],
  resize: ["size"],
};

function printAttributes(node: Node): string[] {
  const attrs = node.op === "unary" ? node.attrs.fn : node.attrs;
  const left = new Map<string, unknown>(Object.entries(neutral[node.op] ?? {}));
  const unseen: readonly string[] = node.op === "unary" ? ["kind"] : (hidden[node.op] ?? []);
  return Object.entries(attrs)
    .filter(([name, value]) => !unseen.includes(name) && !isEqual(left.get(name), value))
    .map(([name, value]) => `${name}=${printValue(value, pairs.includes(name))}`);
}

const isEqual = (a: unknown, b: unknown): boolean => JSON.stringify(a) === JSON.stringify(b);

/** Heights and widths, printed as one number when equal. */
const pairs = ["kernel", "stride", "dilation", "outputPads"];

function printValue(value: unknown, isPair: boolean): string {
  if (!Array.isArray(value)) return String(value);
  return isPair && value[0] === value[1] ? String(value[0]) : `[${value.join(",")}]`;
}
