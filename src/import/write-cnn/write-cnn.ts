import type { Report } from "../../diagnostics/report.js";
import type { Setting, SourceFile } from "../../dsl/ast.js";
import {
  makeDefinition,
  makeFile,
  makeInput,
  makeLabels,
  makeSetting,
  makeWeights,
} from "../../dsl/make-syntax.js";
import type { Graph, ImageSettings, Value } from "../../ir/graph.js";
import { isAboutBatch } from "./arguments.js";
import { blockSyntax, linesSyntax } from "./assemble.js";
import { Drafter } from "./draft.js";
import { type Block, findBlocks, givenOf, type Sentence, sentencesOf } from "./find-blocks.js";
import { callsOf, labelStages } from "./label-stages.js";
import { asWord, FreeNames } from "./names.js";
import type { CallStage, Line } from "./sketch.js";

/** A tensor under the path that the written model reads it from. */
export interface WrittenTensor {
  readonly path: string;
  /** A parameter or constant of the graph that was written. */
  readonly value: Value;
  /** The same elements, in row-major order. */
  readonly shape: readonly number[];
}

/** A model as a `.cnn` file would have it. */
export interface WrittenModel {
  readonly tree: SourceFile;
  readonly tensors: readonly WrittenTensor[];
  /** The option that compiles the text to the same network: 1 where the inputs say how many they are. */
  readonly batch: number;
}

/** Names of the language that values, blocks and parameters may not take. */
export type ReservedNames = ReadonlySet<string>;

/** What a named value is called: after its node's path, without what stands in front of the last dot. */
function valueNamer(graph: Graph, reserved: ReservedNames): (value: Value) => string {
  const free = new FreeNames(reserved);
  const inputs = new Map(graph.inputs.map(({ name, value }) => [value, name]));
  return (value) => {
    const own = inputs.get(value) ?? value.node.name.slice(value.node.name.lastIndexOf(".") + 1);
    return free.take(asWord(own, inputs.has(value) ? "image" : "x"));
  };
}

/** Whether the model is one for the batch of the graph only: a stage names it, or inputs differ in it. */
function fixesBatch(graph: Graph, lines: readonly Line[]): boolean {
  const [first, ...others] = graph.inputs.map(({ value }) => value.type.shape[0]);
  if (first === undefined || others.some((batch) => batch !== first)) return true;
  return lines.some(({ pipe }) => [...givenOf(pipe.stages)].some(isAboutBatch));
}

/** How pictures become an input, as far as it is not the way that bytes go unless told. */
function pictureSettings(
  image: ImageSettings | undefined,
  element: "f32" | "u8",
): readonly Setting[] {
  if (element === "u8") return [makeSetting("range", [0, 255])];
  if (!image) return [];
  const { mean, std, range, order, resize } = image;
  return [
    ...(mean.some((x) => x !== 0) ? [makeSetting("mean", mean)] : []),
    ...(std.some((x) => x !== 1) ? [makeSetting("std", std)] : []),
    ...(range[0] === 0 && range[1] === 1 ? [] : [makeSetting("range", range)]),
    ...(order === "rgb" ? [] : [makeSetting("order", order)]),
    ...(resize === "stretch" ? [] : [makeSetting("resize", resize)]),
  ];
}

function tensorsOf(
  sentences: readonly Sentence[],
  others: readonly CallStage[],
  labels: ReadonlyMap<CallStage, string>,
  occurrences: ReturnType<typeof findBlocks>,
): WrittenTensor[] {
  const own = (stage: CallStage, path: string): WrittenTensor[] =>
    stage.owned.map(({ name, value, shape }) => ({ path: `${path}.${name}`, value, shape }));
  const inSentences = sentences.flatMap((sentence) => {
    const occurrence = occurrences.get(sentence);
    const calls = [...callsOf(sentence)];
    if (!occurrence) return calls.flatMap((stage) => own(stage, labels.get(stage) ?? ""));
    const { block, label } = occurrence;
    const inner = [...callsOf(block.sentence)].map((stage) => block.labels.get(stage) ?? "");
    return calls.flatMap((stage, i) => own(stage, `${label}.${inner[i]}`));
  });
  return [...inSentences, ...others.flatMap((stage) => own(stage, labels.get(stage) ?? ""))];
}

/**
 * Writes a graph as the model that people would have written: chains as chains, sums as residuals, pieces
 * that repeat as blocks, tensors under labels. `weights` is the file named in it. Nodes that the language
 * has no words for are all reported; then the result is undefined. The batch is left out where the model
 * could be compiled with any; where its stages reach across it, every input says how many it is.
 */
export function writeCnn(
  graph: Graph,
  weights: string,
  reserved: ReservedNames,
  report: Report,
): WrittenModel | undefined {
  const drafter = new Drafter(graph, valueNamer(graph, reserved));
  drafter.draft();
  if (drafter.unwritable.length > 0) {
    const nodes = drafter.unwritable.map(({ node, reason }) => {
      const name = node.name === "" ? "" : ` ${JSON.stringify(node.name)}`;
      return `${node.op}${name}: ${reason}`;
    });
    report.add("cannot-write-cnn", { model: graph.name, count: nodes.length, nodes });
    return undefined;
  }
  const { lines } = drafter;
  const labels = labelStages(lines);
  const sentences = new Map<Line, readonly Sentence[]>(
    lines.map((line) => [line, line.kind === "stages" ? sentencesOf(line.pipe.stages) : []]),
  );
  const all = [...sentences.values()].flat();
  const modelName = new FreeNames(reserved).take(asWord(graph.name, "Model"));
  const names = new FreeNames([...reserved, modelName]);
  const occurrences = findBlocks(all, labels, names, () => new FreeNames(reserved));
  const blocks = new Set<Block>([...occurrences.values()].map(({ block }) => block));
  const beside = lines.flatMap((line) =>
    line.kind === "stages" ? [] : [...callsOf(line.pipe.stages)],
  );
  const isFixed = fixesBatch(graph, lines);
  const inputs = graph.inputs.map(({ name, value, image }) =>
    makeInput(name, drafter.nameOf(value), value.type.element, value.type.shape.slice(1), [
      ...pictureSettings(image, value.type.element),
      ...(isFixed ? [makeSetting("batch", value.type.shape[0] ?? "none")] : []),
    ]),
  );
  const tensors = tensorsOf(all, beside, labels, occurrences);
  const body = linesSyntax(lines, sentences, labels, occurrences);
  const named = tensors.length > 0 ? [makeWeights(weights)] : [];
  const classes = graph.labels ? [makeLabels(graph.labels)] : [];
  const model = makeDefinition("model", modelName, [], [...named, ...classes, ...inputs, ...body]);
  const [first] = graph.inputs;
  const batch = isFixed ? 1 : (first?.value.type.shape[0] ?? 1);
  return { tree: makeFile([...[...blocks].map(blockSyntax), model]), tensors, batch };
}
