import type { Span } from "../diagnostics/diagnostic.js";
import type { ImageSettings, Value as Tensor } from "../ir/graph.js";
import { sizeOf } from "../ir/types.js";
import { readAs } from "./arguments.js";
import type { Identifier, InputStatement } from "./ast.js";
import { type Expansion, type Frame, maxElements } from "./expansion.js";
import { evaluate } from "./expressions.js";
import { readInputSettings } from "./image-settings.js";
import { attempt } from "./merges.js";
import { type BatchSize, whole } from "./operators/kinds.js";
import { declare } from "./reserved.js";
import { labelText, printLabel } from "./stages.js";
import { type Datum, printBatch, printShape, tensorOf, unknown } from "./values.js";

const maxAxes = 5;
export const keywords: ReadonlySet<string> = new Set(
  (
    "import const block model input output weights labels assert optimize let if else for in it " +
    "repeat residual and or not true false"
  ).split(" "),
);

function inputShape(x: Expansion, statement: InputStatement, frame: Frame): number[] | undefined {
  const shape: number[] = [];
  for (const size of statement.shape) {
    const about = { parameter: "a size", callee: "the input", span: size.span };
    const read = readAs(x, whole(1), evaluate(x, size, frame), about);
    if (read) shape.push(read.value);
  }
  if (shape.length < statement.shape.length) return undefined;
  const op = `input ${printLabel(statement.label)}`;
  if (shape.length > maxAxes) {
    x.fail("too-many-axes", { op, shape: printShape(shape), limit: maxAxes }, statement.span);
    return undefined;
  }
  if (sizeOf(shape) <= maxElements) return shape;
  x.fail("tensor-too-large", { op, shape: printShape(shape), limit: maxElements }, statement.span);
  return undefined;
}

/** The input's whole shape: its batch, the model's unless its settings give another, in front. */
function wholeShape(
  x: Expansion,
  statement: InputStatement,
  shape: readonly number[],
  batch: BatchSize = x.batch,
): readonly number[] | undefined {
  if (batch === "none") {
    if (shape.length === 0) return [];
    const why = "batch=none is for a single number: its shape is []";
    x.fail("arguments-clash", { callee: "the input", why }, statement.span);
    return undefined;
  }
  if (sizeOf(shape) * batch <= maxElements) return [batch, ...shape];
  const op = `input ${printLabel(statement.label)}`;
  const details = { op, shape: printBatch(batch, printShape(shape)), limit: maxElements };
  x.fail("tensor-too-large", details, statement.span);
  return undefined;
}

/** Takes the name of an input or output; reported when another has it. */
export function takePort(
  x: Expansion,
  what: "input" | "output",
  name: string,
  span: Span,
): boolean {
  const key = `${what} ${name}`;
  const first = x.ports.get(key);
  const notes = first ? [{ message: "the first one is here", span: first }] : [];
  if (first) x.fail("port-taken", { what, name }, span, notes);
  else x.ports.set(key, span);
  return first === undefined;
}

function perChannel(
  x: Expansion,
  values: readonly number[],
  rank: number,
  span: Span,
): Tensor | undefined {
  const behind = [values.length, ...Array<number>(Math.max(0, rank - 1)).fill(1)];
  const shape = [1, ...behind.slice(0, rank)];
  const attrs = { role: "literal", shape, data: Float32Array.from(values) } as const;
  return x.node("constant", {}, attrs, { name: "", span }).results[0];
}

/** Bytes as the numbers that the settings say: `(low + byte / 255 · (high - low) - mean) / std`. */
function fromBytes(
  x: Expansion,
  bytes: Tensor,
  { mean, std, range: [low, high] }: ImageSettings,
  span: Span,
): Tensor | undefined {
  const rank = Math.max(0, bytes.type.shape.length - 1);
  const scale = perChannel(
    x,
    std.map((s) => (high - low) / 255 / s),
    rank,
    span,
  );
  const shift = perChannel(
    x,
    std.map((s, c) => (low - (mean[c] ?? 0)) / s),
    rank,
    span,
  );
  if (!scale || !shift) return undefined;
  const origin = { name: "", span };
  const input = x.node("cast", { input: bytes }, { to: "f32" }, origin).results[0]!;
  const scaled = { left: input, right: scale };
  const left = x.node("binary", scaled, { fn: "mul" }, origin).results[0]!;
  return x.node("binary", { left, right: shift }, { fn: "add" }, origin).results[0];
}

/** For bytes the graph applies mean, std and range itself, so a picture becomes plain bytes. */
const asBytes = (settings: ImageSettings): ImageSettings => ({
  ...settings,
  mean: settings.mean.map(() => 0),
  std: settings.std.map(() => 1),
  range: [0, 255],
});

function makeInput(x: Expansion, statement: InputStatement, name: string, frame: Frame): Datum {
  const shape = inputShape(x, statement, frame);
  if (!shape) return unknown;
  const { element, span } = statement;
  const { settings, picture, batch } = readInputSettings(x, statement, shape, frame);
  const whole = wholeShape(x, statement, shape, batch);
  if (!whole) return unknown;
  const type = { element, shape: whole };
  const value = attempt(
    x,
    span,
    "input",
    () => x.node("input", {}, { name, type }, { name, span }).results[0]!,
  );
  if (!value) return unknown;
  const image = element === "u8" ? asBytes(settings) : settings;
  x.inputs.push({ name, value, ...(picture ? { image } : {}) });
  const read = element === "u8" ? fromBytes(x, value, settings, span) : value;
  return read ? tensorOf(read) : unknown;
}

/** The identifier that an input is reached by: its alias, or its name unless that is no identifier. */
function nameOf(statement: InputStatement, name: string): Identifier | undefined {
  if (statement.alias) return statement.alias;
  if (statement.label.quoted || keywords.has(name)) return undefined;
  return { text: name, span: statement.label.span };
}

/** `input name: type { settings }`: an input of the graph, named in the scope. */
export function declareInput(x: Expansion, statement: InputStatement, frame: Frame): Datum {
  const name = labelText(x, statement.label, frame);
  if (name === undefined) return unknown;
  if (!takePort(x, "input", name, statement.label.span)) return unknown;
  const value = makeInput(x, statement, name, frame);
  const identifier = nameOf(statement, name);
  const hint = "keep the input's name and give it another one here: input name as other: …";
  if (identifier) declare(x, frame.scope, identifier, value, statement.alias ? undefined : hint);
  return value;
}
