import { nearest } from "../diagnostics/nearest.js";
import type { Report } from "../diagnostics/report.js";
import type { DefinitionItem } from "./ast.js";
import { enumerate } from "./enumerate.js";
import type { Module } from "./module.js";

/** The model that was asked for by name, or the only one; reported when that is none. */
export function pickModel(
  { models, path }: Module,
  name: string | undefined,
  report: Report,
): DefinitionItem | undefined {
  const names = models.map((model) => model.name.text);
  const known = enumerate(names);
  const [only, second] = models;
  if (!only) {
    report.add("no-model", { file: path });
    return undefined;
  }
  if (name === undefined) {
    if (!second) return only;
    report.add("several-models", { known }, { span: second.name.span });
    return undefined;
  }
  const found = models.find((model) => model.name.text === name);
  if (!found) report.add("unknown-model", { name, known, nearest: nearest(name, names) });
  return found;
}
