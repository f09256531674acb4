import type {
  Argument as ArgumentSyntax,
  Expression,
  StageExpression,
  Statement,
} from "../../dsl/ast.js";
import {
  makeArgument,
  makeBody,
  makeBoolean,
  makeCall,
  makeCurrent,
  makeDefinition,
  makeLet,
  makeList,
  makeNumber,
  makeOutput,
  makePipeline,
  makeResidual,
  makeSize,
  makeStatement,
} from "../../dsl/make-syntax.js";
import { type Block, type Occurrence, type Sentence, sentencesOf } from "./find-blocks.js";
import type { Argument, CallStage, Given, Line, Pipe, Stage } from "./sketch.js";

/** What stages are called, and which of them are blocks. */
interface Scope {
  readonly labels: ReadonlyMap<CallStage, string>;
  /** Arguments that are a block's parameters. */
  readonly asParameter: ReadonlyMap<Given, string>;
  readonly occurrences: ReadonlyMap<Sentence, Occurrence>;
}

function valueSyntax(value: Argument): Expression {
  switch (value.kind) {
    case "number":
      return makeNumber(value.value);
    case "size":
      return makeSize(value.height, value.width);
    case "list":
      return makeList("tuple", value.items.map(makeNumber));
    case "word":
      return makeCall(value.value);
    case "boolean":
      return makeBoolean(value.value);
  }
}

function givenSyntax(given: Given, { asParameter }: Scope): ArgumentSyntax {
  const parameter = asParameter.get(given);
  const value = parameter === undefined ? valueSyntax(given.value) : makeCall(parameter);
  return makeArgument(value, given.byName ? given.parameter : undefined);
}

function stageSyntax(stage: Stage, scope: Scope): StageExpression {
  if (stage.kind === "residual") {
    const [first, ...others] = stage.shortcut.map((part) => stageSyntax(part, scope));
    const shortcut = first && makePipeline(first, others);
    return makeResidual(makeBody(statementsOf(stage.body, scope)), shortcut);
  }
  const given = stage.given.map((argument) => givenSyntax(argument, scope));
  if (stage.kind === "call") return makeCall(stage.callee, given, scope.labels.get(stage));
  const operands = stage.operands.map((operand) =>
    makeArgument(typeof operand === "number" ? makeNumber(operand) : pipeSyntax(operand, scope)),
  );
  return makeCall(stage.callee, [...operands, ...given]);
}

/** The stages of a sentence: those written, or a call of the block that it is an occurrence of. */
function sentenceSyntax(sentence: Sentence, scope: Scope): StageExpression[] {
  const occurrence = scope.occurrences.get(sentence);
  if (!occurrence) return sentence.map((stage) => stageSyntax(stage, scope));
  const values = occurrence.values.map((value) => makeArgument(valueSyntax(value)));
  return [makeCall(occurrence.block.name, values, occurrence.label)];
}

const chain = ([first, ...others]: readonly StageExpression[]): Expression =>
  first ? makePipeline(first, others) : makeCurrent("it");

/** A pipeline in one expression. */
function pipeSyntax({ from, stages }: Pipe, scope: Scope): Expression {
  const parts = stages.map((stage) => stageSyntax(stage, scope));
  return from === undefined ? chain(parts) : makePipeline(makeCall(from), parts);
}

const statementsOf = (stages: readonly Stage[], scope: Scope): Statement[] =>
  sentencesOf(stages).map((sentence) => makeStatement(chain(sentenceSyntax(sentence, scope))));

/** One line as statements; `sentences` are the line's own where it becomes the current value. */
function lineSyntax(line: Line, sentences: readonly Sentence[], scope: Scope): Statement[] {
  if (line.kind === "stages") {
    const { from } = line.pipe;
    return sentences.map((sentence, i) => {
      const parts = sentenceSyntax(sentence, scope);
      const isStart = i === 0 && from !== undefined;
      return makeStatement(isStart ? makePipeline(makeCall(from), parts) : chain(parts));
    });
  }
  if (line.kind === "let") return [makeLet(line.names, pipeSyntax(line.pipe, scope))];
  const { from, stages } = line.pipe;
  const isCurrent = from === undefined && stages.length === 0;
  return [makeOutput(line.name, isCurrent ? undefined : pipeSyntax(line.pipe, scope))];
}

const none = new Map<never, never>();

/** A block's definition. */
export function blockSyntax({ name, parameters, sentence, asParameter, labels }: Block) {
  const scope: Scope = { labels, asParameter, occurrences: none };
  const [only, ...others] = sentence;
  const isOne = only !== undefined && others.length === 0;
  const statements = isOne
    ? [makeStatement(stageSyntax(only, scope))]
    : [makeStatement(chain(sentence.map((stage) => stageSyntax(stage, scope))))];
  return makeDefinition("block", name, parameters, statements);
}

/** The statements of the model's body behind its inputs. */
export function linesSyntax(
  lines: readonly Line[],
  sentences: ReadonlyMap<Line, readonly Sentence[]>,
  labels: ReadonlyMap<CallStage, string>,
  occurrences: ReadonlyMap<Sentence, Occurrence>,
): Statement[] {
  const scope: Scope = { labels, asParameter: none, occurrences };
  return lines.flatMap((line) => lineSyntax(line, sentences.get(line) ?? [], scope));
}
