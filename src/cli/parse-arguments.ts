import { parseArgs } from "node:util";
import { nearest } from "../diagnostics/nearest.js";
import { type FlagName, flagOf } from "./flags.js";
import { UsageError } from "./io.js";

/** A command line taken apart: flags by name, each with the values it was given, and the rest. */
export interface Arguments {
  readonly values: ReadonlyMap<FlagName, readonly string[]>;
  readonly positionals: readonly Positional[];
}

/** An argument that is no flag, and the flag with a value that was given last before it. */
export interface Positional {
  readonly text: string;
  readonly after: FlagName | undefined;
}

/** Takes arguments apart. Unknown flags, missing values and values too many are usage errors. */
export function parseArguments(argv: readonly string[], known: readonly FlagName[]): Arguments {
  const { tokens } = parseArgs({
    args: [...argv],
    options: Object.fromEntries(known.map((name) => [name, optionOf(name)])),
    strict: false,
    allowPositionals: true,
    tokens: true,
  });
  const values = new Map<FlagName, readonly string[]>();
  const positionals: Positional[] = [];
  let after: FlagName | undefined;
  for (const token of tokens) {
    if (token.kind === "positional") positionals.push({ text: token.value, after });
    if (token.kind !== "option") continue;
    const name = checkFlag(token.name, token.rawName, known);
    checkValue(name, token.value, values.has(name));
    values.set(name, [...(values.get(name) ?? []), token.value ?? ""]);
    if (token.value !== undefined) after = name;
  }
  return { values, positionals };
}

function optionOf(name: FlagName) {
  const { value, short } = flagOf(name);
  const type = value === undefined ? ("boolean" as const) : ("string" as const);
  return { type, multiple: true, ...(short === undefined ? {} : { short }) };
}

function checkFlag(name: string, written: string, known: readonly FlagName[]): FlagName {
  const found = known.find((flag) => flag === name);
  if (found) return found;
  const meant = nearest(name, known);
  const hint = meant === undefined ? undefined : `did you mean --${meant}?`;
  throw new UsageError(`there is no flag ${written} here`, hint);
}

function checkValue(name: FlagName, value: string | undefined, again: boolean): void {
  const flag = flagOf(name);
  if (flag.value === undefined && value !== undefined) {
    throw new UsageError(`--${name} takes no value`, `write --${name} alone`);
  }
  if (flag.value !== undefined && (value === undefined || value === "")) {
    throw new UsageError(`--${name} needs a value`, `write --${name}=${flag.value}`);
  }
  if (again && !flag.many) throw new UsageError(`--${name} was given twice`);
}
