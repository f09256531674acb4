import { nearest } from "../diagnostics/nearest.js";
import type { DefinitionItem, Expression, Parameter } from "./ast.js";
import { enumerate } from "./enumerate.js";
import type { Expansion } from "./expansion.js";
import { bool, type Datum, float, int, string, unknown } from "./values.js";

/** What a model's parameter can be set to from outside; text is read as the default's type. */
export type SetValue = number | boolean | string;

type Wanted = "int" | "float" | "bool" | "string" | "size" | "any";

/** The type that a default's way of writing asks for. */
function wantedBy(fallback: Expression | undefined): Wanted {
  switch (fallback?.kind) {
    case "number":
      return fallback.integer ? "int" : "float";
    case "boolean":
      return "bool";
    case "string":
    case "size":
      return fallback.kind;
    case "group":
      return wantedBy(fallback.inner);
    case "unary":
      return fallback.operator === "not" ? "bool" : wantedBy(fallback.operand);
    default:
      return "any";
  }
}

const phrases: Readonly<Record<Wanted, string>> = {
  int: "an int",
  float: "a number",
  bool: "true or false",
  string: "a string",
  size: "a size such as 3x3",
  any: "a number, true, false or a string",
};

const numeral = /^[+-]?(\d+(\.\d*)?|\.\d+)(e[+-]?\d+)?$/i;

function readNumber(value: number, wanted: Wanted): Datum | undefined {
  if (!Number.isFinite(value)) return undefined;
  if (wanted === "int") return Number.isSafeInteger(value) ? int(value) : undefined;
  if (wanted === "size") return { kind: "size", height: value, width: value };
  if (wanted === "bool" || wanted === "string") return undefined;
  return wanted === "float" || !Number.isSafeInteger(value) ? float(value) : int(value);
}

function readText(text: string, wanted: Wanted): Datum | undefined {
  if (wanted === "string") return string(text);
  const size = /^(\d{1,9})x(\d{1,9})$/.exec(text);
  if (size && (wanted === "size" || wanted === "any")) {
    return { kind: "size", height: Number(size[1]), width: Number(size[2]) };
  }
  if ((text === "true" || text === "false") && (wanted === "bool" || wanted === "any")) {
    return bool(text === "true");
  }
  if (numeral.test(text)) return readNumber(Number(text), wanted);
  return wanted === "any" ? string(text) : undefined;
}

function readValue(value: SetValue, wanted: Wanted): Datum | undefined {
  if (typeof value === "string") return readText(value, wanted);
  if (typeof value === "number") return readNumber(value, wanted);
  return typeof value === "boolean" && (wanted === "bool" || wanted === "any")
    ? bool(value)
    : undefined;
}

function setOne(x: Expansion, parameter: Parameter, value: SetValue): Datum {
  const wanted = wantedBy(parameter.default);
  const datum = readValue(value, wanted);
  if (datum) return datum;
  const name = parameter.name.text;
  const actual = typeof value === "string" ? JSON.stringify(value.slice(0, 60)) : String(value);
  const details = { name, wanted: phrases[wanted], actual };
  return x.fail("wrong-setting-type", details, parameter.span);
}

/** The values set from outside, as the model's parameters take them; every mistake is reported. */
export function setParameters(
  x: Expansion,
  model: DefinitionItem,
  set: Readonly<Record<string, SetValue>>,
): ReadonlyMap<string, Datum> {
  const values = new Map<string, Datum>();
  const known = model.parameters.map((parameter) => parameter.name.text);
  for (const name of Object.keys(set)) {
    if (known.includes(name)) continue;
    const details = { model: model.name.text, name, known: enumerate(known) };
    x.report.add("unknown-model-parameter", { ...details, nearest: nearest(name, known) });
    x.failed = true;
  }
  for (const parameter of model.parameters) {
    const name = parameter.name.text;
    const value = Object.hasOwn(set, name) ? set[name] : undefined;
    if (value !== undefined) values.set(name, setOne(x, parameter, value));
    else if (!parameter.default) {
      x.fail("model-parameter-unset", { model: model.name.text, name }, parameter.span);
      values.set(name, unknown);
    }
  }
  return values;
}
