import { statSync } from "node:fs";
import type { Form, TargetName } from "../codegen/package/declarations.js";
import type { WeightsPrecision } from "../codegen/plan/plan.js";
import type { CompileOptions } from "../compile-options.js";
import { nearest } from "../diagnostics/nearest.js";
import { CompileError, Report } from "../diagnostics/report.js";
import { FileReader } from "../files.js";
import { allPasses, type Level } from "../passes/pipeline.js";
import { readNpy } from "../weights/npy.js";
import type { Tensor } from "../weights/store.js";
import type { FlagName } from "./flags.js";
import { UsageError } from "./io.js";

/** A command's flags with their values checked. A wrong value is a usage error. */
export class FlagReader {
  constructor(private readonly values: ReadonlyMap<FlagName, readonly string[]>) {}

  has(name: FlagName): boolean {
    return this.values.has(name);
  }

  text(name: FlagName): string | undefined {
    return this.values.get(name)?.[0];
  }

  texts(name: FlagName): readonly string[] | undefined {
    return this.values.get(name);
  }

  /** Comma-separated values of a flag that may be given several times. */
  list(name: FlagName): readonly string[] | undefined {
    return this.values.get(name)?.flatMap((value) => value.split(","));
  }

  choice<T extends string>(name: FlagName, choices: readonly T[]): T | undefined {
    const text = this.text(name);
    if (text === undefined) return undefined;
    const found = choices.find((choice) => choice === text);
    if (found !== undefined) return found;
    const meant = nearest(text, choices);
    const hint = meant === undefined ? undefined : `did you mean ${meant}?`;
    throw new UsageError(`--${name} must be ${choices.join(", ")}, not '${text}'`, hint);
  }

  whole(name: FlagName, from: number): number | undefined {
    const text = this.text(name);
    if (text === undefined) return undefined;
    const value = /^\d+$/.test(text) ? Number(text) : Number.NaN;
    if (Number.isSafeInteger(value) && value >= from) return value;
    throw new UsageError(`--${name} must be a whole number from ${from}, not '${text}'`);
  }

  positive(name: FlagName): number | undefined {
    const text = this.text(name);
    if (text === undefined) return undefined;
    const value = /^[\d.]+(e[+-]?\d+)?$/i.test(text) ? Number(text) : Number.NaN;
    if (Number.isFinite(value) && value > 0) return value;
    throw new UsageError(`--${name} must be a number greater than 0, not '${text}'`);
  }

  /** `NAME=VALUE` pairs, each name once. */
  pairs(name: FlagName): readonly (readonly [string, string])[] | undefined {
    const names = new Set<string>();
    return this.values.get(name)?.map((text) => {
      const equals = text.indexOf("=");
      const [key, value] = [text.slice(0, equals), text.slice(equals + 1)];
      if (equals < 1 || value === "")
        throw new UsageError(`--${name} wants NAME=VALUE, not '${text}'`);
      if (names.has(key)) throw new UsageError(`--${name} ${key} was given twice`);
      names.add(key);
      return [key, value] as const;
    });
  }
}

/** The options that the flags ask for. */
export function readOptions(flags: FlagReader): CompileOptions {
  const options = {
    target: flags.choice<TargetName>("target", ["wasm", "ts"]),
    form: flags.choice<Form>("form", ["files", "inline", "module"]),
    batch: flags.whole("batch", 1),
    model: flags.text("model"),
    set: recordOf(flags.pairs("set")),
    weights: flags.text("weights"),
    init: readInit(flags),
    shapes: recordOf(flags.pairs("shape")?.map(([name, text]) => [name, readShape(text)] as const)),
    constants: readConstants(flags),
    level: readLevel(flags),
    tolerance: flags.positive("tolerance"),
    calibrate: readCalibration(flags),
    stopAfter: readPasses("stop-after", flags.texts("stop-after"))?.[0],
    disable: readPasses("disable", flags.list("disable")),
    maxRewrites: flags.whole("max-rewrites", 0),
    printAfter: readPasses("print-after", flags.list("print-after")),
    search: flags.has("search") ? true : undefined,
    verifyEach: flags.has("verify-each") ? true : undefined,
    winograd: flags.choice("winograd", ["off"]),
    tune: readTune(flags),
    weightsPrecision: flags.choice<WeightsPrecision>("weights-precision", ["f32", "f16"]),
    relaxed: flags.choice("relaxed", ["on", "off"]),
    decode: flags.has("decode") ? true : undefined,
    root: flags.text("root"),
  };
  const conflict = options.weights !== undefined && options.init !== undefined;
  if (conflict) throw new UsageError("--weights and --init cannot be given together");
  if (options.target === "ts" && options.form === "module") {
    throw new UsageError("--target ts has no --form module", "use files or inline");
  }
  return options;
}

/** A record without a prototype's names in the way. */
function recordOf<T>(
  pairs: readonly (readonly [string, T])[] | undefined,
): Readonly<Record<string, T>> | undefined {
  return pairs && Object.fromEntries(pairs);
}

function readTune(flags: FlagReader): CompileOptions["tune"] {
  const file = flags.text("tune");
  return file === "off" ? false : file;
}

function readLevel(flags: FlagReader): Level | undefined {
  const text = flags.choice("level", ["0", "1", "2"]);
  const levels: Readonly<Record<"0" | "1" | "2", Level>> = { 0: 0, 1: 1, 2: 2 };
  return text && levels[text];
}

function readInit(flags: FlagReader): CompileOptions["init"] {
  const kind = flags.choice("init", ["he", "zeros"]);
  const seed = flags.whole("seed", 0);
  if (kind === undefined && seed !== undefined) throw new UsageError("--seed needs --init he");
  return kind && { kind, seed: seed ?? 0 };
}

function readShape(text: string): readonly number[] {
  const sizes = text
    .split(",")
    .map((part) => (/^\d+$/.test(part.trim()) ? Number(part) : Number.NaN));
  if (sizes.every((size) => Number.isSafeInteger(size) && size >= 1)) return sizes;
  throw new UsageError(`--shape wants NAME=1,3,48,320, not '${text}'`);
}

function readPasses(
  flag: FlagName,
  names: readonly string[] | undefined,
): readonly string[] | undefined {
  const known = allPasses.map(({ name }) => name);
  for (const name of names ?? []) {
    if (known.includes(name)) continue;
    const meant = nearest(name, known);
    const hint =
      meant === undefined ? `the passes are ${known.join(" ")}` : `did you mean ${meant}?`;
    throw new UsageError(`--${flag}: there is no pass '${name}'`, hint);
  }
  return names;
}

function readConstants(flags: FlagReader): Readonly<Record<string, Tensor>> | undefined {
  const report = new Report();
  const read = flags.pairs("constant")?.map(([name, file]) => {
    const bytes = new FileReader(report).read(file);
    if (!bytes && !report.hasErrors) report.add("file-not-found", { path: file });
    return [name, bytes && readNpy(bytes, { file, report })] as const;
  });
  if (report.hasErrors) throw new CompileError(report.diagnostics);
  const tensors = read?.flatMap(([name, tensor]) => (tensor ? [[name, tensor] as const] : []));
  return recordOf(tensors);
}

/** The folder must be there; what is in it is read once the model's inputs are known. */
function readCalibration(flags: FlagReader): CompileOptions["calibrate"] {
  const folder = flags.text("calibrate");
  if (folder === undefined) return undefined;
  if (statSync(folder, { throwIfNoEntry: false })?.isDirectory()) return folder;
  throw new UsageError(`--calibrate: there is no folder '${folder}'`);
}
