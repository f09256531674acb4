import type { StageExpression } from "../ast.js";
import {
  makeBody,
  makeCall,
  makeLabel,
  makePipeline,
  makeResidual,
  makeStatement,
} from "../make-syntax.js";
import { merges } from "../merges.js";
import { operators } from "../operators/index.js";
import { argumentsOf, isRecord, refuse } from "./refuse.js";
import type { Shape } from "./shapes.js";
import { type AnyStage, Value, type Written, writes, writtenOf } from "./value.js";

/** A stage as a function of what arrives, which can be given a label. */
export interface LooseStage {
  (input: Value<Shape>): unknown;
  as(label: string): LooseStage;
}

/** A stage that writes an expression. */
export function makeStage(written: Written): LooseStage {
  const stage = (input: Value<Shape>): unknown => input.pipe(stage);
  const as = (label: string) =>
    makeStage({ ...written, expression: labelled(label, written.expression) });
  writes(stage, written);
  return Object.assign(stage, { as });
}

function labelled(label: string, expression: StageExpression): StageExpression {
  return { ...expression, label: makeLabel(label) };
}

/** How many results a call of an operator has, where those are several. */
function partsOf(name: string, given: readonly unknown[]): number | undefined {
  if (name !== "split") return undefined;
  const [first] = given;
  const parts = isRecord(first) ? first.parts : first;
  if (Array.isArray(parts)) return parts.length;
  return typeof parts === "number" && parts >= 1 && parts <= 64 && Number.isInteger(parts)
    ? parts
    : refuse(parts, "split takes the number of parts, from 1 to 64, or a list of their sizes");
}

/**
 * An operator as a function of its arguments, the optional ones by name in a record at the end. One
 * without required arguments is a stage itself, and takes them by `with`.
 */
function combinatorOf(name: string) {
  const call = (...given: readonly unknown[]): LooseStage =>
    makeStage({ expression: makeCall(name, argumentsOf(given)), parts: partsOf(name, given) });
  const combinator = (...given: readonly unknown[]): unknown => {
    const [first, more] = given;
    return first instanceof Value && more === undefined ? first.pipe(call()) : call(...given);
  };
  writes(combinator, { expression: makeCall(name) });
  const as = (label: string) => call().as(label);
  return Object.assign(combinator, { as, with: call });
}

/** A merge as a function of its operands; `concat` takes its axis in a record at the end. */
function mergeOf(callee: string) {
  return (...given: readonly unknown[]): Value<Shape> => {
    const last = given.at(-1);
    const named = isRecord(last) ? argumentsOf([last]) : [];
    const operands = (isRecord(last) ? given.slice(0, -1) : given).map((operand) =>
      operand instanceof Value || typeof operand === "number"
        ? operand
        : refuse(operand, `${callee} takes values and numbers`),
    );
    return new Value<Shape>({ kind: "merge", callee, operands, named });
  };
}

/** Every operator and merge of the language, by its name. */
export const table: Readonly<Record<string, unknown>> = Object.fromEntries([
  ...[...operators.keys()].map((name) => [name, combinatorOf(name)] as const),
  ...[...merges.keys()].map((name) => [name, mergeOf(name)] as const),
]);

/** Stages in order as one: alone as it is, several as a body. */
export function joined(stages: readonly AnyStage[]): StageExpression {
  const written = stages.map((stage) => writtenOf(stage).expression);
  const [first, ...rest] = written;
  if (!first) return refuse(undefined, "there is at least one stage");
  if (rest.length === 0) return first;
  const body = makeBody([makeStatement(makePipeline(first, rest))]);
  return { kind: "body", label: undefined, body, span: body.span };
}

/** Gives stages a label, which is the path of what they hold. */
export const labelStages = (name: string, stages: readonly AnyStage[]): LooseStage =>
  makeStage({ expression: labelled(name, joined(stages)) });

/** `residual { … }`, with the pipeline of its shortcut where there is one. */
export function residualOf(body: readonly AnyStage[], shortcut?: readonly AnyStage[]): LooseStage {
  const inner = joined(body);
  const held =
    inner.kind === "body" && !inner.label ? inner.body : makeBody([makeStatement(inner)]);
  return makeStage({ expression: makeResidual(held, shortcut && joined(shortcut)) });
}
