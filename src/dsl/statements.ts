import { readAs } from "./arguments.js";
import { deferAssert } from "./asserts.js";
import type {
  Body,
  ForStatement,
  LabelsStatement,
  LetStatement,
  OutputStatement,
  RepeatStatement,
  Statement,
} from "./ast.js";
import type { Expansion, Frame } from "./expansion.js";
import { evaluate } from "./expressions.js";
import { deferGrants } from "./grants.js";
import { declareInput, takePort } from "./inputs.js";
import { whole } from "./operators/kinds.js";
import { declare } from "./reserved.js";
import { Scope } from "./scope.js";
import { labelText } from "./stages.js";
import {
  type Datum,
  describe,
  holdsTensor,
  isSequence,
  isUnknown,
  itemOf,
  lengthOf,
  listOf,
  unknown,
} from "./values.js";

/** Where a body has got to. */
interface Progress {
  /** The current value. */
  current: Datum | undefined;
  /** That of the last expression statement or loop. */
  value: Datum | undefined;
  /** A statement whose value is no tensor: fine as the last one only. */
  loose: Statement | undefined;
}

/** The value of a `{ … }`: of its last expression statement or loop, else the current value. */
export function runBody(x: Expansion, body: Body, frame: Frame): Datum {
  return runStatements(x, body, { ...frame, scope: new Scope(frame.scope) }) ?? unknown;
}

/** Runs statements in the frame's own scope; undefined when nothing arrived and none made a value. */
export function runStatements(x: Expansion, body: Body, frame: Frame): Datum | undefined {
  const progress: Progress = { current: frame.current, value: undefined, loose: undefined };
  x.enter(body.span);
  for (const statement of body.statements) {
    x.step(statement.span);
    const first = frame.place === "model" ? (frame.input ?? x.first) : frame.input;
    run(x, statement, { ...frame, current: progress.current, input: first }, progress);
  }
  x.leave();
  return progress.value ?? progress.current;
}

const isFlowing = (datum: Datum): boolean => isUnknown(datum) || holdsTensor(datum);

/** Makes the result of a statement the current value. */
function advance(x: Expansion, statement: Statement, value: Datum, progress: Progress): void {
  const { loose } = progress;
  if (loose && progress.value) {
    x.fail("number-as-statement", { actual: describe(progress.value) }, loose.span);
  }
  progress.value = value;
  progress.loose = isFlowing(value) ? undefined : statement;
  if (isFlowing(value)) progress.current = value;
}

/** A statement that moves the current value. */
function runFlow(x: Expansion, statement: Statement, frame: Frame): Datum | undefined {
  switch (statement.kind) {
    case "expression":
      return evaluate(x, statement.expression, frame);
    case "for":
      return runFor(x, statement, frame);
    case "repeat":
      return runRepeat(x, statement, frame);
    default:
      return undefined;
  }
}

function run(x: Expansion, statement: Statement, frame: Frame, progress: Progress): void {
  switch (statement.kind) {
    case "expression":
    case "for":
    case "repeat": {
      const value = runFlow(x, statement, frame);
      if (value) advance(x, statement, value, progress);
      break;
    }
    case "const":
      runConst(x, statement, frame);
      break;
    case "let":
      runLet(x, statement, frame);
      break;
    case "assert":
      deferAssert(x, statement, frame);
      break;
    case "optimize":
      deferGrants(x, statement, frame);
      break;
    case "output":
      runOutput(x, statement, frame);
      break;
    default:
      runModelStatement(x, statement, frame, progress);
  }
}

function runInput(
  x: Expansion,
  statement: Extract<Statement, { kind: "input" }>,
  frame: Frame,
  progress: Progress,
): void {
  const value = declareInput(x, statement, frame);
  if (x.first) return;
  x.first = value;
  progress.current = value;
}

/** `input`, `weights` and `labels`, which stand in models only. */
function runModelStatement(
  x: Expansion,
  statement: Extract<Statement, { kind: "input" | "weights" | "labels" }>,
  frame: Frame,
  progress: Progress,
): void {
  const isTop = frame.place === "model" && frame.scope === x.top;
  const fine = statement.kind === "input" ? isTop : frame.place === "model";
  if (!fine) {
    const allowed =
      statement.kind === "input"
        ? "directly in the body of a model"
        : "in a model, outside of blocks";
    x.fail("statement-misplaced", { statement: statement.kind, allowed }, statement.span);
  } else if (statement.kind === "input") runInput(x, statement, frame, progress);
  else if (statement.kind === "labels") runLabels(x, statement, frame);
  else if (x.weights || x.tensors)
    x.fail("statement-repeated", { statement: "weights" }, statement.span);
  else if (statement.tensors) x.tensors = statement.tensors;
  else x.weights = fileName(x, statement.path);
}

function fileName(x: Expansion, { value, span }: { value: string; span: Statement["span"] }) {
  const path = x.resolve(value, span);
  return path === undefined ? undefined : { path, span };
}

function runLabels(x: Expansion, { value, span }: LabelsStatement, frame: Frame): void {
  if (x.labels) {
    x.fail("statement-repeated", { statement: "labels" }, span);
    return;
  }
  if (value.kind === "string") {
    x.labels = fileName(x, value);
    return;
  }
  const labels = evaluate(x, value, { ...frame, fixed: "labels" });
  if (labels.kind !== "list" || isUnknown(labels)) return;
  const texts = labels.items.flatMap((item) => (item.kind === "string" ? item.value : []));
  if (texts.length === labels.items.length) x.labels = texts;
  else {
    const actual = describe(labels);
    const details = { where: "labels", wanted: "a file or a list of strings", actual };
    x.fail("wrong-value", details, value.span);
  }
}

function runConst(
  x: Expansion,
  { name, value }: Extract<Statement, { kind: "const" }>,
  frame: Frame,
): void {
  const datum = evaluate(x, value, frame);
  const isTensor = holdsTensor(datum);
  if (isTensor) {
    const lacksElse = value.kind === "if" && !value.otherwise;
    const advice = lacksElse ? "give the if an else" : `write let ${name.text} = …`;
    const details = { where: "a const", wanted: "known at compile time", actual: describe(datum) };
    x.fail("wrong-value", { ...details, advice }, value.span);
  }
  declare(x, frame.scope, name, isTensor ? unknown : datum);
}

function runLet(x: Expansion, { names, value }: LetStatement, frame: Frame): void {
  let datum = evaluate(x, value, frame);
  if (!isFlowing(datum)) {
    const advice = `write const ${names[0]?.text} = …`;
    const details = { where: "a let", wanted: "a tensor", actual: describe(datum), advice };
    datum = x.fail("wrong-value", details, value.span);
  }
  const [only] = names;
  if (names.length === 1 && only) {
    declare(x, frame.scope, only, datum);
    return;
  }
  const fits = datum.kind === "list" && datum.items.length === names.length;
  if (!fits && !isUnknown(datum)) {
    const details = { names: names.length, actual: describe(datum) };
    x.fail("pattern-does-not-fit", details, value.span);
  }
  names.forEach((name, index) => {
    declare(x, frame.scope, name, fits ? itemOf(datum, index) : unknown);
  });
}

function runOutput(x: Expansion, { label, value, span }: OutputStatement, frame: Frame): void {
  const name = labelText(x, label, frame);
  const datum = value ? evaluate(x, value, frame) : frame.current;
  if (frame.place === "file" || name === undefined) return;
  takePort(x, "output", name, label.span);
  if (!datum) {
    x.fail("nothing-arrives", { what: `output ${name}` }, span);
    return;
  }
  if (datum.kind === "tensor") x.outputs.push({ name, value: datum.tensor });
  else if (!isUnknown(datum)) {
    const details = { where: `output '${name}'`, wanted: "one tensor", actual: describe(datum) };
    x.fail("wrong-value", details, value?.span ?? span);
  }
}

const passCost = 4;

/** One pass of a loop; undefined ends it. */
function pass(
  x: Expansion,
  statement: ForStatement | RepeatStatement,
  frame: Frame,
  current: Datum | undefined,
): Datum | undefined {
  x.step(statement.span, passCost);
  const inner = { ...frame, current, scope: new Scope(frame.scope) };
  const value = runStatements(x, statement.body, inner);
  if (!value || isFlowing(value)) return value;
  const details = {
    where: "the value of a loop's body",
    wanted: "a tensor",
    actual: describe(value),
  };
  return x.fail("wrong-value", details, statement.body.span);
}

function runRepeat(x: Expansion, statement: RepeatStatement, frame: Frame): Datum | undefined {
  const about = { parameter: "count", callee: "repeat", span: statement.count.span };
  const count = readAs(x, whole(0), evaluate(x, statement.count, frame), about);
  if (!count) return unknown;
  let { current } = frame;
  for (let index = 0; index < count.value; index++) {
    current = pass(x, statement, { ...frame, repeating: true }, current);
  }
  return current;
}

function bindPattern(x: Expansion, statement: ForStatement, item: Datum, scope: Scope): void {
  const { names, destructures } = statement;
  const items = destructures ? item : listOf([item]);
  const fits = isSequence(items) && lengthOf(items) === names.length;
  if (!fits && !isUnknown(items)) {
    const details = { names: names.length, actual: describe(item) };
    x.fail("pattern-does-not-fit", details, statement.list.span);
  }
  names.forEach((name, index) => {
    declare(x, scope, name, fits ? itemOf(items, index) : unknown);
  });
}

function runFor(x: Expansion, statement: ForStatement, frame: Frame): Datum | undefined {
  const list = evaluate(x, statement.list, frame);
  if (!isSequence(list)) {
    if (isUnknown(list)) return unknown;
    const details = {
      where: "what for goes through",
      wanted: "a list or a range",
      actual: describe(list),
    };
    return x.fail("wrong-value", details, statement.list.span);
  }
  let { current } = frame;
  for (let index = 0; index < lengthOf(list); index++) {
    const scope = new Scope(frame.scope);
    bindPattern(x, statement, itemOf(list, index), scope);
    current = pass(x, statement, { ...frame, scope }, current);
  }
  return current;
}
