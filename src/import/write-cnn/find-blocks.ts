import { callsOf, readsNames } from "./label-stages.js";
import { FreeNames } from "./names.js";
import type { Argument, CallStage, Given, Stage } from "./sketch.js";

/** Stages that read well on one line: a convolution or merge and what follows it. */
export type Sentence = readonly Stage[];

/** A piece that occurs several times, with what differs as parameters. */
export interface Block {
  readonly name: string;
  readonly parameters: readonly string[];
  /** The first occurrence. */
  readonly sentence: Sentence;
  /** Arguments of the first occurrence that are parameters. */
  readonly asParameter: ReadonlyMap<Given, string>;
  /** Labels inside the block, by the first occurrence's stages. */
  readonly labels: ReadonlyMap<CallStage, string>;
}

/** One occurrence. */
export interface Occurrence {
  readonly block: Block;
  readonly label: string;
  readonly values: readonly Argument[];
}

const openers: ReadonlySet<string> = new Set([
  "conv",
  "dwconv",
  "deconv",
  "linear",
  "gap",
  "flatten",
  "parameter",
]);

function opens(stage: Stage, before: Stage): boolean {
  if (stage.kind !== "call") return true;
  if (before.kind !== "call" && stage.owned.length > 0) return true;
  const follows =
    before.kind === "call" && (before.callee === "gap" || before.callee === "flatten");
  return openers.has(stage.callee) && !follows;
}

/** Stages cut into sentences. */
export function sentencesOf(stages: readonly Stage[]): Sentence[] {
  const sentences: Stage[][] = [];
  for (const [i, stage] of stages.entries()) {
    const before = stages[i - 1];
    if (!before || opens(stage, before)) sentences.push([stage]);
    else sentences.at(-1)!.push(stage);
  }
  return sentences;
}

/** Whether an argument may become a block's parameter: words stand where they mean something only. */
const isVariable = (value: unknown): boolean =>
  typeof value === "object" && value !== null && "kind" in value && value.kind !== "word";

/** What two sentences have in common when they differ in the values of arguments only. */
const shapeOf = (sentence: Sentence): string =>
  JSON.stringify(sentence, (key, value: unknown) => {
    if (key === "owned" && Array.isArray(value)) return value.map(({ name }) => name);
    if (key === "value" && isVariable(value)) return "…";
    return key === "name" ? "" : value;
  });

/** Every argument, in order. */
export function* givenOf(stages: readonly Stage[]): Generator<Given> {
  for (const stage of stages) {
    if (stage.kind === "residual") {
      yield* givenOf(stage.shortcut);
      yield* givenOf(stage.body);
    } else {
      yield* stage.given;
      if (stage.kind === "call") continue;
      for (const operand of stage.operands) {
        if (typeof operand !== "number") yield* givenOf(operand.stages);
      }
    }
  }
}

/** Blocks with more parameters than this are harder to read than what they stand for. */
const mostParameters = 8;

function isWorthwhile(group: readonly Sentence[]): boolean {
  const calls = [...callsOf(group[0]!)];
  const owning = calls.filter(({ owned }) => owned.length > 0).length;
  return (
    owning > 0 && group.length > 1 && calls.length * (group.length - 1) >= 4 && calls.length > 1
  );
}

/** Columns of arguments that differ between occurrences; equal columns share a parameter. */
function parametersOf(group: readonly Sentence[], free: FreeNames) {
  const rows = group.map((sentence) => [...givenOf(sentence)]);
  const names = new Map<string, string>();
  const asParameter = new Map<Given, string>();
  const columns: number[] = [];
  for (const [i, given] of rows[0]!.entries()) {
    const column = rows.map((row) => JSON.stringify(row[i]!.value));
    if (column.every((value) => value === column[0])) continue;
    const key = column.join("|");
    let name = names.get(key);
    if (name === undefined) {
      name = free.take(given.parameter);
      names.set(key, name);
      columns.push(i);
    }
    asParameter.set(given, name);
  }
  const values = rows.map((row) => columns.map((i) => row[i]!.value));
  return { parameters: [...names.values()], asParameter, values };
}

/** The part in front of the last dot that all labels share, and what is behind it. */
function splitLabels(labels: readonly string[]) {
  const [first = ""] = labels;
  for (let end = first.lastIndexOf("."); end > 0; end = first.lastIndexOf(".", end - 1)) {
    const prefix = first.slice(0, end + 1);
    if (labels.every((label) => label.startsWith(prefix))) {
      return { prefix: first.slice(0, end), inner: labels.map((label) => label.slice(end + 1)) };
    }
  }
  return undefined;
}

/** Labels of a block's occurrences: the source's where those fit together, else numbered ones. */
function labelsOf(
  group: readonly Sentence[],
  labels: ReadonlyMap<CallStage, string>,
  name: string,
  free: FreeNames,
) {
  const owning = group.map((sentence) =>
    [...callsOf(sentence)].filter(({ owned }) => owned.length > 0),
  );
  const parts = owning.map((calls) => splitLabels(calls.map((stage) => labels.get(stage)!)));
  const [first] = parts;
  const prefixes = new Set(parts.map((part) => part?.prefix));
  const isAlike = parts.every((part) => part && String(part.inner) === String(first?.inner));
  const areWords = first?.inner.every((label) => !/^[0-9]+$/.test(label));
  const fits = isAlike && areWords && prefixes.size === group.length;
  const own = new FreeNames();
  const inner = owning[0]!.map((stage, i) =>
    fits ? first!.inner[i]! : own.takeNumbered(stage.callee === "linear" ? "fc" : stage.callee),
  );
  const lower = name.charAt(0).toLowerCase() + name.slice(1);
  const word = /[0-9]$/.test(lower) ? `${lower}_` : lower;
  return {
    outer: parts.map((part) => (fits ? part!.prefix : free.takeNumbered(word))),
    inner: new Map(owning[0]!.map((stage, i) => [stage, inner[i]!])),
  };
}

/** A name for a piece, after what is in it. */
function nameFor(sentence: Sentence): string {
  const [first] = sentence;
  if (first?.kind === "residual") return "Residual";
  if (first?.kind === "merge") return first.callee === "mul" ? "Gate" : "Join";
  const callees = sentence.map((stage) => (stage.kind === "call" ? stage.callee : stage.kind));
  const words = callees.map((callee) => callee.split("_").map(capital).join(""));
  return words.length <= 4 ? words.join("") : "Stage";
}

const capital = (word: string): string => word.charAt(0).toUpperCase() + word.slice(1);

/**
 * The pieces of a model that occur several times, differing in numbers only. Pieces that read a value
 * by its name are left alone: a block sees no names of the model.
 */
export function findBlocks(
  sentences: readonly Sentence[],
  labels: ReadonlyMap<CallStage, string>,
  blockNames: FreeNames,
  parameterNames: () => FreeNames,
): Map<Sentence, Occurrence> {
  const groups = new Map<string, Sentence[]>();
  for (const sentence of sentences) {
    if (readsNames({ from: undefined, stages: sentence })) continue;
    const shape = shapeOf(sentence);
    groups.set(shape, [...(groups.get(shape) ?? []), sentence]);
  }
  const found = new Map<Sentence, Occurrence>();
  const free = new FreeNames(labels.values());
  for (const group of groups.values()) {
    if (!isWorthwhile(group)) continue;
    const { parameters, asParameter, values } = parametersOf(group, parameterNames());
    if (parameters.length > mostParameters) continue;
    const name = blockNames.take(nameFor(group[0]!));
    const { outer, inner } = labelsOf(group, labels, name, free);
    const block: Block = { name, parameters, sentence: group[0]!, asParameter, labels: inner };
    group.forEach((sentence, i) => {
      found.set(sentence, { block, label: outer[i]!, values: values[i]! });
    });
  }
  return found;
}
