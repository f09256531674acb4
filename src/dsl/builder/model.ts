import { CompileError, Report } from "../../diagnostics/report.js";
import type { HandedTensors, InputStatement, SourceFile, Statement } from "../ast.js";
import { print } from "../format.js";
import { languageNames } from "../language-names.js";
import {
  makeCall,
  makeDefinition,
  makeFile,
  makeIdentifier,
  makeInput,
  makeOutput,
  makeWeights,
} from "../make-syntax.js";
import { parse } from "../parse.js";
import { argumentsOf, dataOf, refuse, wordOf } from "./refuse.js";
import { Room, within } from "./room.js";
import type { Shape } from "./shapes.js";
import { Value } from "./value.js";

/** How pictures and bytes become an input. */
export interface ImageSettings {
  readonly mean?: number | readonly number[];
  readonly std?: number | readonly number[];
  readonly range?: readonly [low: number, high: number];
  readonly order?: "rgb" | "bgr";
  readonly resize?: "stretch" | "cover" | "contain";
}

/** An input's type. */
export interface InputType<S extends Shape> {
  readonly element: InputStatement["element"];
  readonly shape: S;
  readonly settings: ImageSettings;
  /** The same type with settings for pictures. */
  with(settings: ImageSettings): InputType<S>;
}

const inputType = <S extends Shape>(
  element: InputStatement["element"],
  shape: S,
  settings: ImageSettings = {},
): InputType<S> => ({
  element,
  shape,
  settings,
  with: (more) => inputType(element, shape, { ...settings, ...more }),
});

/** An input of 32-bit floats: `f32(3, 224, 224)` is channels, height, width. */
export const f32 = <const S extends Shape>(...shape: S): InputType<S> => inputType("f32", shape);

/** An input of bytes. */
export const u8 = <const S extends Shape>(...shape: S): InputType<S> => inputType("u8", shape);

/** A line of `optimize`: what the compiler may do, and within which error. */
export type OptimizeLine = readonly [
  name: "separate" | "stack" | "prune" | "calibrate" | "verify" | "winograd" | "precision",
  ...given: (string | { readonly within: number })[],
];

/** What else a model says. */
export interface ModelOptions {
  /** A `.safetensors` file, or tensors by parameter path. */
  readonly weights?: string | HandedTensors;
  /** A file, or the names of the output's elements. */
  readonly labels?: string | readonly string[];
  readonly optimize?: readonly OptimizeLine[];
}

/** Inputs by name. */
export type InputTypes = Readonly<Record<string, InputType<Shape>>>;

/** The values that a model's function gets. */
export type InputValues<I extends InputTypes> = {
  readonly [N in keyof I]: I[N] extends InputType<infer S> ? Value<S> : never;
};

/**
 * A model as a syntax tree, the same as of a file: its function takes the inputs and gives the outputs.
 * Stages are numbered in the order in which values are made. Mistakes are shown in the printed text.
 */
export function model<const I extends InputTypes>(
  name: string,
  inputs: I,
  build: (values: InputValues<I>) => Readonly<Record<string, Value<Shape>>>,
  options: ModelOptions = {},
): SourceFile {
  const statements = within(roomFor(inputs), (room) => {
    const values = inputValues(inputs, room);
    const outputs: unknown = Reflect.apply(build, undefined, [Object.fromEntries(values)]);
    return [
      ...optionStatements(options),
      ...values.map(([label, value]) => inputOf(label, value, inputs)),
      ...outputStatements(outputs, room),
    ];
  });
  const written = makeFile([makeDefinition("model", wordOf(name), [], statements)]);
  return readBack(name, written, options);
}

const roomFor = (inputs: InputTypes): Room =>
  new Room(undefined, [...languageNames, ...Object.keys(inputs)]);

/** An input's own name where the language lets it name a value, else another. */
function aliasOf(label: string, index: number): string {
  const isFree = /^[A-Za-z_][A-Za-z0-9_]*$/.test(label) && !languageNames.has(label);
  return isFree ? label : `input_${index}`;
}

function inputValues(inputs: InputTypes, room: Room): (readonly [string, Value<Shape>])[] {
  return Object.keys(inputs).map((label, index) => {
    const name = aliasOf(label, index);
    return [label, new Value<Shape>({ kind: "input", name }, room)];
  });
}

function inputOf(label: string, { origin }: Value<Shape>, inputs: InputTypes): InputStatement {
  const type = inputs[label];
  const alias = origin.kind === "input" ? origin.name : label;
  if (!type || (type.element !== "f32" && type.element !== "u8")) {
    return refuse(type, "an input is f32(…) or u8(…)");
  }
  const made = makeInput(label, alias, type.element, []);
  const settings = Object.entries(type.settings).map(([setting, value]) => ({
    name: makeIdentifier(wordOf(setting)),
    value: dataOf(value),
    span: made.span,
  }));
  return { ...made, shape: type.shape.map(dataOf), settings };
}

function outputStatements(outputs: unknown, room: Room): Statement[] {
  if (typeof outputs !== "object" || outputs === null || outputs instanceof Promise) {
    return refuse(outputs, "the function of a model gives its outputs, values by name");
  }
  const named = Object.entries(outputs).map(([label, value]): readonly [string, Value<Shape>] =>
    value instanceof Value ? [label, value] : refuse(value, `the output ${label} is a value`),
  );
  const { statements, write } = room.results(named.map(([, value]) => value));
  return [...statements, ...named.map(([label, value]) => makeOutput(label, write(value)))];
}

function optionStatements({ weights, labels, optimize = [] }: ModelOptions): Statement[] {
  const statements: Statement[] = [];
  const { span } = makeIdentifier("");
  if (typeof weights === "string") statements.push(makeWeights(weights));
  if (labels !== undefined) {
    const value = dataOf(labels);
    if (value.kind === "string" || value.kind === "list") {
      statements.push({ kind: "labels", value, span });
    }
  }
  const lines = optimize.map(([name, ...given]) => makeCall(wordOf(name), argumentsOf(given)));
  if (lines.length > 0) statements.push({ kind: "optimize", lines, span });
  return statements;
}

/** The tree of the printed text, whose places lie in that. */
function readBack(name: string, written: SourceFile, { weights }: ModelOptions): SourceFile {
  const file = `<model ${name}>`;
  const text = print({ ...written, file });
  const report = new Report();
  const source = parse(file, text, report);
  if (report.hasErrors) throw new CompileError(report.diagnostics);
  const items = source.items.map((item) => {
    if (item.kind !== "model" || typeof weights !== "object") return item;
    const statement = { ...makeWeights("tensors"), tensors: weights, span: item.name.span };
    return { ...item, body: { ...item.body, statements: [statement, ...item.body.statements] } };
  });
  return { ...source, file: "", items, sources: new Map([[file, text]]) };
}
