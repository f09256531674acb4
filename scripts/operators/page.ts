import { activations } from "../../src/import/darknet/activation.js";
import { refusedSections } from "../../src/import/darknet/layers/index.js";
import { activationNames } from "../../src/import/tfjs/operators/activate.js";
import { type OpName, operators } from "../../src/ir/ops/index.js";
import { darknetLayers } from "./darknet-layers.js";
import { languageWords } from "./language-words.js";
import { limits } from "./limits.js";
import { leaves, type Made } from "./made.js";
import { onnxForms } from "./onnx-forms.js";
import { kernelsOf, targetsOf, writtenAs } from "./targets.js";
import { tfjsLayers } from "./tfjs-layers.js";
import { tfjsNodes } from "./tfjs-nodes.js";

const opNames = Object.keys(operators).filter(
  (op): op is OpName => Object.hasOwn(operators, op) && !leaves.some((leaf) => leaf === op),
);

const code = (names: Iterable<string>): string =>
  [...names].map((name) => `\`${name}\``).join(", ");
const sorted = (names: Iterable<string>): string[] => [...names].sort();
const table = (head: readonly string[], rows: readonly (readonly string[])[]): string =>
  [head, head.map(() => "---"), ...rows].map((row) => `| ${row.join(" | ")} |`).join("\n");

/** Rows that say what each name becomes. */
const becomes = (made: ReadonlyMap<string, Made>): string[][] =>
  [...made].map(([name, { ops }]) => [code([name]), code(ops) || "no node of its own"]);

/** Names whose entries make one kind of node and no other. */
const namesOf = (op: OpName, made: ReadonlyMap<string, Made>): string =>
  code([...made].filter(([, { ops }]) => ops.has(op)).map(([name]) => name));

/** A row for each operator of the graph: what it is in the sources, and what computes and writes it. */
function matrix(sources: readonly ReadonlyMap<string, Made>[]): string {
  const all = sources.flatMap((source) => [...source.values()].flatMap(({ nodes }) => nodes));
  const rows = opNames.map((op) => {
    const nodes = all.filter((node) => node.op === op);
    const kernels = kernelsOf(op);
    const targets = targetsOf(op, nodes).join(", ");
    return [
      code([op]),
      ...sources.map((source) => namesOf(op, source)),
      code(sorted(writtenAs(nodes))),
      `${targets}: ${kernels.length > 0 ? kernels.join(", ") : "a view of its operand, or a copy"}`,
    ];
  });
  const head = [
    "operator",
    "the language",
    "read from ONNX",
    "read from Darknet",
    "layers of TF.js",
    "graphs of TF.js",
    "written to ONNX",
    "targets: kernels",
  ];
  return table(head, rows);
}

const intro = `# Operators

<!-- Made by \`npm run operators-page\` from the tables of the compiler; a test checks that it is current. -->

What each format's operators become, what computes them, and what is refused. A model with something that is not
here gets one diagnostic, which lists every such node with the reason. The language's own operators are described in
[language.md](language.md#operators), the graph's in [ir.md](ir.md).`;

/** Entries that make nodes, and the names of those that are known when a model is read; both sorted. */
function parted(forms: ReadonlyMap<string, Made | "known">) {
  const entries = [...forms].sort(([a], [b]) => (a < b ? -1 : 1));
  const made = entries.flatMap(([name, form]) => (form === "known" ? [] : [[name, form] as const]));
  const known = entries.filter(([, form]) => form === "known").map(([name]) => name);
  return { made: new Map(made), known };
}

/** The text of docs/operators.md as it should be now. */
export function operatorsPage(): string {
  const words = languageWords();
  const [onnx, graphs] = [parted(onnxForms()), parted(tfjsNodes())];
  const [darknet, tfjs] = [darknetLayers(), tfjsLayers()];
  return `${intro}

## By operator of the graph

A name stands in every row of which it makes a node, so one that is made of several stands in several; an operator
without names is made by rewrites only. A target that refuses nodes which the other takes is missing in its row: \`wasm\` is
WebAssembly SIMD, \`typescript\` the same loops without vectors.

${matrix([words, onnx.made, darknet, tfjs, graphs.made])}

## ONNX

Operators of the standard set, opset 1 to the newest. A node whose operands are all known when the model is read is
computed then, whatever its operator; these are known always, or are read only where their operands are:
${code(onnx.known)}.

${table(["operator", "becomes"], becomes(onnx.made))}

${limits.onnx}

## Darknet

${table(["section", "becomes"], becomes(darknet))}

Activations: ${code(activations.keys())}.

${table(
  ["refused", "because"],
  [...refusedSections].map(([name, why]) => [code([name]), why]),
)}

${limits.darknet}

## TF.js

Layers of layers-models:

${table(["layer", "becomes"], becomes(tfjs))}

Their activations: ${code(activationNames)}.

Operators of graph-models, over an image or what else they take; \`Placeholder\`, \`Const\` and \`NoOp\` are read besides.
These are known when a model is read, or are read only where their operands are: ${code(graphs.known)}.

${table(["operator", "becomes"], becomes(graphs.made))}

${limits.tfjs}
`;
}
